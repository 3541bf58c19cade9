"""Lists in `.dbf`, the tables of dBASE and FoxPro, in which library systems of the nineties kept and exported books.

A header names the fields, each with type and length; the rows follow in fields of that length (dBASE III file format).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text

_VERSIONS: Final = frozenset((0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5, 0xFB))
_HEADER: Final = 32
_FIELD: Final = 32
_END_OF_FIELDS: Final = 0x0D
_DELETED: Final = 0x2A
_FIELDS: Final = 255
_SAMPLE: Final = 1 << 20
_IN_OTHER_FILES: Final = frozenset("MGPB")  # memos and pictures


def is_table(data: bytes) -> bool:
    """Return whether bytes are a table: the header has as many fields as its length says."""
    if len(data) < _HEADER + _FIELD or data[0] not in _VERSIONS:
        return False
    start, size = struct.unpack_from("<HH", data, 8)
    fields = list(_read_fields(data))
    return bool(fields) and start <= len(data) and size == 1 + sum(length for _, _, length in fields)


def read_rows(data: bytes) -> Iterator[list[Any]]:
    """Yield the names of the fields, then every row that is not deleted. Raises `RejectedError`."""
    fields = list(_read_fields(data))
    start, size = struct.unpack_from("<HH", data, 8)
    names = b"\n".join(name for name, _, _ in fields)
    decoded = decode_text(names + b"\n" + data[start : start + _SAMPLE].replace(b"\0", b" "))
    if decoded is None:
        raise RejectedError("bad_text")
    encoding = decoded.encoding
    yield [name.decode(encoding, "replace").strip() for name, _, _ in fields]
    for at in range(start, len(data) - size + 1, size):
        if data[at] == _DELETED:
            yield []
            continue
        cells: list[Any] = []
        at += 1
        for _, kind, length in fields:
            cells.append(_read_cell(data[at : at + length], kind, encoding))
            at += length
        yield cells


def _read_fields(data: bytes) -> Iterator[tuple[bytes, str, int]]:
    """Yield name, type and length of each field."""
    for number in range(_FIELDS):
        at = _HEADER + number * _FIELD
        if at + _FIELD > len(data) or data[at] == _END_OF_FIELDS:
            return
        kind = chr(data[at + 11])
        length = data[at + 16] + (data[at + 17] << 8 if kind == "C" else 0)  # FoxPro has longer texts
        yield data[at : at + 11].partition(b"\0")[0], kind, length


def _read_cell(data: bytes, kind: str, encoding: str) -> str:
    text = "" if kind in _IN_OTHER_FILES else data.decode(encoding, "replace").strip(" \0")
    is_day = kind == "D" and len(text) == len("19980501") and text.isdigit()
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if is_day else text
