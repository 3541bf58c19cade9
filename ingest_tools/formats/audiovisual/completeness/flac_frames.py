"""The last frame of a FLAC file (RFC 9639, 9.1), which says how much of the recording is there.

Compressed sound holds bytes that look like the header of a frame, and one in 256 of them fits its CRC-8. So a header
must agree with STREAMINFO, and a frame must begin at the sample at which another ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO, Final, Self

_LONGEST_TAIL: Final = 1 << 20
_SYNC: Final = re.compile(rb"\xff[\xf8\xf9]")
_LONGEST_HEADER: Final = 16
_BLOCK_SIZES: Final = {
    1: 192,
    **{code: 144 << code for code in range(2, 6)},
    **{code: 1 << code for code in range(8, 16)},
}
_RATES: Final = dict(
    enumerate((88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000), 1)
)
_RATE_FIELDS: Final = {12: (1, 1000), 13: (2, 1), 14: (2, 10)}  # bytes, and Hz of a unit
_BITS: Final = {1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}
_FROM_STREAM_INFORMATION: Final = 0
_STEREO: Final = range(8, 11)  # left and side, side and right, middle and side
_SHORTEST_HEADER: Final = 6


@dataclass(frozen=True)
class _StreamInformation:
    """STREAMINFO (RFC 9639, 8.2): the longest block and the count of samples, of one channel, and the form of them."""

    block: int
    rate: int
    channels: int
    bits: int
    samples: int

    @classmethod
    def from_head(cls, head: bytes) -> Self:
        packed = int.from_bytes(head[18:26], "big")
        return cls(
            block=int.from_bytes(head[10:12], "big"),
            rate=packed >> 44,
            channels=(packed >> 41 & 7) + 1,
            bits=(packed >> 36 & 31) + 1,
            samples=packed & ((1 << 36) - 1),
        )


def flac_seconds(file: BinaryIO, head: bytes, size: int) -> float | None:
    """Return the time at which the last frame ends.

    None where STREAMINFO counts no samples, or no two frames that follow each other are found.
    """
    stream = _StreamInformation.from_head(head)
    if head[4] & 0x7F or not stream.rate or not stream.samples:
        return None
    start = max(0, size - _LONGEST_TAIL)
    file.seek(start)
    tail = file.read()
    headers = (tail[match.start() : match.start() + _LONGEST_HEADER] for match in _SYNC.finditer(tail))
    frames = [samples for header in headers if (samples := _read_samples(header, stream)) is not None]
    last: int | None = None
    ends: set[int] = set()
    for samples in frames:
        if samples.start in ends:
            last = samples.stop
        ends.add(samples.stop)
    if last is None and start == 0:
        last = next((samples.stop for samples in frames if samples.start == 0), None)
    return last / stream.rate if last is not None else None


def _read_samples(header: bytes, stream: _StreamInformation) -> range | None:
    """Return the numbers of the samples in a frame; None where the bytes are no header of this recording."""
    if len(header) < _SHORTEST_HEADER or not _has_form_of(header, stream):
        return None
    number = _read_number(header[4:])
    if number is None:
        return None
    value, at = number[0], 4 + number[1]
    width = {6: 1, 7: 2}.get(header[2] >> 4, 0)
    length = int.from_bytes(header[at : at + width], "big") + 1 if width else _BLOCK_SIZES.get(header[2] >> 4, 0)
    at += width
    width, unit = _RATE_FIELDS.get(header[2] & 15, (0, 0))
    is_same_rate = not width or int.from_bytes(header[at : at + width], "big") * unit == stream.rate
    at += width
    start = value if header[1] & 1 else value * stream.block
    is_last_or_whole = length == stream.block or bool(header[1] & 1) or start + length == stream.samples
    is_within = 0 < length <= stream.block and start + length <= stream.samples
    if not (is_same_rate and is_last_or_whole and is_within) or at >= len(header):
        return None
    return range(start, start + length) if _crc8(header[:at]) == header[at] else None


def _has_form_of(header: bytes, stream: _StreamInformation) -> bool:
    """Return whether rate, channels and bits are those of the recording, and the reserved bit is zero."""
    rate, channels, bits = header[2] & 15, header[3] >> 4, header[3] >> 1 & 7
    return (
        not header[3] & 1
        and (rate == _FROM_STREAM_INFORMATION or rate in _RATE_FIELDS or _RATES.get(rate) == stream.rate)
        and (stream.channels == 2 if channels in _STEREO else channels + 1 == stream.channels)
        and (bits == _FROM_STREAM_INFORMATION or _BITS.get(bits) == stream.bits)
    )


def _read_number(data: bytes) -> tuple[int, int] | None:
    """Return a number that is coded as UTF-8 codes characters, of up to 36 bits, and its bytes; None for others."""
    lead = data[0]
    extra = 0 if lead < 0x80 else 7 - (~lead & 0xFF).bit_length()
    if (lead & 0xC0) == 0x80 or extra > 6:
        return None
    number = lead & (0x7F if not extra else 0x3F >> extra)
    for byte in data[1 : 1 + extra]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    return number, 1 + extra


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _bit in range(8):
            value = (value << 1) ^ (0x107 if value & 0x80 else 0)
    return value & 0xFF
