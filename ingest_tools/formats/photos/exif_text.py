"""Text in EXIF that is no ASCII: the fields of Windows Explorer, and the comment of the user (EXIF 2.32, 4.6.5).

Windows writes UTF-16 into `XPTitle` and its like. Of comments, those in Chinese are kept: telephones write settings
into this field.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any, Final

from PIL import ExifTags, Image

from ingest_tools.formats.photos.captions import Captions
from library_server.catalogue.normalization.encodings import decode_text, repair_text
from library_server.catalogue.normalization.legacy_encodings import choose_east_asian
from library_server.catalogue.normalization.text import normalize

_TEXT_LIMIT, _LIST_LIMIT, _BYTES_LIMIT = 4000, 40, 1 << 16
_CODE: Final = 8  # bytes before a comment that name its encoding
_SEPARATORS: Final = re.compile(r"\s*[;；]\s*")
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")
_LEAST_CHINESE: Final = 1 / 3
_CHARACTER_SETS: Final = ("gb2312", "big5", "shift_jis", "euc_kr", "cp1252", "cp1251")
_LEAST_COMMON: Final = 0.7
_ASCII_TAGS: Final = (
    ExifTags.Base.ImageDescription, ExifTags.Base.Artist, ExifTags.Base.Copyright, ExifTags.Base.Make,
    ExifTags.Base.Model,
)  # fmt: skip
_XP: Final = {"title": 0x9C9B, "comment": 0x9C9C, "author": 0x9C9D, "keywords": 0x9C9E, "subject": 0x9C9F}


def read(exif: Image.Exif) -> Captions:
    """Return what Windows and the user wrote into the tags of a photo."""
    texts = {name: _read_windows_text(exif.get(tag)) for name, tag in _XP.items()}
    comment = texts["comment"] or _read_comment(exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment))
    return Captions(
        title=texts["title"] or texts["subject"],
        caption=comment,
        creators=_split(texts["author"]),
        keywords=_split(texts["keywords"]),
    )


def read_ascii(exif: Image.Exif) -> dict[int, str]:
    """Return the texts of tags that are ASCII by the standard, into which programs write UTF-8 and other encodings.

    Those of one photo are in one: a name of two characters is read as its longer neighbours are.
    """
    values = {tag: exif.get(tag) for tag in _ASCII_TAGS}
    raw = [data for value in values.values() if (data := _to_bytes(value)) and not data.isascii()]
    encoding = choose_east_asian(b"\n".join(raw)) if len(raw) > 1 else None
    return {int(tag): _decode_ascii(value, encoding) for tag, value in values.items()}


def _to_bytes(value: Any) -> bytes:
    """Return a value as its bytes: Pillow reads them as Latin-1."""
    try:
        return value if isinstance(value, bytes) else str(value or "").strip("\0 ").encode("latin-1")
    except UnicodeEncodeError:
        return b""


def _decode_ascii(value: Any, encoding: str | None) -> str:
    data = _to_bytes(value)
    if encoding and not data.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return repair_text(data.decode("utf-8"))
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    if isinstance(value, bytes):
        decoded = decode_text(value)
        return repair_text(decoded.text.strip("\0 ")) if decoded is not None else ""
    return repair_text(str(value or "").strip("\0 "))


def _split(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text)[:_LIST_LIMIT] if part]


def _read_windows_text(value: Any) -> str:
    """Return the text of a field, which some programs write in one byte a character."""
    if isinstance(value, tuple):
        value = bytes(part for part in value[:_BYTES_LIMIT] if isinstance(part, int) and 0 <= part < 256)
    if isinstance(value, str):
        return _tidy(repair_text(value))
    if not isinstance(value, bytes):
        return ""
    data = value[:_BYTES_LIMIT]
    if len(data) > 2 and 0 not in data and data.isascii():
        return _tidy(data.decode("ascii"))
    text = _tidy(data[: len(data) // 2 * 2].decode("utf-16-le", "replace").removeprefix("\ufeff").partition("\0")[0])
    if _common_share(text) <= _LEAST_COMMON and (decoded := decode_text(data.rstrip(b"\0"))) is not None:
        other = _tidy(repair_text(decoded.text))
        text = other if not decoded.damaged and not other.isascii() and _common_share(other) > _LEAST_COMMON else text
    return text.replace("\ufffd", "")


def _common_share(text: str) -> float:
    """Return which part of a text is in one of the character sets that writers of East Asia use."""
    counts = [sum(0 < len(character.encode(name, "ignore")) < 3 for character in text) for name in _CHARACTER_SETS]
    return max(counts) / len(text) if text else 1.0


def _read_comment(value: Any) -> str:
    """Return a comment of the user that is Chinese; else an empty text."""
    if not isinstance(value, bytes) or len(value) <= _CODE:
        return ""
    code, data = value[:_CODE].rstrip(b"\0 "), value[_CODE:_BYTES_LIMIT]
    readings = []
    if code in {b"UNICODE", b""}:
        readings = [data[: len(data) // 2 * 2].decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be")]
    if code != b"UNICODE" and (decoded := decode_text(data.rstrip(b"\0 "))) is not None:
        readings.insert(0, decoded.text)
    return next((text for reading in readings if (text := _tidy(reading)) and _is_chinese(text, reading)), "")


def _is_chinese(text: str, reading: str) -> bool:
    is_sound = reading.strip("\0 \ufeff").replace("\n", "").replace("\r", "").isprintable() and "\ufffd" not in reading
    common = sum(bool(character.encode("gb2312", "ignore")) or character.isascii() for character in text)
    chinese = len(_IDEOGRAPH.findall(text))
    return is_sound and chinese >= _LEAST_CHINESE * len(text) and common * 2 > len(text) and "{" not in text


def _tidy(text: str) -> str:
    return normalize(text.strip("\0 \ufeff"))[:_TEXT_LIMIT]
