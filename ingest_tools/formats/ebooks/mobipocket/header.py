"""The header of a Mobipocket book, and its text (MobileRead wiki, MOBI; the KF8 part of a file that has both)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from ingest_tools.formats.ebooks.mobipocket import compression
from ingest_tools.formats.ebooks.mobipocket.database import PalmDatabase
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text, repair_text

NONE: Final = 0xFFFFFFFF
TEXT_LIMIT: Final = 64 * 1024 * 1024  # bytes
_UTF8: Final = 65001
_NO_COMPRESSION, _PALMDOC, _HUFFMAN = 1, 2, 17480
_HAS_EXTH: Final = 0x40
_BOUNDARY: Final = 121  # the record of EXTH that names where the KF8 part begins
_KF8: Final = 8
_LANGUAGES: Final = {
    1: "ar", 4: "zh", 5: "cs", 6: "da", 7: "de", 8: "el", 9: "en", 10: "es", 11: "fi", 12: "fr", 13: "he", 14: "hu",
    16: "it", 17: "ja", 18: "ko", 19: "nl", 20: "no", 21: "pl", 22: "pt", 24: "ro", 25: "ru", 29: "sv", 30: "th",
    31: "tr", 34: "uk", 42: "vi",
}  # fmt: skip


class BookHeader:
    """The header that describes the text: that of the KF8 part where there is one. Raises `RejectedError`."""

    first_picture: int
    values: dict[int, list[bytes]]

    def __init__(self, database: PalmDatabase) -> None:
        self.start = 0
        self._is_gbk = False
        self._read(database.read_record(0))
        first_picture = self.first_picture
        boundary = next(iter(self.values.get(_BOUNDARY, ())), b"")
        if not self.is_kf8 and len(boundary) == 4 and (start := struct.unpack(">I", boundary)[0]) != NONE:
            older, values = dict(vars(self)), self.values
            try:
                self._read(database.read_record(start))
                self.start, self.first_picture = start, first_picture
                self.values = values | self.values
            except RejectedError:  # the older part stands for itself
                self.__dict__.update(older)

    def _read(self, record: bytes) -> None:
        if len(record) < 16:
            raise RejectedError("truncated")
        self._record = record
        self.compression, _, _, self.text_records, _, encryption = struct.unpack_from(">HHIHHH", record)
        if encryption:
            raise RejectedError("drm")
        self.is_mobi = record[16:20] == b"MOBI"
        length = self._read_number(20) if self.is_mobi else 0
        self._encoding = self._read_number(28) if self.is_mobi else 0
        self.is_kf8 = self.is_mobi and self._read_number(36) >= _KF8
        self.first_picture = self._read_number(108) if self.is_mobi else NONE
        self.huffman_first, self.huffman_count = self._read_number(112), self._read_number(116)
        self.trailing_flags = self._read_number(240) & 0xFFFF if self.is_mobi and length >= 228 else 0
        self.contents_index = self._read_number(244) if self.is_mobi and length >= 232 else NONE
        self.flows = self._read_number(192) if self.is_kf8 else NONE
        self.language = _LANGUAGES.get(self._read_number(92) & 0xFF) if self.is_mobi else None
        self.values = _read_exth(record, 16 + length) if self.is_mobi and self._read_number(128) & _HAS_EXTH else {}

    def _read_number(self, at: int) -> int:
        return int(struct.unpack_from(">I", self._record, at)[0]) if len(self._record) >= at + 4 else 0

    @property
    def title(self) -> str | None:
        """The full name in the header."""
        if not self.is_mobi:
            return None
        at, length = self._read_number(84), self._read_number(88)
        return self.decode(self._record[at : at + min(length, 1000)]).strip("\0 ") or None

    def decode(self, data: bytes) -> str:
        """Return text of this book: Chinese ones that state code page 1252 are in GBK, of which their text tells."""
        if self._is_gbk:
            return data.decode("gb18030", "replace")
        if self._encoding == _UTF8:
            return data.decode("utf-8", "replace")
        if self.is_mobi:
            latin = data.decode("latin-1")
            repaired = repair_text(latin)
            return repaired if repaired != latin else data.decode("cp1252", "replace")
        decoded = decode_text(data)
        return decoded.text if decoded is not None else data.decode("cp1252", "replace")

    def decode_text(self, data: bytes) -> str:
        """Return the whole text; its encoding is that of the metadata, too, whose few characters may be read either
        way.
        """
        text = self.decode(data)
        if self._encoding != _UTF8 and not data.isascii():
            self._is_gbk = text.encode("gb18030", "replace") == data
        return text

    def read_texts(self, kind: int) -> list[str]:
        """Return the values of a type of EXTH as text."""
        return [self.decode(value).strip("\0 \t\r\n") for value in self.values.get(kind, ())]


def read_text(database: PalmDatabase, header: BookHeader) -> bytes:
    """Return the whole text, unpacked, within bounds; `decode_text` reads it. Raises `RejectedError`."""
    unpack = _choose_unpacker(database, header)
    pieces: list[bytes] = []
    length = 0
    for number in range(1, header.text_records + 1):
        record = database.read_record(header.start + number)
        if not record:
            raise RejectedError("truncated")
        pieces.append(unpack(_without_trailing(record, header.trailing_flags)))
        length += len(pieces[-1])
        if length > TEXT_LIMIT:
            raise RejectedError("too_large", "text")
    data = b"".join(pieces)
    flows = database.read_record(header.start + header.flows) if header.flows != NONE else b""
    if flows[:4] == b"FDST" and len(flows) >= 20:  # styles and drawings come after the text
        data = data[: struct.unpack_from(">I", flows, 16)[0]]
    return data


def _choose_unpacker(database: PalmDatabase, header: BookHeader) -> Callable[[bytes], bytes]:
    if header.compression == _NO_COMPRESSION:
        return bytes
    if header.compression == _PALMDOC:
        return compression.unpack_palmdoc
    if header.compression == _HUFFMAN:
        first = header.start + header.huffman_first
        count = min(header.huffman_count, len(database))
        return compression.HuffmanUnpacker([database.read_record(first + number) for number in range(count)]).unpack
    raise RejectedError("damaged", f"compression {header.compression}")


def _without_trailing(record: bytes, flags: int) -> bytes:
    """Return a record without the entries behind its text; the size of each stands at its end, seven bits a byte."""
    for _ in range((flags >> 1).bit_count()):
        size = 0
        for byte in record[-4:]:
            size = 0 if byte & 0x80 else size
            size = size << 7 | byte & 0x7F
        record = record[: max(0, len(record) - size)]
    if flags & 1 and record:  # of a character that the next record has the rest of
        record = record[: max(0, len(record) - (record[-1] & 3) - 1)]
    return record


def _read_exth(record: bytes, at: int) -> dict[int, list[bytes]]:
    """Return the values of each type in the extended header; those that are cut are left out."""
    values: dict[int, list[bytes]] = {}
    if record[at : at + 4] != b"EXTH" or len(record) < at + 12:
        return values
    (count,) = struct.unpack_from(">I", record, at + 8)
    at += 12
    for _ in range(min(count, len(record) // 8)):
        if len(record) < at + 8:
            break
        kind, size = struct.unpack_from(">II", record, at)
        if size < 8 or at + size > len(record):
            break
        values.setdefault(kind, []).append(record[at + 8 : at + size])
        at += size
    return values
