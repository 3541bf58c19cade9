"""Byte ranges (RFC 9110, section 14): one range is honoured, several are answered with the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(?P<first>\d{0,18})\s*-\s*(?P<last>\d{0,18})\s*\Z")


class RangeNotSatisfiable(Exception):
    """The range begins beyond the end (416)."""


@dataclass(frozen=True)
class ByteRange:
    """Bytes from `start` to `stop` (exclusive) of an object of `size` bytes."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        """The value of Content-Range."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def read_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range asked for, or None for the whole. Raises `RangeNotSatisfiable`."""
    match = _RANGE.match(header or "")
    if not match or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        suffix = int(match["last"])
        if suffix == 0 or size == 0:
            raise RangeNotSatisfiable
        return ByteRange(max(0, size - suffix), size, size)
    first = int(match["first"])
    last = min(int(match["last"]), size - 1) if match["last"] else size - 1
    if match["last"] and int(match["last"]) < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable
    return ByteRange(first, last + 1, size)
