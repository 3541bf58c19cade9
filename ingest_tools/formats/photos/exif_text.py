"""Text in EXIF that is no ASCII: the fields of Windows Explorer, and the comment of the user (EXIF 2.32, 4.6.5).

Windows writes UTF-16 into `XPTitle` and its like. Of comments, those in Chinese are kept: telephones write settings
into this field.
"""

from __future__ import annotations

import re
from typing import Any, Final

from PIL import ExifTags, Image

from ingest_tools.formats.photos.captions import Captions
from library_server.catalogue.normalization.encodings import decode_text, repair_text
from library_server.catalogue.normalization.text import normalize

_TEXT_LIMIT, _LIST_LIMIT, _BYTES_LIMIT = 4000, 40, 1 << 16
_CODE: Final = 8  # bytes before a comment that name its encoding
_SEPARATORS: Final = re.compile(r"\s*[;；]\s*")
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")
_LEAST_CHINESE: Final = 1 / 3
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
    return _tidy(data[: len(data) // 2 * 2].decode("utf-16-le", "ignore").removeprefix("\ufeff").partition("\0")[0])


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
