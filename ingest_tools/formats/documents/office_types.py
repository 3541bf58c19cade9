"""What kind of office document a file is, and whether it is encrypted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingest_tools.formats.documents import rich_text
from ingest_tools.rejections import RejectedError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of Office before 2007, and of encrypted files of any year ([MS-CFB])
_HEAD = 1 << 16
_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTED_DOC, _ENCRYPTED_PPT, _FILE_PASS = 0x0100, b"\xdf\xc4\xd1\xf3", 0x2F
_FIRST_RECORDS = 50


@dataclass(frozen=True)
class OfficeType:
    """A kind of document: the suffix by which LibreOffice knows it, and its media type."""

    suffix: str
    media_type: str


OPENXML = "application/vnd.openxmlformats-officedocument"
_OPENDOCUMENT = "application/vnd.oasis.opendocument"
RICH_TEXT = OfficeType(".rtf", "application/rtf")
_WORD_2003 = OfficeType(".xml", "application/vnd.ms-word.2003")
_STREAMS = {
    "WordDocument": OfficeType(".doc", "application/msword"),
    "PowerPoint Document": OfficeType(".ppt", "application/vnd.ms-powerpoint"),
    "Workbook": OfficeType(".xls", "application/vnd.ms-excel"),
    "Book": OfficeType(".xls", "application/vnd.ms-excel"),
    "MatOST": OfficeType(".wps", "application/vnd.ms-works"),
}
_PARTS = {  # some programs number the main part
    re.compile(r"ppt/presentation\d*\.xml", re.IGNORECASE): OfficeType(
        ".pptx", f"{OPENXML}.presentationml.presentation"
    ),
    re.compile(r"xl/workbook\d*\.xml", re.IGNORECASE): OfficeType(".xlsx", f"{OPENXML}.spreadsheetml.sheet"),
}
_KINDS = {"text": ".odt", "presentation": ".odp", "spreadsheet": ".ods", "graphics": ".odg"}
_OPENOFFICE_1 = "application/vnd.sun.xml"
_OLD_KINDS = {"writer": ".sxw", "impress": ".sxi", "calc": ".sxc", "draw": ".sxd"}
# of a document in one XML file: OpenDocument (part 2, 3.1) with its media type, and Word 2003
_FLAT = re.compile(
    rb"<office:document\s[^>]{0,20000}?office:mimetype\s*=\s*[\"']([\w./+-]{1,200})[\"']|<w:wordDocument[\s>]"
)
_ROOT_TYPE = re.compile(rb"<[^<>]{0,500}full-path\s*=\s*[\"']/[\"'][^<>]{0,500}>", re.IGNORECASE)
_MEDIA_TYPE = re.compile(rb"media-type\s*=\s*[\"']([\w./+-]{1,200})[\"']", re.IGNORECASE)


def is_document(names: set[str]) -> bool:
    """Return whether a zip archive with these members, in lower case, is an office document."""
    is_open = _MANIFEST.lower() in names and bool(names & {"mimetype", "content.xml"})
    return is_open or _find_kind(names) is not None


def _find_kind(names: set[str]) -> OfficeType | None:
    return next((kind for part, kind in _PARTS.items() if any(map(part.fullmatch, names))), None)


def flat_type(head: bytes) -> OfficeType | None:
    """Return the kind of a document in one XML file by its first bytes; None where it is none."""
    match = _FLAT.search(head)
    if match is None:
        return None
    if match[1] is None:
        return _WORD_2003
    kind = match[1].decode("ascii").removeprefix(f"{_OPENDOCUMENT}.").removesuffix("-template")
    return OfficeType(_KINDS[kind].replace(".", ".f"), f"{_OPENDOCUMENT}.{kind}-flat-xml") if kind in _KINDS else None


def office_type(path: Path) -> OfficeType:
    """Return the kind of a document. Raises `RejectedError` for one that is encrypted, damaged or of another kind."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if rich_text.find_start(head) is not None:
        return RICH_TEXT
    if head.startswith(OLE):
        return _ole_type(path)
    return flat_type(head) or _zip_type(path)


