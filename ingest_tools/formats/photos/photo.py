"""Photos: EXIF date, orientation and camera, captions; GPS is kept for the library and never shown to the public.

A photo that tells where it was taken is for librarians only; readers get a copy that does not, where one can be made.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image
from PIL.ImageFile import ImageFile

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.photos import exif_text, photo_metadata
from ingest_tools.formats.photos.captions import read_day
from ingest_tools.formats.photos.location_metadata.coordinates.degrees import decimal_degrees
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import without_coordinates
from ingest_tools.formats.photos.location_metadata.public_copy import Location, write_public_copy
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import Position, RecordDetails
from library_server.catalogue.enums import PUBLIC_COPY, AssetRole
from library_server.catalogue.normalization.text import fold_name

_TEXT_LIMIT = 500
_CHECKED_LIMIT = 1 << 16  # far behind what is kept, so that a coordinate split here is never shown
_TITLE_LIMIT = 60
_UNSET_CLOCK = re.compile(r"(?:1970|1980|2000)[:-]01[:-]01[ T]00:00:00")
_SUFFIXES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "TIFF": "tif", "GIF": "gif", "BMP": "bmp",
             "HEIF": "heic", "AVIF": "avif", "JPEG2000": "jp2", "PSD": "psd", "TGA": "tga",
             "PCX": "pcx"}  # fmt: skip


def describe(path: Path, out: Path) -> Description:
    """Date, camera, caption and sizes of a photo; a photo of a page is noted for OCR. Raises `RejectedError`."""
    with pictures.open_picture(path) as picture:
        exif, picture_format = _read_exif(picture), picture.format or ""
        captions = photo_metadata.remove_coordinates(photo_metadata.read(picture, exif))
        texts = {tag: _checked_text(text) for tag, text in exif_text.read_ascii(exif).items()}
        inner, gps = exif.get_ifd(ExifTags.IFD.Exif), _read_position(exif)
    media_type = Image.MIME.get("JPEG" if picture_format == "MPO" else picture_format, "image/jpeg")
    derived, facts = pictures.make_sizes(path, out, screen=True)
    copy = f"{PUBLIC_COPY}.{_SUFFIXES.get(picture_format, 'bin')}"
    location = write_public_copy(path, out / copy)
    if location == Location.REMOVED:
        derived.append(Derived(AssetRole.RENDITION, PUBLIC_COPY, media_type, copy))
    make, model = (texts[tag] for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    camera = f"{make} {model}".strip()
    creators = _without_devices(captions.creators or [texts[ExifTags.Base.Artist]], make, model)
    caption = captions.caption or texts[ExifTags.Base.ImageDescription]
    title = captions.title or (caption if len(caption) <= _TITLE_LIMIT else "")
    return Description(
        format="photo",
        media_type=media_type,
        kind="photo",
        title=title or None,
        creators=[(name, "photographer") for name in creators],
        date=_read_date(inner, exif) or captions.date,
        subjects=captions.keywords,
        abstract=caption if caption and caption != title else None,
        place_covered=captions.place or None,
        librarians_only=location != Location.ABSENT,
        rights=captions.rights or texts[ExifTags.Base.Copyright] or None,
        details=RecordDetails(
            cover=facts.cover,
            photo_hash=facts.photo_hash,
            needs_ocr=facts.is_document or None,
            camera=camera or None,
            gps=gps,
        ),
        derived=derived,
    )


def _without_devices(creators: list[str], make: str, model: str) -> list[str]:
    """Return photographers without the camera, which some write there themselves."""
    devices = {fold_name(device) for device in ("", make, model, f"{make} {model}")}
    return [name for name in creators if fold_name(name.strip()) not in devices]


def _read_date(inner: dict[int, Any], exif: Image.Exif) -> str | None:
    """Return the day of the first time that says one; a clock that was never set begins at midnight of a first day."""
    times = (
        _decode_date(inner.get(ExifTags.Base.DateTimeOriginal)),
        _decode_date(inner.get(ExifTags.Base.DateTimeDigitized)),
        _decode_date(exif.get(ExifTags.Base.DateTime)),
    )
    return next((day for time in times if not _UNSET_CLOCK.match(time) and (day := read_day(time))), None)


def _read_exif(picture: ImageFile) -> Image.Exif:
    """Return the tags of a picture, for which a PNG may be read to its end. Raises `RejectedError`."""
    try:
        return picture.getexif()
    except (OSError, SyntaxError, ValueError) as error:
        raise RejectedError("damaged", str(error)) from error


def _checked_text(text: str) -> str:
    """Return a text of EXIF; empty where it tells coordinates."""
    return without_coordinates(text[:_CHECKED_LIMIT])[:_TEXT_LIMIT]


def _decode_date(value: Any) -> str:
    text = value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value or "")
    return _checked_text(text.strip("\x00 "))


def _read_position(exif: Image.Exif) -> Position | None:
    directory = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _signed_degrees(directory, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
    longitude = _signed_degrees(directory, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    if latitude is None or longitude is None or latitude == longitude == 0:  # zeros where no satellite was seen
        return None
    return Position(latitude=latitude, longitude=longitude)


def _signed_degrees(directory: dict[int, Any], tag: int, reference: int, negative: str) -> float | None:
    try:
        value = decimal_degrees(*(float(part) for part in directory[tag]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return round(-value if directory.get(reference) == negative else value, 6)
