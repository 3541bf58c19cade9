"""The last frame of a FLAC file (RFC 9639, 9.1), which says how much of the recording is there."""

from __future__ import annotations

from typing import BinaryIO, Final

_LONGEST_TAIL: Final = 1 << 20
_BLOCK_SIZES: Final = {
    1: 192,
    **{code: 144 << code for code in range(2, 6)},
    **{code: 1 << code for code in range(8, 16)},
}
_SHORTEST_HEADER = 6


def flac_seconds(file: BinaryIO, head: bytes, size: int) -> float | None:
    """Return the time at which the last frame ends; None where STREAMINFO counts no samples, or no frame is found."""
    packed = int.from_bytes(head[18:26], "big")
    rate, samples = packed >> 44, packed & ((1 << 36) - 1)
    block = int.from_bytes(head[10:12], "big")
    if head[4] & 0x7F or not rate or not samples:
        return None
    file.seek(max(0, size - _LONGEST_TAIL))
    tail = file.read()
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        end = _frame_end(tail[at : at + 16], block)
        if end is not None and end <= samples:
            return end / rate
    return None


def _frame_end(header: bytes, block: int) -> int | None:
    """Return the number of the sample behind a frame; None where the bytes are no header, which its CRC-8 tells."""
    if len(header) < _SHORTEST_HEADER or header[1] & 0xFE != 0xF8:
        return None
    lead = header[4]
    extra = 0 if lead < 0x80 else 7 - (~lead & 0xFF).bit_length()
    if (lead & 0xC0) == 0x80 or extra > 6:
        return None
    number = lead & (0x7F if not extra else 0x3F >> extra)
    for byte in header[5 : 5 + extra]:
        number = number << 6 | byte & 0x3F
    code, rate = header[2] >> 4, header[2] & 15
    at = 5 + extra
    width = {6: 1, 7: 2}.get(code, 0)
    length = int.from_bytes(header[at : at + width], "big") + 1 if width else _BLOCK_SIZES.get(code, 0)
    at += width + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if at >= len(header) or _crc8(header[:at]) != header[at]:
        return None
    return (number if header[1] & 1 else number * block) + length


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _bit in range(8):
            value = (value << 1) ^ (0x107 if value & 0x80 else 0)
    return value & 0xFF
