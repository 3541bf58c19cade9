"""Formats that only one program opens, as CAJ from CNKI: named, with that program, which can print a PDF.

Signatures are those that free converters look for. Text is never one of these, whatever its first letters.
"""

from __future__ import annotations

from ingest_tools.formats.text import looks_like_text
from ingest_tools.rejections import RejectedError

_CAJVIEWER, _SUPERSTAR = "CAJViewer", "超星阅览器 SSReader"
_APABI, _OFD = "方正 Apabi Reader", "数科阅读器"
_SIGNATURES = {
    b"CAJ": ("CAJ", _CAJVIEWER),
    b"HN": ("NH", _CAJVIEWER),
    b"NH": ("NH", _CAJVIEWER),
    b"KDH ": ("KDH", _CAJVIEWER),
    b"TEB": ("TEB", _CAJVIEWER),
    b"\xc8\0\0\0": ("CAJ", _CAJVIEWER),
    b"HH\x02\0": ("PDG", _SUPERSTAR),
    b"Founder CEB": ("CEB", _APABI),
    b"CEBX": ("CEBX", _APABI),
    b"ITSF": ("CHM", "hh.exe"),
    b"ITOLITLS": ("LIT", "Microsoft Reader"),
}
SUFFIXES = {
    ".caj": ("CAJ", _CAJVIEWER),
    ".nh": ("NH", _CAJVIEWER),
    ".kdh": ("KDH", _CAJVIEWER),
    ".caa": ("CAA", _CAJVIEWER),
    ".teb": ("TEB", _CAJVIEWER),
    ".pdg": ("PDG", _SUPERSTAR),
    ".pdz": ("PDZ", _SUPERSTAR),
    ".uvz": ("UVZ", _SUPERSTAR),
    ".ceb": ("CEB", _APABI),
    ".cebx": ("CEBX", _APABI),
    ".ofd": ("OFD", _OFD),
}
LICENCES = frozenset((".acsm", ".lcpl"))  # permissions to fetch a protected book, in the place of the book
PAGES = (".pdg", ".jpg", ".dat", ".txt", ".ini", ".bkm")  # of a book of pages in PDG, packed in a zip


def refuse(head: bytes, suffix: str) -> None:
    """Raise `RejectedError` for a file whose first bytes, or whose name, are of such a format.

    A PDF under one of these names is one: CNKI gives many.
    """
    if suffix in LICENCES:
        raise RejectedError("drm", suffix[1:].upper())
    if b"%PDF-" in head[:16]:
        return
    detected = next((form for signature, form in _SIGNATURES.items() if head.startswith(signature)), None)
    if detected is None or looks_like_text(head):
        detected = SUFFIXES.get(suffix)
    if detected is not None:
        raise RejectedError("reader_format", ", ".join(detected))


def refuse_members(paths: set[str]) -> None:
    """Raise `RejectedError` for a zip archive that holds such a document; `paths` are in lower case."""
    if "ofd.xml" in paths:
        raise RejectedError("reader_format", ", ".join(SUFFIXES[".ofd"]))
    files = {path for path in paths if not path.endswith("/")}
    if any(path.endswith(".pdg") for path in files) and all(path.endswith(PAGES) for path in files):
        raise RejectedError("reader_format", ", ".join(SUFFIXES[".uvz"]))
