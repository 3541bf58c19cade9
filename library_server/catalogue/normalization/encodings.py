"""Detection of the encoding of text, and repair of text that was decoded wrongly: files, tags, lists, file names."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from library_server.catalogue.normalization.legacy_encodings import (
    choose_alphabetic,
    choose_east_asian,
    common_share,
)
from library_server.lazy_patterns import lazy_pattern

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHINESE: Final = ("gb18030", "big5hkscs")
_LEGACY: Final = {
    "ja": ("shift_jis", "euc_jp"), "ko": ("cp949",), "el": ("cp1253", "iso8859-7"), "ru": ("cp1251", "koi8-r"),
    "uk": ("cp1251",), "bg": ("cp1251",), "sr": ("cp1251", "cp1250"), "fr": ("cp1252",), "de": ("cp1252",),
    "es": ("cp1252",), "it": ("cp1252",), "pt": ("cp1252",), "en": ("cp1252",), "nl": ("cp1252",), "sv": ("cp1252",),
    "da": ("cp1252",), "no": ("cp1252",), "fi": ("cp1252",), "pl": ("cp1250",), "cs": ("cp1250",), "sk": ("cp1250",),
    "hu": ("cp1250",), "ro": ("cp1250",), "hr": ("cp1250",), "sl": ("cp1250",), "tr": ("cp1254",), "he": ("cp1255",),
    "ar": ("cp1256",), "fa": ("cp1256",), "th": ("cp874",), "vi": ("cp1258",), "lt": ("cp1257",), "lv": ("cp1257",),
    "et": ("cp1257",),
}  # fmt: skip
_ISO_639_2: Final = {
    "jpn": "ja", "kor": "ko", "gre": "el", "ell": "el", "rus": "ru", "ukr": "uk", "fre": "fr", "fra": "fr", "ger": "de",
    "deu": "de", "spa": "es", "ita": "it", "por": "pt", "eng": "en", "pol": "pl", "cze": "cs", "ces": "cs", "hun": "hu",
    "tur": "tr", "heb": "he", "ara": "ar", "tha": "th", "vie": "vi", "rum": "ro", "ron": "ro",
}  # fmt: skip
_SAMPLE = 1_000_000  # bytes that are looked at where nothing is certain
_VALID_TO_DAMAGED = 3  # characters of UTF-8 to one damaged byte: GBK read as UTF-8 is damaged nearly everywhere
_UNEXPECTED: Final = frozenset(("Cc", "Cn", "Co", "Cs"))  # general categories of Unicode
_TEXT_TO_UNEXPECTED = (
    20  # characters of text to one that is unexpected, at least: noise after a byte order mark has more
)
_THREE_BYTES = lazy_pattern(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SURROGATES = lazy_pattern(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_TOUCHES_LETTER = lazy_pattern(r"[a-z][\u4e00-\u9fff]|[\u4e00-\u9fff][a-z]")
_FEWEST_TRADITIONAL = 3
_SHORTEST_CUT = 8  # bytes
_PICKED = 32_768  # bytes of each end of a text that its encoding is told by
_REPAIRED: Final = frozenset(("cp932", "euc_jp", "cp1251", "koi8-r", "cp1253"))
_LATIN = ("cp1252", "latin-1")
_FILLING: Final = b"\0\x1a"  # what disks, downloads and DOS put behind a text
# escapes of encodings of seven bits, in which Chinese and Japanese went by e-mail and news
_SEVEN_BITS: Final = ((b"~{", "hz"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"), (b"\x1b$A", "iso2022_jp_2"))
_UTF16_SAMPLE = 4096  # bytes
_PLAIN_SHARE = 0.9
_PLAIN = lazy_pattern("[\t\n\r -~\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_HIGH = lazy_pattern(r"[\u0080-\uffff]")
_COMMON_SHARE = 0.1  # of common characters among those that are not ASCII, in Chinese
_FIRST_LEVEL = range(0xB0, 0xD8)  # lead bytes of the 3,755 characters of GB 2312 that are in common use
_FIRST_TRAIL = 0xA1  # of GB 2312; GBK has lower ones


@dataclass(frozen=True)
class Decoded:
    """Text, the encoding that it was in, and how many damaged places are U+FFFD in it now."""

    text: str
    encoding: str
    damaged: int = 0


def decode_text(data: bytes, language: str | None = None) -> Decoded | None:
    """Decode text whose encoding nobody states; None where no encoding reads it.

    In turn: a byte order mark, UTF-16 without one, escapes of seven bits, UTF-8, UTF-8 with a few damaged bytes or
    lines of another encoding, the code pages of `language` (ISO 639), the encodings of East Asia and of the alphabets
    that read as words (see `legacy_encodings`), GB 18030 or Big5 with a few damaged bytes, and what statistics say.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            decoded = _decode_replacing(data, encoding)
            return decoded if _is_text(decoded.text) else None
    if (guessed := guess_utf16(data)) is not None:
        return _decode_replacing(data, guessed)
    data = data.rstrip(_FILLING)
    best = (
        _decode_seven_bits(data)
        or _decode_strictly(data, "utf-8")
        or _decode_pairs(data)
        or _nearly_utf8(data)
        or next(filter(None, (_decode_strictly(data, encoding) for encoding in _code_pages(language))), None)
        or _decode_legacy(data)
        or _by_statistics(data)
    )
    if best is None or best.encoding == "utf-8":
        return best
    return best if best.text.count("\0") * _TEXT_TO_UNEXPECTED <= len(best.text) else None


