"""Cells with an error in a workbook of Excel before 2007: calamine calls them empty.

Source: [MS-XLS] 2.4.28 (BoundSheet8), 2.4.24 (BoolErr), 2.4.127 (Formula) and 2.5.133 (FormulaValue); version 5 has the
same records with names in a code page.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ingest_tools.rejections import RejectedError

CELLS_LIMIT = 1_000_000
_BOF, _EOF, _CODE_PAGE, _BOUND_SHEET = 0x0809, 0x000A, 0x0042, 0x0085
_FORMULA, _BOOL_ERR = 0x0006, 0x0205
_VERSION_8 = 0x0600
_UNICODE_NAME = 1
_NO_NUMBER, _ERROR_VALUE = 0xFFFF, 2


def valueless_cells(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """By sheet, each such cell as its row from 1 and its column from 0. Raises `RejectedError` where it is damaged."""
    import olefile  # few files need it, and it takes time to import

    try:
        with olefile.OleFileIO(str(path)) as storage:
            name = next(name for name in ("Workbook", "Book") if storage.exists(name))
            data = storage.openstream(name).read()
        return {name: frozenset(_find_errors(data, start)) for name, start in _read_sheets(data)}
    except RejectedError:
        raise
    except Exception as error:  # olefile raises types of its own and others on broken tables
        raise RejectedError("damaged", str(error)) from error


def _read_records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from a place to the end of the part that begins there."""
    depth = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + size]
        depth += (kind == _BOF) - (kind == _EOF)  # a chart has a part of its own in a sheet
        if depth <= 0:
            return
        at += 4 + size


def _read_sheets(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the name of each sheet, and where its part begins."""
    version, encoding = _VERSION_8, "cp1252"
    for kind, body in _read_records(data, 0):
        if kind == _BOF:
            version = struct.unpack_from("<H", body)[0]
        elif kind == _CODE_PAGE:
            with suppress(LookupError):
                encoding = f"cp{struct.unpack_from('<H', body)[0]}"
                b"".decode(encoding)
        elif kind == _BOUND_SHEET:
            start, length = struct.unpack_from("<I2xB", body)
            if version != _VERSION_8:
                yield body[7 : 7 + length].decode(encoding, "replace"), start
            elif body[7] & _UNICODE_NAME:
                yield body[8 : 8 + 2 * length].decode("utf-16-le", "replace"), start
            else:
                yield body[8 : 8 + length].decode("latin-1"), start


def _find_errors(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    count = 0
    for kind, body in _read_records(data, start):
        if not _is_error(kind, body):
            continue
        count += 1
        if count > CELLS_LIMIT:
            raise RejectedError("too_large", f"> {CELLS_LIMIT} cells with errors")
        row, column = struct.unpack_from("<HH", body)
        yield row + 1, column


def _is_error(kind: int, body: bytes) -> bool:
    if kind == _BOOL_ERR:
        return len(body) > 7 and body[7] == 1
    is_text_or_error = kind == _FORMULA and len(body) >= 14 and struct.unpack_from("<H", body, 12)[0] == _NO_NUMBER
    return is_text_or_error and body[6] == _ERROR_VALUE
