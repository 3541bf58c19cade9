"""Photos: EXIF date, orientation and camera; GPS is kept for the library and never shown to the public."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from ingest_tools.derive import pictures
from ingest_tools.description import Description

_DATE = re.compile(r"(\d{4})[:\-](\d{2})[:\-](\d{2})")
_TEXT_LIMIT = 500


def describe(path: Path, out: Path) -> Description:
    """Date, camera and sizes of a photo. Raises `Refused`."""
    picture = pictures.open_picture(path)
    exif, media_type = picture.getexif(), Image.MIME.get(picture.format or "", "image/jpeg")
    derived, size = pictures.make_sizes(path, out, screen=True)
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    taken = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    details: dict[str, Any] = {"cover": size}
    camera = " ".join(_text(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)).strip()
    if camera:
        details["camera"] = camera
    if gps := _gps(exif):
        details["gps"] = gps
    artist = _text(exif.get(ExifTags.Base.Artist))
    return Description(
        format="photo",
        media_type=media_type,
        kind="photo",
        title=_text(exif.get(ExifTags.Base.ImageDescription)) or None,
        creators=[(artist, "photographer")] if artist else [],
        date=_date(_text(taken)),
        rights=_text(exif.get(ExifTags.Base.Copyright)) or None,
        details=details,
        derived=derived,
    )


def _date(text: str) -> str | None:
    found = _DATE.match(text)
    return "-".join(found.groups()) if found and found[1] != "0000" else None


def _text(value: Any) -> str:
    """EXIF text as people meant it: cameras say ASCII and write UTF-8, which Pillow reads as Latin-1."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\x00 ")[:_TEXT_LIMIT]
    text = str(value or "").strip("\x00 ")
    with contextlib.suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("latin-1").decode("utf-8")
    return text[:_TEXT_LIMIT]


def _gps(exif: Image.Exif) -> dict[str, float] | None:
    found = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(found[ExifTags.GPS.GPSLatitude], found.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        longitude = _degrees(found[ExifTags.GPS.GPSLongitude], found.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return {"latitude": latitude, "longitude": longitude}


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if negative else value, 6)
