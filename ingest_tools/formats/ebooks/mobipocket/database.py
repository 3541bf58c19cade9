"""A Palm database: records by their numbers (Palm File Format Specification, PDB)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from ingest_tools.rejections import RejectedError

LIMIT: Final = 512 * 1024 * 1024
_COUNT_AT, _LIST_AT, _ENTRY = 76, 78, 8


class PalmDatabase:
    """An opened database. Raises `RejectedError` where its list of records is cut or in disorder."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > LIMIT:
            raise RejectedError("too_large")
        self._data = path.read_bytes()
        if len(self._data) < _LIST_AT:
            raise RejectedError("truncated")
        (count,) = struct.unpack_from(">H", self._data, _COUNT_AT)
        if not count or len(self._data) < _LIST_AT + count * _ENTRY:
            raise RejectedError("truncated")
        offsets = [struct.unpack_from(">I", self._data, _LIST_AT + number * _ENTRY)[0] for number in range(count)]
        if offsets != sorted(offsets):
            raise RejectedError("damaged", "records in disorder")
        if offsets[-1] > len(self._data):
            raise RejectedError("truncated")
        self._offsets = [*offsets, len(self._data)]

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def read_record(self, number: int) -> bytes:
        """Return the bytes of a record; empty where there is none of this number."""
        if not 0 <= number < len(self):
            return b""
        return self._data[self._offsets[number] : self._offsets[number + 1]]
