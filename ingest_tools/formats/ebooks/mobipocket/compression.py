"""How the text of Palm books is packed: PalmDOC (LZ77), and Huffman codes with a dictionary (HUFF and CDIC records).

After the MobileRead wiki, PalmDOC and MOBI. The text of a record is at most 4,096 bytes, which bounds what is unpacked.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from ingest_tools.rejections import RejectedError

_RECORD_LIMIT: Final = 1 << 20  # bytes of one unpacked record, far above what writers make
_DEEPEST: Final = 32
_BITS: Final = 32


def unpack_palmdoc(data: bytes) -> bytes:
    """Return the text of a record packed with PalmDOC. Raises `RejectedError` where it refers to before its
    beginning.
    """
    text = bytearray()
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte == 0 or 9 <= byte <= 0x7F:
            text.append(byte)
        elif byte <= 8:
            text += data[at : at + byte]
            at += byte
        elif byte >= 0xC0:
            text += bytes((0x20, byte ^ 0x80))
        else:
            pair = byte << 8 | (data[at] if at < len(data) else 0)
            at += 1
            distance, length = (pair & 0x3FFF) >> 3, (pair & 7) + 3
            if not 0 < distance <= len(text):
                raise RejectedError("damaged", "PalmDOC")
            for _ in range(length):
                text.append(text[-distance])
    return bytes(text)


class HuffmanUnpacker:
    """Unpacks records by a HUFF record and the CDIC records behind it. Raises `RejectedError`."""

    def __init__(self, records: Sequence[bytes]) -> None:
        try:
            self._read_codes(records[0])
            self._phrases: list[tuple[bytes, bool]] = []
            for record in records[1:]:
                self._read_phrases(record)
        except (IndexError, struct.error) as error:
            raise RejectedError("damaged", "HUFF") from error

    def unpack(self, data: bytes) -> bytes:
        """Return the text of a record."""
        return self._unpack(data, 0)

    def _read_codes(self, record: bytes) -> None:
        if record[:4] != b"HUFF":
            raise RejectedError("damaged", "no HUFF record")
        short_at, long_at = struct.unpack_from(">II", record, 8)
        entries = struct.unpack_from(">256I", record, short_at)
        self._short = [(bool(entry & 0x80), entry & 0x1F, entry >> 8) for entry in entries]
        limits = struct.unpack_from(">64I", record, long_at)
        self._smallest = (0, *limits[::2])
        self._largest = (0, *limits[1::2])

    def _read_phrases(self, record: bytes) -> None:
        if record[:4] != b"CDIC":
            raise RejectedError("damaged", "no CDIC record")
        start, total, bits = struct.unpack_from(">III", record, 4)
        for number in range(min(1 << min(bits, 16), total - len(self._phrases))):
            (offset,) = struct.unpack_from(">H", record, start + 2 * number)
            (size,) = struct.unpack_from(">H", record, start + offset)
            at = start + offset + 2
            self._phrases.append((record[at : at + (size & 0x7FFF)], bool(size & 0x8000)))

    def _unpack(self, data: bytes, depth: int) -> bytes:
        if depth > _DEEPEST:
            raise RejectedError("damaged", "CDIC")
        text = bytearray()
        bits = int.from_bytes(data + bytes(8), "big")
        left, width = len(data) * 8, len(data) * 8 + 64
        while left > 0:
            window = bits >> (width - _BITS) & 0xFFFFFFFF
            length, number = self._find_code(window)
            left -= length
            width -= length
            if left < 0:
                break
            text += self._get_phrase(number, depth)
            if len(text) > _RECORD_LIMIT:
                raise RejectedError("too_large", "text")
        return bytes(text)

    def _find_code(self, window: int) -> tuple[int, int]:
        """Return the length in bits of the code at the head of a window of 32 bits, and the number of its phrase."""
        is_whole, length, largest = self._short[window >> 24]
        if not is_whole:
            while length <= _BITS and window >> (_BITS - length) < self._smallest[length]:
                length += 1
            largest = self._largest[length] if length <= _BITS else 0
        if not 0 < length <= _BITS:
            raise RejectedError("damaged", "HUFF")
        return length, largest - (window >> (_BITS - length))

    def _get_phrase(self, number: int, depth: int) -> bytes:
        if not 0 <= number < len(self._phrases):
            raise RejectedError("damaged", "CDIC")
        phrase, is_plain = self._phrases[number]
        if not is_plain:
            phrase = self._unpack(phrase, depth + 1)
            self._phrases[number] = (phrase, True)
        return phrase
