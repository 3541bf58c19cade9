"""APE tags, version 2: every value of an item. Values are parted by a zero (APEv2, item value); ffprobe prints the
first.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.encodings import decode_text

_LIMIT = 16 << 20
_ITEMS_LIMIT = 1_000
_VALUE_LIMIT = 1 << 16
_FOOTER, _ID3V1 = 32, 128
_PREAMBLE = b"APETAGEX"
_TEXT_KIND = 0  # bits 1 and 2 of the flags: UTF-8, binary, address
_NAMES = {"title": "title", "artist": "artist", "album artist": "album_artist", "albumartist": "album_artist",
          "composer": "composer", "genre": "genre", "publisher": "publisher", "keywords": "keywords", "album": "album",
          "track": "track", "disc": "disc", "year": "date", "language": "language", "performer": "performer",
          "conductor": "conductor", "lyricist": "lyricist", "narrator": "narrator", "label": "label"}  # fmt: skip


def read(file: BinaryIO, size: int) -> dict[str, list[str]]:
    """Return the values of each text of a file of so many bytes, by ffprobe's names; empty where it has no tag."""
    for behind in (0, _ID3V1):
        if size < behind + _FOOTER:
            continue
        file.seek(size - behind - _FOOTER)
        footer = file.read(_FOOTER)
        if not footer.startswith(_PREAMBLE):
            continue
        _, length, count = struct.unpack_from("<III", footer, 8)
        if not _FOOTER <= length <= min(_LIMIT, size - behind):
            return {}
        file.seek(size - behind - length)
        return _read_items(file.read(length - _FOOTER), count)
    return {}


def _read_items(data: bytes, count: int) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    at = 0
    for _ in range(min(count, _ITEMS_LIMIT)):
        if at + 8 > len(data):
            break
        length, flags = struct.unpack_from("<II", data, at)
        end = data.find(b"\0", at + 8, at + 8 + 256)
        if end < 0:
            break
        name = _NAMES.get(data[at + 8 : end].decode("latin-1").lower())
        at = end + 1 + length
        if name is not None and (flags >> 1) & 3 == _TEXT_KIND and length <= _VALUE_LIMIT:
            values = (_decode(part) for part in data[end + 1 : at].split(b"\0"))
            texts.setdefault(name, []).extend(value for value in values if value)
    return texts


def _decode(data: bytes) -> str:
    decoded = decode_text(data) if data else None
    return decode_references(decoded.text if decoded is not None else data.decode("utf-8", "replace")).strip()
