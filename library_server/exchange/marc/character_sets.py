"""Which character set a MARC record in ISO 2709 is in: UTF-8, GB 18030, Big5, code page 1252, MARC-8 or ISO 5426.

The leader and field 100 say it, and are often wrong: records in GBK that call themselves UTF-8 are common. So the bytes
decide, and what the record says only where two sets would both read it.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from pymarc import marc8_to_unicode

from library_server.catalogue.normalization.legacy_encodings import choose_alphabetic, choose_east_asian

Decoder = Callable[[bytes], str]

_ESCAPE = b"\x1b"
_HIGH = 0x80
_GB2312_TRAIL = 0xA1
# Marks precede their letters in both sets, and some bytes are in neither; in code page 1252 they are letters.
_NOT_MARC8: Final = re.compile(rb"[\xe0-\xfe](?![A-Za-z\xe0-\xfe])|[\x80-\x87\x8a-\x8c\x8f-\xa0\xaf\xbb\xc9-\xdf\xff]")
_NOT_ISO5426: Final = re.compile(
    rb"[\xc0-\xdb](?![A-Za-z\xc0-\xdb])|[a-z][\xe1\xe2\xe8-\xea]|[\x80-\x87\x8a-\xa0\xe0\xe3-\xe5\xe7\xeb\xed-\xf0\xf4\xf7\xfd-\xff]"
)
_PAIRS: Final = re.compile(rb"([\xa1-\xa3\xb0-\xd7][\xa1-\xfe])|[\x80-\xff].", re.DOTALL)
_UTF8: Final = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FEWEST_WHOLE, _WHOLE_TO_DAMAGED = 8, 8
_NOT_SORTED: Final = b"\x88\x89"  # around the words that are not sorted by (ISO 6630)
_AROUND_ARTICLE: Final = re.compile(rb"\x88[A-Za-z' \xc0-\xdb]{1,12}\x89")
_FEWEST_PAIRS, _MOST_PAIRS = 8, 0.9
_CODES: Final = re.compile(rb"[\x1e\x1f].")
_LEAST_CHINESE = 0.3  # of the pairs that a high byte begins: in MARC-8 a letter follows, in GB 2312 a high byte
# ISO 5426:1983: marks that stand before the letter they belong to, and other characters
_MARKS: Final = {
    0xC0: "\u0309", 0xC1: "\u0300", 0xC2: "\u0301", 0xC3: "\u0302", 0xC4: "\u0303", 0xC5: "\u0304", 0xC6: "\u0306",
    0xC7: "\u0307", 0xC8: "\u0308", 0xC9: "\u0308", 0xCA: "\u030a", 0xCB: "\u0315", 0xCC: "\u0312", 0xCD: "\u030b",
    0xCE: "\u031b", 0xCF: "\u030c", 0xD0: "\u0327", 0xD1: "\u031c", 0xD2: "\u0326", 0xD3: "\u0328", 0xD4: "\u0325",
    0xD5: "\u032e", 0xD6: "\u0323", 0xD7: "\u0324", 0xD8: "\u0332", 0xD9: "\u0333", 0xDA: "\u0329", 0xDB: "\u032d",
}  # fmt: skip
_CHARACTERS: Final = {
    0xA1: "¡", 0xA2: "\u201e", 0xA3: "£", 0xA4: "$", 0xA5: "¥", 0xA6: "†", 0xA7: "§", 0xA8: "\u2032", 0xA9: "\u2018",
    0xAA: "\u201c", 0xAB: "«", 0xAC: "♭", 0xAD: "©", 0xAE: "℗", 0xAF: "®", 0xB0: "\u02bb", 0xB1: "\u02bc",
    0xB2: "\u201a", 0xB6: "‡", 0xB7: "·", 0xB8: "\u2033", 0xB9: "\u2019", 0xBA: "\u201d", 0xBB: "»", 0xBC: "♯",
    0xBD: "\u02b9", 0xBE: "\u02ba", 0xBF: "¿", 0xE1: "Æ", 0xE2: "Đ", 0xE6: "Ĳ", 0xE8: "Ł", 0xE9: "Ø", 0xEA: "Œ",
    0xEC: "Þ", 0xF1: "æ", 0xF2: "đ", 0xF3: "ð", 0xF5: "ı", 0xF6: "ĳ", 0xF8: "ł", 0xF9: "ø", 0xFA: "œ", 0xFB: "ß",
    0xFC: "þ",
}  # fmt: skip


def decoder_of(raw: bytes, *, is_unimarc: bool) -> Decoder:
    """Return what decodes the fields of a record; it raises `ValueError` for bytes that are in no set."""
    if _ESCAPE not in raw and (_is_readable(raw, "utf-8") or _is_nearly_utf8(raw)):
        return lambda data: data.decode("utf-8", "replace")
    if _is_gb2312(raw) and _is_nearly_readable(raw, "gb18030"):
        return lambda data: data.decode("gb18030", "replace")
    is_western = choose_alphabetic(_CODES.sub(b" ", raw)) == "cp1252"
    if not is_western and _is_chinese(_AROUND_ARTICLE.sub(b"", raw)):
        chosen = choose_east_asian(raw)
        encoding = chosen if chosen is not None and _is_readable(raw, chosen) else "gb18030"
        if _is_readable(raw, encoding):
            return lambda data: data.decode(encoding)
    if is_western and _ESCAPE not in raw and (_NOT_ISO5426 if is_unimarc else _NOT_MARC8).search(raw):
        return lambda data: data.decode("cp1252")
    return _decode_iso5426 if is_unimarc else _decode_marc8


def _is_readable(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_nearly_utf8(raw: bytes) -> bool:
    """Return whether nearly all characters are whole in UTF-8: fields are cut at a number of bytes."""
    whole = len(_UTF8.findall(raw))
    return whole >= _FEWEST_WHOLE and raw.decode("utf-8", "replace").count("\ufffd") * _WHOLE_TO_DAMAGED <= whole


def _is_nearly_readable(raw: bytes, encoding: str) -> bool:
    """Return whether an encoding reads all but few characters of a text of pairs."""
    return raw.decode(encoding, "replace").count("\ufffd") * _WHOLE_TO_DAMAGED <= len(_PAIRS.findall(raw))


def _is_gb2312(raw: bytes) -> bool:
    """Return whether nearly all pairs of bytes are common characters of GB 2312, as those of no other set are."""
    common = _PAIRS.findall(raw)
    return _ESCAPE not in raw and len(common) >= _FEWEST_PAIRS and sum(map(bool, common)) >= _MOST_PAIRS * len(common)


def _is_chinese(raw: bytes) -> bool:
    trails = list(_iter_trail_bytes(raw))
    return _ESCAPE not in raw and sum(trail >= _GB2312_TRAIL for trail in trails) >= _LEAST_CHINESE * len(trails)


def _iter_trail_bytes(raw: bytes) -> Iterator[int]:
    """Yield the byte after each high byte that begins a pair."""
    at = 0
    while at + 1 < len(raw):
        if raw[at] < _HIGH:
            at += 1
        else:
            yield raw[at + 1]
            at += 2


def _decode_marc8(data: bytes) -> str:
    """MARC-8 with ANSEL, and EACC and other sets by their escape sequences (MARC 21 Specifications, part 2)."""
    if data.isascii() and _ESCAPE not in data:
        return data.decode("ascii")
    complaints = io.StringIO()
    with contextlib.redirect_stderr(complaints):  # pymarc writes a space for what it does not know, and says so here
        text = str(marc8_to_unicode(data))
    if complaints.getvalue():
        raise ValueError(f"MARC-8: {complaints.getvalue().strip()}")
    return text


def _decode_iso5426(data: bytes) -> str:
    text: list[str] = []
    marks = ""
    for byte in data.translate(None, _NOT_SORTED):
        if mark := _MARKS.get(byte):
            marks += mark
            continue
        character = chr(byte) if byte < _HIGH else _CHARACTERS.get(byte)
        if character is None:
            raise ValueError(f"byte {byte:#x} is in none of UTF-8, GB18030 and ISO 5426")
        text.append(character + marks)
        marks = ""
    return unicodedata.normalize("NFC", "".join(text))