def guess_utf16(data: bytes) -> str | None:
    """Return which UTF-16 bytes without a byte order mark are; None where they are none, or it cannot be told.

    There are zero bytes in it, and nearly all characters are those of Chinese or English text.
    """
    sample = data[:_UTF16_SAMPLE]
    if 0 not in sample:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        is_plain = len(_PLAIN.findall(text)) >= _PLAIN_SHARE * len(text)
        is_english = 2 * sum(character.isascii() for character in text) > len(text)
        if is_plain and (is_english or common_share(text) > _COMMON_SHARE):
            return encoding
    return None


def _decode_seven_bits(data: bytes) -> Decoded | None:
    if not data.isascii():
        return None
    for escape, encoding in _SEVEN_BITS:
        if (
            escape in data
            and (decoded := _decode_strictly(data, encoding))
            and common_share(decoded.text) > _COMMON_SHARE
        ):
            return decoded
    return None


def repair_text(text: str) -> str:
    """Return text that was read as Latin-1 although it was Chinese or UTF-8, as it was meant; any other text as it is.

    `ÁõºÃ` was GBK, `å¤©å…ƒ` UTF-8; Big5, Japanese, Russian and Greek are repaired, too. A repair is believed where
    all of the text fits, and gives characters in common use.
    """
    if not _HIGH.search(text) or any(character > "\u2122" for character in text):
        return text
    for latin in _LATIN:
        try:
            data = text.encode(latin)
        except UnicodeEncodeError:
            continue
        meant = _decode_strictly(data, "utf-8")
        if meant is not None:
            return repair_text(meant.text)  # some programs do so twice
        if (chinese := _decode_as_chinese(data)) is not None:
            return chinese
        for other in (choose_east_asian(data), choose_alphabetic(data)):
            if other in _REPAIRED and (meant := _decode_strictly(data, other)) is not None:
                return meant.text
    return text


def _decode_as_chinese(data: bytes) -> str | None:
    """Return the Chinese that bytes of a value are; the last character may be cut, as in the 30 bytes of ID3v1."""
    for part in (data, data[:-1]) if len(data) >= _SHORTEST_CUT and data[-1] >= 0x80 else (data,):
        traditional = _decode_strictly(part, "big5hkscs") if choose_east_asian(part) == "big5hkscs" else None
        if traditional is not None and _count_ideographs(traditional.text) >= _FEWEST_TRADITIONAL:
            return None if _TOUCHES_LETTER.search(traditional.text) else traditional.text
        meant = _decode_strictly(part, "gb18030")
        if meant is not None and _is_common_chinese(part, meant.text):
            return meant.text
    return None


def _code_pages(language: str | None) -> tuple[str, ...]:
    code = (language or "").lower().partition("-")[0]
    return _LEGACY.get(_ISO_639_2.get(code, code), ())


