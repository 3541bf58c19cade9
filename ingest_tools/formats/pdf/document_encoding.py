"""Text of a PDF's information dictionary whose bytes were taken for PDFDocEncoding (ISO 32000-1, annex D.3).

Programs write UTF-8, GBK or Big5 there without saying so. Bytes that the encoding does not have are U+0000 here; which
they were is told by the characters that they would make.
"""

from __future__ import annotations

import re
from typing import Final

from library_server.catalogue.normalization.encodings import decode_text, repair_text

_SPECIAL: Final = (
    "\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203a\u2212\u2030\u201e\u201c\u201d\u2018\u2019\u201a\u2122"
    "\ufb01\ufb02\u0141\u0152\u0160\u0178\u017d\u0131\u0142\u0153\u0161\u017e"
)  # 80 to 9E hexadecimal
_ACCENTS: Final = "\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc"  # 18 to 1F
_BYTE_OF: Final = {character: 0x80 + at for at, character in enumerate(_SPECIAL)} | {
    character: 0x18 + at for at, character in enumerate(_ACCENTS)} | {"\u20ac": 0xA0}  # fmt: skip
_UNDEFINED: Final = (0x9F, 0xAD)
_MOST_UNDEFINED: Final = 40
_LONGEST: Final = 2000
_HEXADECIMAL: Final = re.compile(r"<((?:[0-9A-Fa-f]{2}){3,1000})>")
_OCTAL: Final = re.compile(r"\\376\\377(?:\\[0-3][0-7]{2}|[\x20-\x7e])*")
_OCTAL_BYTE: Final = re.compile(r"\\([0-3][0-7]{2})")
_UTF16: Final = (b"\xfe\xff", b"\xff\xfe")


def repair_document_text(text: str) -> str:
    """Return text that was taken for PDFDocEncoding as it was meant; any other text without zeros at its end."""
    bare = _read_written_bytes(text.rstrip("\0 "))
    data = _to_bytes(bare) if len(bare) <= _LONGEST and not bare.isascii() else None
    if data is None:
        return repair_text(bare)
    places = [at for at, byte in enumerate(data) if byte == 0]
    if len(places) > _MOST_UNDEFINED:
        return bare
    best, meant = 0, ""
    for filling in _UNDEFINED:
        for place in places:
            data[place] = filling
        for place in reversed(places):  # one after the other: each is a part of one character
            readings = [(_read(data, place, byte), byte) for byte in _UNDEFINED]
            data[place] = max(readings, key=lambda reading: reading[0])[1]
        score = _read(data)
        if score > best:
            best, meant = score, repair_text(data.decode("latin-1"))
    return meant or repair_text(bare)


def _read_written_bytes(text: str) -> str:
    """Return text whose bytes a printer driver wrote out in digits, as `<CAAEC1F9>` or `\\376\\377\\121\\153`."""
    if in_hexadecimal := _HEXADECIMAL.fullmatch(text):
        data = bytes.fromhex(in_hexadecimal[1])
    elif _OCTAL.fullmatch(text):
        data = _OCTAL_BYTE.sub(lambda piece: chr(int(piece[1], 8)), text).encode("latin-1")
    else:
        return text
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace").rstrip("\0 ")
    decoded = decode_text(data)
    return decoded.text.rstrip("\0 ") if decoded is not None and decoded.text.isprintable() else text


def _to_bytes(text: str) -> bytearray | None:
    values = [_BYTE_OF.get(character, ord(character)) for character in text]
    return bytearray(values) if all(value < 0x100 for value in values) else None


def _read(data: bytearray, place: int = 0, byte: int | None = None) -> int:
    """Return how common the ideographs of bytes are, with another byte at a place; 0 where they are no Chinese."""
    tried = bytearray(data)
    if byte is not None:
        tried[place] = byte
    latin = tried.decode("latin-1")
    repaired = repair_text(latin)
    return 0 if repaired == latin else sum(map(_weigh, repaired)) + 1


def _weigh(character: str) -> int:
    """Return how common an ideograph is: in GB 2312, in the first level of Big5, in both or in neither."""
    is_traditional = b"\xa4" <= character.encode("big5", "ignore")[:1] <= b"\xc6"
    return 2 * (len(character.encode("gb2312", "ignore")) > 1) + is_traditional
