"""Metadata of a PDF in XMP (ISO 16684-1; ISO 32000-2, 14.3.2): since version 2.0 it stands nowhere else."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any, BinaryIO, Final

from ingest_tools.formats import markup
from ingest_tools.formats.markup import get_attribute, local_name

_MARK: Final = b"/Metadata"
_LIMIT: Final = 1 << 20
_DUBLIN_CORE: Final = "{http://purl.org/dc/elements/1.1/}"
_LANGUAGES: Final = ("x-default", "zh", "zh-cn")
_FIELDS: Final = {"Title": "title", "Subject": "description"}
_LISTS: Final = {"Author": "creator", "Keywords": "subject"}


def read_xmp(path: Path) -> dict[str, str]:
    """Return title, authors, subject and keywords under the names of the information dictionary; several with a
    semicolon between them. Nothing where there is no XMP, or it cannot be read.
    """
    root = markup.parse_xml(_read_packet(path))
    if root is None:
        return {}
    elements = {local_name(element.tag): element for element in root.iter() if _is_dublin_core(element)}
    short = _read_attributes(root)
    values = {key: _choose_text(elements[name]) for key, name in _FIELDS.items() if name in elements}
    values |= {key: ";".join(_read_items(elements[name])) for key, name in _LISTS.items() if name in elements}
    return short | {key: value for key, value in values.items() if value}


def _read_packet(path: Path) -> bytes:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(_MARK) < 0:  # a stream stands in no other, so that its type can be seen
            return b""
        return _read_stream(file)


def _read_stream(file: BinaryIO) -> bytes:
    import pikepdf  # imported here: most files say what they are in the information dictionary

    try:
        with pikepdf.open(file, suppress_warnings=True) as document:
            stream = document.Root.get("/Metadata")
            return stream.read_bytes()[:_LIMIT] if isinstance(stream, pikepdf.Stream) else b""
    except (pikepdf.PdfError, OSError, ValueError, RuntimeError):
        return b""


def _read_attributes(root: Any) -> dict[str, str]:
    """Return the properties that stand in attributes of `rdf:Description`, which programs write for simple values."""
    stated = {
        str(key).removeprefix(_DUBLIN_CORE): " ".join(str(value).split())
        for element in root.iter()
        for key, value in element.attrib.items()
        if str(key).startswith(_DUBLIN_CORE)
    }
    return {key: stated[name] for key, name in (_FIELDS | _LISTS).items() if stated.get(name)}


def _is_dublin_core(element: Any) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(_DUBLIN_CORE)


def _choose_text(element: Any) -> str:
    """Return the text of an element in the language that is the usual one, else the first."""
    items = [child for child in element.iter() if local_name(child.tag) == "li"]
    chosen = sorted(items, key=lambda item: get_attribute(item, "lang").lower() not in _LANGUAGES)
    return next(filter(None, map(_read_text, chosen)), "") if chosen else _read_text(element)


def _read_items(element: Any) -> list[str]:
    items = [_read_text(child) for child in element.iter() if local_name(child.tag) == "li"]
    return [item for item in items or [_read_text(element)] if item]


def _read_text(element: Any) -> str:
    return " ".join("".join(element.itertext(tag=None)).split())
