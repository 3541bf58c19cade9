"""TIFFs of several pages that tests write byte by byte, in both orders of bytes, and BigTIFF."""

from __future__ import annotations

import struct

_WIDTH, _HEIGHT = 60, 80


def plain_tiff(pages: int, order: str = "<", *, is_big: bool = False, next_of_last: int | None = None) -> bytes:
    """Gray pages without compression; `next_of_last` is the page to which the last points, as in a damaged file."""
    offset, count = ("Q", "Q") if is_big else ("I", "H")
    written = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if is_big else 42))
    written += struct.pack(f"{order}HH", 8, 0) if is_big else b""
    pointer, starts = len(written), list[int]()
    written += struct.pack(f"{order}{offset}", 0)
    for number in range(pages):
        pixels = len(written)
        written += bytes((number * 40 % 256,)) * (_WIDTH * _HEIGHT)
        entries = [(256, 3, _WIDTH), (257, 3, _HEIGHT), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, pixels),
                   (277, 3, 1), (278, 3, _HEIGHT), (279, 4, _WIDTH * _HEIGHT)]  # fmt: skip
        starts.append(len(written))
        struct.pack_into(f"{order}{offset}", written, pointer, len(written))
        written += struct.pack(f"{order}{count}", len(entries))
        for tag, kind, value in entries:
            number_of_values = struct.pack(f"{order}HH{offset}", tag, kind, 1)
            packed = struct.pack(f"{order}{'H' if kind == 3 else 'I'}", value)
            written += number_of_values + packed.ljust(8 if is_big else 4, b"\0")
        pointer = len(written)
        written += struct.pack(f"{order}{offset}", 0)
    if next_of_last is not None:
        struct.pack_into(f"{order}{offset}", written, pointer, starts[next_of_last])
    return bytes(written)
