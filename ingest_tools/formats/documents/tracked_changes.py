"""Tracked changes: LibreOffice prints deleted text in a PDF, struck out, so it is taken out of a copy before.

OpenDocument keeps what was deleted apart from the text (part 3, section 5.5), so that other formats become
OpenDocument first, where they may have deletions.
"""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path
from typing import Any, Final

from lxml import etree

from ingest_tools.formats import markup
from ingest_tools.formats.archive import MEMBER_LIMIT, Archive
from ingest_tools.formats.markup import local_name
from ingest_tools.rejections import RejectedError

_TRACKED: Final = b"tracked-changes"
_MARKS: Final = frozenset(("tracked-changes", "change", "change-start", "change-end"))
_PARTS: Final = ("content.xml", "styles.xml")
# of RTF, and sprmCFRMarkDel of [MS-DOC] 2.6.1, whose bytes may stand for something else: that costs time alone
_DELETIONS: Final = {".rtf": re.compile(rb"\\deleted(?![0a-z])"), ".doc": re.compile(rb"\x00\x08\x01")}


def may_have_deletions(path: Path, suffix: str) -> bool:
    """Return whether a document in RTF or in the format of Word 97 may hold deleted text."""
    pattern = _DELETIONS.get(suffix)
    if pattern is None or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return pattern.search(data) is not None


def remove_deletions(source: Path, target: Path) -> Path:
    """Write a document in OpenDocument without deletions; returns `source` where it has none.

    Raises `RejectedError` for a document that is damaged or too large.
    """
    if not zipfile.is_zipfile(source):
        return _remove_from_flat(source, target)
    archive = Archive(source)
    parts = {name: archive.read(name) for name in _PARTS if name in archive.names}
    if not any(_TRACKED in data for data in parts.values()):
        return source
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(archive.names, key=lambda name: name != "mimetype"):  # which comes first (part 2, 3.3)
            if name in parts:
                written.writestr(name, _without_marks(archive.parse_xml(name)))
            elif not name.endswith("/"):
                method = zipfile.ZIP_STORED if name == "mimetype" else None
                written.writestr(name, _read_or_empty(archive, name), method)
    return target


def _read_or_empty(archive: Archive, name: str) -> bytes:
    """Return a part other than the text; nothing for a damaged picture, which costs no text."""
    try:
        return archive.read(name)
    except RejectedError as error:
        if error.code == "too_large":
            raise
        return b""


def _remove_from_flat(source: Path, target: Path) -> Path:
    if source.stat().st_size > MEMBER_LIMIT:
        return source
    data = source.read_bytes()
    root = markup.parse_xml(data) if _TRACKED in data else None
    if root is None:
        return source
    target.write_bytes(_without_marks(root))
    return target


def _without_marks(root: Any) -> bytes:
    """Return a document without deletions and the marks of changes, whose tails are text."""
    marks = [element for element in root.iter() if local_name(element.tag) in _MARKS]
    for mark in marks:
        parent = mark.getparent()
        if parent is None:
            continue
        before = mark.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + (mark.tail or "")
        else:
            parent.text = (parent.text or "") + (mark.tail or "")
        parent.remove(mark)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