def refuse_encrypted(path: Path) -> None:
    """Raise `RejectedError` for a file in OLE storage that is encrypted; nothing for one that is damaged."""
    import olefile

    encrypted = False
    with suppress(Exception), olefile.OleFileIO(str(path)) as storage:
        encrypted = _is_encrypted(storage)
    if encrypted:
        raise RejectedError("encrypted")


def _ole_type(path: Path) -> OfficeType:
    import olefile  # few files need it, and it takes time to import

    try:
        with olefile.OleFileIO(str(path)) as storage:
            if _is_encrypted(storage):
                raise RejectedError("encrypted")
            detected = next((kind for name, kind in _STREAMS.items() if storage.exists(name)), None)
    except RejectedError:
        raise
    except Exception as error:  # olefile raises types of its own and others on broken tables
        raise RejectedError("damaged", str(error)) from error
    if detected is None:
        raise RejectedError("other_document")
    return detected


def _is_encrypted(storage: Any) -> bool:
    """Return whether the parts that are never encrypted say that the others are.

    [MS-DOC] 2.5.2 (fEncrypted of FibBase), [MS-PPT] 2.3.2 (headerToken of CurrentUserAtom) and [MS-XLS] 2.4.117
    (FilePass).
    """
    if storage.exists("EncryptedPackage"):
        return True
    if storage.exists("WordDocument"):
        return bool(int.from_bytes(storage.openstream("WordDocument").read(12)[10:], "little") & _ENCRYPTED_DOC)
    if storage.exists("Current User"):
        return bool(storage.openstream("Current User").read(16)[12:] == _ENCRYPTED_PPT)
    book = next((name for name in ("Workbook", "Book") if storage.exists(name)), None)
    return book is not None and _FILE_PASS in _record_types(storage.openstream(book))


def _record_types(stream: BinaryIO) -> Iterator[int]:
    """Yield the types of the first records of a workbook: one that says how the rest is encrypted comes early."""
    for _ in range(_FIRST_RECORDS):
        head = stream.read(4)
        if len(head) < 4:
            return
        yield int.from_bytes(head[:2], "little")
        stream.seek(int.from_bytes(head[2:], "little"), 1)


def _zip_type(path: Path) -> OfficeType:
    from ingest_tools.formats.archive import Archive  # few files need it

    archive = Archive(path)
    detected = _find_kind({name.replace("\\", "/") for name in archive.names})
    if detected is not None:
        return detected
    named = {name: member for name in (_MANIFEST, "mimetype") if (member := archive.find(name))}
    if _MANIFEST not in named:
        raise RejectedError("damaged", _MANIFEST)
    manifest = archive.read(named[_MANIFEST])
    if b"encryption-data" in manifest:
        raise RejectedError("encrypted")
    of_member = archive.read(named["mimetype"])[:200] if "mimetype" in named else b""
    media_types = [of_member.decode("ascii", "replace").strip(), _type_in_manifest(manifest)]
    for media_type in media_types:  # templates that became documents go on stating the other in one of them
        for family, kinds, template in (
            (_OPENDOCUMENT, _KINDS, "-template"),
            (_OPENOFFICE_1, _OLD_KINDS, ".template"),
        ):
            kind = media_type.removeprefix(f"{family}.").removesuffix(template)
            if kind in kinds:
                return OfficeType(kinds[kind], media_type)
    raise RejectedError("other_document", next(filter(None, media_types), ""))


def _type_in_manifest(manifest: bytes) -> str:
    """Return the media type of the whole document; empty where the manifest has none."""
    entry = _ROOT_TYPE.search(manifest)
    stated = _MEDIA_TYPE.search(entry[0]) if entry else None
    return stated[1].decode("ascii") if stated else ""
