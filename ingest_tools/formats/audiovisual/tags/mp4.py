"""Tags of MP4 as iTunes writes them: every value of an item. ffprobe prints one, the first of an atom or the last atom.

A value is a `data` atom within the item (QuickTime File Format, metadata item value atom); an item that iTunes has no
atom for is `----` with a name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.encodings import decode_text

_LIMIT = 16 << 20  # bytes of all items: pictures are within
_ATOMS_LIMIT = 10_000
_VALUE_LIMIT = 1 << 16
_CONTAINERS = (b"moov", b"udta", b"meta", b"ilst")
_UTF8, _UTF16 = 1, 2
_ITEMS = {
    b"\xa9nam": "title", b"\xa9ART": "artist", b"aART": "album_artist", b"\xa9wrt": "composer", b"\xa9gen": "genre",
    b"\xa9alb": "album", b"\xa9day": "date", b"\xa9pub": "publisher", b"keyw": "keywords", b"\xa9nrt": "narrator",
}  # fmt: skip


def read(file: BinaryIO, size: int) -> dict[str, list[str]]:
    """Return the values of each text of a file of so many bytes, by ffprobe's names; empty where it has no tag."""
    start, stop = 0, size
    for kind in _CONTAINERS:
        found = next(((at, end) for name, at, end in _find_atoms(file, start, stop) if name == kind), None)
        if found is None:
            return {}
        start, stop = found
        file.seek(start + 4)
        if kind == b"meta" and file.read(4) != b"hdlr":  # QuickTime's has no version before its atoms
            start += 4
    if stop - start > _LIMIT:
        return {}
    file.seek(start)
    return _read_items(file.read(stop - start))


def _find_atoms(file: BinaryIO, at: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, beginning and end of what is in each atom of a part of a file (ISO/IEC 14496-12, 4.2)."""
    for _ in range(_ATOMS_LIMIT):
        file.seek(at)
        head = file.read(16)
        if at + 8 > stop or len(head) < 8:
            return
        size, name = struct.unpack_from(">I4s", head)
        head_size = 16 if size == 1 else 8
        if size == 1 and len(head) == 16:
            (size,) = struct.unpack_from(">Q", head, 8)
        end = min(stop, at + size) if size else stop
        if end < at + head_size:
            return
        yield name, at + head_size, end
        at = end


def _read_items(data: bytes) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for kind, item in _split_atoms(data):
        atoms = list(_split_atoms(item))
        name = _ITEMS.get(kind)
        if kind == b"----":
            names = (content[4:].decode("utf-8", "replace") for part, content in atoms if part == b"name")
            name = next(names, "").strip().lower() or None
        values = (_decode(content) for part, content in atoms if part == b"data")
        if name is not None and (known := [value for value in values if value]):
            texts.setdefault(name, []).extend(known)
    return {name: list(dict.fromkeys(values)) for name, values in texts.items()}


def _split_atoms(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(_ATOMS_LIMIT):
        if at + 8 > len(data):
            return
        size, name = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return
        yield name, data[at + 8 : at + size]
        at += size


def _decode(content: bytes) -> str:
    """Return a text; nothing where the value is of another kind, such as a picture or a number."""
    kind, data = int.from_bytes(content[:4], "big"), content[8:]
    if len(content) < 8 or kind not in {_UTF8, _UTF16} or len(data) > _VALUE_LIMIT:
        return ""
    decoded = decode_text(data) if kind == _UTF8 and data else None
    text = decoded.text if decoded is not None else data.decode("utf-16-be" if kind == _UTF16 else "utf-8", "replace")
    return decode_references(text).strip()
