"""Latitudes and longitudes as numbers (Exif 3.0, 4.6.7)."""

from __future__ import annotations

import struct

_LONGEST = 180


def decimal_degrees(degrees: float, minutes: float, seconds: float) -> float:
    """Degrees, minutes and seconds as degrees."""
    return degrees + minutes / 60 + seconds / 3600


def unpack_degrees(raw: bytes) -> list[float]:
    """Degrees of three rational numbers in either byte order, where they can be a coordinate."""
    if len(raw) != 24:
        return []
    values = []
    for order in "<>":
        numbers = struct.unpack(f"{order}6I", raw)
        if all(numbers[1::2]):
            value = decimal_degrees(*(numbers[at] / numbers[at + 1] for at in (0, 2, 4)))
            if 0 < value <= _LONGEST:
                values.append(value)
    return values
