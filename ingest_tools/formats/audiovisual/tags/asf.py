"""Tags of Windows Media: every value of an attribute. ffprobe prints the last.

The first author stands in the Content Description Object, others are attributes of the Extended Content Description
Object or of the Metadata Library Object (ASF 01.20.05, 3.10, 3.11 and 4.8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

_HEADER = UUID("75B22630-668E-11CF-A6D9-00AA0062CE6C")
_CONTENT = UUID("75B22633-668E-11CF-A6D9-00AA0062CE6C")
_EXTENDED_CONTENT = UUID("D2D0A440-E307-11D2-97F0-00A0C95EA850")
_EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
_LIBRARY = UUID("44231C94-9498-49D1-A141-1D134E457054")
_LIMIT = 16 << 20  # bytes of the header: pictures are within
_OBJECT = 24  # bytes before what is in an object: its kind and its size
_OBJECTS_LIMIT = 1_000
_VALUES_LIMIT = 10_000
_VALUE_LIMIT = 1 << 16
_UNICODE = 0  # the type of a value
_NAMES = {
    "title": "title", "author": "artist", "artist": "artist", "wm/albumartist": "album_artist", "wm/genre": "genre",
    "wm/composer": "composer", "wm/publisher": "publisher", "wm/writer": "lyricist", "wm/conductor": "conductor",
    "wm/albumtitle": "album", "wm/year": "date", "wm/language": "language",
}  # fmt: skip


def read(file: BinaryIO) -> dict[str, list[str]]:
    """Return the values of each text of a file, by ffprobe's names; empty where it is no file of Windows Media."""
    file.seek(0)
    head = file.read(_OBJECT + 6)
    if len(head) < _OBJECT + 6 or UUID(bytes_le=head[:16]) != _HEADER:
        return {}
    size = min(struct.unpack_from("<Q", head, 16)[0], _LIMIT)
    texts: dict[str, list[str]] = {}
    for name, value in _read_attributes(file.read(max(0, size - len(head)))):
        if (known := _NAMES.get(name.lower())) is not None and value:
            texts.setdefault(known, []).append(value)
    return {name: list(dict.fromkeys(values)) for name, values in texts.items()}


def _read_attributes(data: bytes) -> Iterator[tuple[str, str]]:
    for kind, content in _split_objects(data):
        if kind == _CONTENT:
            yield from _read_content(content)
        elif kind == _EXTENDED_CONTENT:
            yield from _read_descriptors(content)
        elif kind == _EXTENSION:
            objects = _split_objects(content[22:])  # behind two fields that are reserved, and the size
            for _, library in (pair for pair in objects if pair[0] == _LIBRARY):
                yield from _read_library(library)


def _split_objects(data: bytes) -> Iterator[tuple[UUID, bytes]]:
    at = 0
    for _ in range(_OBJECTS_LIMIT):
        if at + _OBJECT > len(data):
            return
        size = int(struct.unpack_from("<Q", data, at + 16)[0])
        if size < _OBJECT:
            return
        yield UUID(bytes_le=data[at : at + 16]), data[at + _OBJECT : at + size]
        at += size


def _read_content(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield title and author, the first two of the five texts whose sizes come before them."""
    if len(content) < 10:
        return
    title, author = struct.unpack_from("<HH", content)
    yield "title", _decode(content[10 : 10 + title])
    yield "author", _decode(content[10 + title : 10 + title + author])


def _read_descriptors(content: bytes) -> Iterator[tuple[str, str]]:
    at = 2  # behind their count
    for _ in range(_VALUES_LIMIT):
        if at + 2 > len(content):
            return
        (name_size,) = struct.unpack_from("<H", content, at)
        start = at + 2 + name_size + 4
        if start > len(content):
            return
        kind, size = struct.unpack_from("<HH", content, start - 4)
        if kind == _UNICODE:
            yield _decode(content[at + 2 : start - 4]), _decode(content[start : start + size])
        at = start + size


def _read_library(content: bytes) -> Iterator[tuple[str, str]]:
    at = 2  # behind their count
    for _ in range(_VALUES_LIMIT):
        if at + 12 > len(content):
            return
        name_size, kind, size = struct.unpack_from("<HHI", content, at + 4)  # behind language and stream
        start = at + 12 + name_size
        if kind == _UNICODE and size <= _VALUE_LIMIT:
            yield _decode(content[at + 12 : start]), _decode(content[start : start + size])
        at = start + size


def _decode(data: bytes) -> str:
    return data.decode("utf-16-le", "replace").partition("\0")[0].strip()
