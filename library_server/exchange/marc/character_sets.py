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

from library_server.catalogue.normalization.legacy_encodings import (
    choose_alphabetic,
    choose_east_asian,
    is_common_korean,
)

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
_THREE_BYTES: Final = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
# the language of the text: $a of 101 in UNIMARC and of 041 in MARC 21, or characters 35 to 37 of 008
_LANGUAGE: Final = re.compile(
    rb"\x1e[0-9 |]{2}\x1fa(jpn|kor)(?=[\x1e\x1f])|\x1e[^\x1e\x1f]{35}(jpn|kor)[^\x1e\x1f]{2}\x1e"
)
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_LEAST_KANA, _MOST_HANGUL, _FEWEST_STATED = 0.15, 0.8, 4
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
        return _decode_utf8
    if (stated := _of_stated_language(raw)) is not None:
        return lambda data: data.decode(stated)
    if _is_mixed(raw):
        return _decode_mixed
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


def _decode_utf8(data: bytes) -> str:
    """Return text in UTF-8, which some programs encode twice: `å` and two more is 双."""
    text = data.decode("utf-8", "replace")
    for latin in ("latin-1", "cp1252"):
        with contextlib.suppress(UnicodeError):
            once = text.encode(latin)
            if _THREE_BYTES.search(once):
                return once.decode("utf-8")
    return text


def _of_stated_language(raw: bytes) -> str | None:
    """Return the encoding of Japan or Korea of a record in that language; None where its text reads better in another.

    A library in China describes such books in GB 18030, which has kana but no Hangul.
    """
    stated = _LANGUAGE.search(raw)
    if stated is None or _ESCAPE in raw:
        return None
    if (stated[1] or stated[2]) == b"kor":
        is_korean = _share_of_script(raw, "cp949", _HANGUL) >= _MOST_HANGUL
        return "cp949" if is_korean and is_common_korean(raw.decode("cp949")) else None
    shares = {name: _share_of_script(raw, name, _KANA) for name in ("gb18030", "cp932")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= _LEAST_KANA else None


def _share_of_script(raw: bytes, encoding: str, script: re.Pattern[str]) -> float:
    """Return which part of the characters beyond ASCII is of a script; 0 where the encoding does not read them."""
    if not _is_readable(raw, encoding):
        return 0.0
    beyond = [character for character in raw.decode(encoding) if character > "\x7f"]
    return len(script.findall("".join(beyond))) / len(beyond) if len(beyond) >= _FEWEST_STATED else 0.0


def _is_mixed(raw: bytes) -> bool:
    """Return whether some fields are in UTF-8 and the others in GB 18030: systems add fields to records of another."""
    fields = [field for field in raw.split(b"\x1e") if not field.isascii()]
    unicode = [field for field in fields if _is_readable(field, "utf-8")]
    others = [field for field in fields if field not in unicode]
    is_sound = all(_is_readable(field, "gb18030") and _is_chinese(field) for field in others)
    return bool(others) and is_sound and any(len(_THREE_BYTES.findall(field)) >= _FEWEST_STATED for field in unicode)


def _decode_mixed(data: bytes) -> str:
    return data.decode("utf-8" if _is_readable(data, "utf-8") else "gb18030")


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
