"""Workbooks of Excel 97 ([MS-XLS]), written record by record."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.factories.office_documents import compound_file

ERROR = "#N/A"
FORMULA_ERROR, FORMULA_TEXT = "=NA()", '="'
_NOT_AVAILABLE = 0x2A
_LEAST_STREAM = 4096  # a shorter one lies elsewhere in the storage


def binary_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]]) -> Path:
    """A workbook of texts; `ERROR` and `FORMULA_ERROR` are cells with an error, `FORMULA_TEXT` begins a formula's."""
    parts = [
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
        + b"".join(_cell(row, column, text) for row, cells in enumerate(rows) for column, text in enumerate(cells))
        + _record(0x000A, b"")
        for rows in sheets.values()
    ]
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, b"\xb0\x04")
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    start = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for part, name in zip(parts, names, strict=True):
        head += _record(0x0085, struct.pack("<IH", start, 0) + name)
        start += len(part)
    stream = head + _record(0x000A, b"") + b"".join(parts)
    return compound_file(path, {"Workbook": stream.ljust(_LEAST_STREAM, b"\0")})


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _string(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _cell(row: int, column: int, text: str) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if text == ERROR:
        return _record(0x0205, place + bytes((_NOT_AVAILABLE, 1)))
    if text == FORMULA_ERROR:
        return _formula(place, bytes((2, 0, _NOT_AVAILABLE, 0, 0, 0)))
    if text.startswith(FORMULA_TEXT):
        return _formula(place, bytes(6)) + _record(0x0207, _string(text.removeprefix(FORMULA_TEXT)))
    return _record(0x0204, place + _string(text)) if text else b""


def _formula(place: bytes, value: bytes) -> bytes:
    return _record(0x0006, place + value + b"\xff\xff" + bytes(6) + struct.pack("<H", 3) + bytes((0x1C, 0x2A, 0)))