def _decode_strictly(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _decode_pairs(data: bytes) -> Decoded | None:
    """Return text in CESU-8 (Unicode TR 26), which databases and Java write: UTF-8 of the surrogates of UTF-16."""
    if not _SURROGATES.search(data):
        return None
    try:
        pairs = data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
        return Decoded(pairs.decode("utf-16"), "utf-8")
    except UnicodeDecodeError:
        return None


def _decode_replacing(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd"))


def _is_text(text: str) -> bool:
    """Return whether few characters are control characters, unassigned, for private use, or damaged."""
    sample = text[:_SAMPLE]
    unexpected = sum(
        unicodedata.category(character) in _UNEXPECTED and character not in "\t\n\v\f\r" for character in sample
    )
    return (unexpected + sample.count("\ufffd")) * _TEXT_TO_UNEXPECTED <= len(sample)


def _nearly_utf8(data: bytes) -> Decoded | None:
    """Return text most of which is UTF-8, line by line: another line may be GB 18030, else its damaged bytes are
    replaced.
    """
    whole = len(_THREE_BYTES.findall(data))
    damaged = data.decode("utf-8", "replace").count("\ufffd") - data.count("\ufffd".encode())
    lines = data.split(b"\n")
    sound = sum(1 for line in lines if not line.isascii() and _decode_strictly(line, "utf-8"))
    unsound = sum(1 for line in lines if _decode_strictly(line, "utf-8") is None)
    if not whole or (whole < _VALID_TO_DAMAGED * damaged and sound < _VALID_TO_DAMAGED * unsound):
        return None
    text = "\n".join(_utf8_line(line) for line in lines)
    return Decoded(text, "utf-8", text.count("\ufffd"))


def _utf8_line(line: bytes) -> str:
    """Return a line as UTF-8; as GB 18030 where fewer of its characters are whole than damaged."""
    utf8 = _decode_replacing(line, "utf-8")
    if len(_THREE_BYTES.findall(line)) < utf8.damaged and (gb18030 := _decode_strictly(line, "gb18030")):
        return gb18030.text
    return utf8.text


def _decode_legacy(data: bytes) -> Decoded | None:
    """Return text in an encoding of East Asia or of an alphabet, or in GB 18030 or Big5 with few damaged bytes."""
    sample = _pick_lines(data)
    if (encoding := choose_alphabetic(sample)) == "cp1252" and (reading := _decode_strictly(data, "cp1252")):
        return reading
    for chosen in (choose_east_asian(sample), encoding):
        if chosen and (reading := _decode_strictly(data, chosen)):
            return reading
    if sample == data and data[-1:] >= b"\x80" and (cut := choose_east_asian(data[:-1])):
        return _decode_replacing(data, cut)  # of a value that ends within its last character
    readings = [reading for name in _CHINESE if (reading := _decode_strictly(data, name))]
    if not readings:
        damaged = [_decode_replacing(data, name) for name in _CHINESE]
        readings = [
            reading
            for reading in damaged
            if _count_ideographs(reading.text) >= 10 * reading.damaged and common_share(reading.text) > _COMMON_SHARE
        ]
    return max(readings, key=lambda reading: common_share(reading.text), default=None)


def _pick_lines(data: bytes) -> bytes:
    """Return lines that are not ASCII, of the beginning and the end of a long text."""
    if len(data) <= 2 * _PICKED:
        return data
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    picked = b"\n".join(lines)
    if len(picked) <= 2 * _PICKED:
        return picked
    end = picked.find(b"\n", _PICKED)
    start = picked.rfind(b"\n", 0, len(picked) - _PICKED)
    return picked if end < 0 or start < 0 else picked[:end] + picked[start:]


def _by_statistics(data: bytes) -> Decoded | None:
    from charset_normalizer import (
        from_bytes,
    )  # imported here: most text needs no statistics, and every child starts faster

    best = from_bytes(data[:_SAMPLE]).best()
    return _decode_replacing(data, best.encoding) if best is not None else None


def _count_ideographs(text: str) -> int:
    return sum("\u4e00" <= character <= "\u9fff" for character in text)


def _is_common_chinese(data: bytes, text: str) -> bool:
    """Return whether bytes are pairs of GB 2312, most of its first level; accents stand in words, by small letters."""
    pairs = list(_iter_pairs(data))
    if _TOUCHES_LETTER.search(text):
        return False
    ideographs = [(lead, trail) for lead, trail in pairs if lead >= _FIRST_LEVEL.start or trail < _FIRST_TRAIL]
    first = sum(lead in _FIRST_LEVEL and trail >= _FIRST_TRAIL for lead, trail in ideographs)
    return 0 < first >= 0.65 * len(ideographs)


def _iter_pairs(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
            continue
        yield data[at], data[at + 1] if at + 1 < len(data) else 0
        at += 2
