"""What other programs would read of a place: Pillow and libheif, which share no code with `scanning`."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import ExifTags, Image

from ingest_tools.formats import pictures
from ingest_tools.formats.photos.location_metadata import tiff, xmp
from ingest_tools.formats.photos.location_metadata.coordinates.encoded_text import bytes_have_coordinates
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import text_has_coordinates
from ingest_tools.rejections import RejectedError

_NO_PLACE = frozenset({ExifTags.GPS.GPSVersionID, ExifTags.GPS.GPSTimeStamp, ExifTags.GPS.GPSMapDatum,
                       ExifTags.GPS.GPSDateStamp})  # fmt: skip
_BROKEN = (
    RejectedError,
    SyntaxError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    OverflowError,
    RuntimeError,
    struct.error,
)


def has_readable_location(path: Path) -> bool | None:
    """Return whether a reader finds a location in a picture; None where it cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of Pillow, about damaged directories
            with pictures.open_picture(path) as picture:
                return (
                    _has_gps_directory(picture.getexif())
                    or any(map(_xmp_has_coordinates, picture.info.values()))
                    or any(map(_has_coordinates, _read_texts(picture)))
                )
    except _BROKEN:
        return None


def _has_gps_directory(exif: Image.Exif) -> bool:
    return any(tag not in _NO_PLACE for tag in exif.get_ifd(ExifTags.IFD.GPSInfo))


def _read_texts(picture: Image.Image) -> Iterator[object]:
    """Yield the texts of a picture, such as the comment of a GIF."""
    exif = picture.getexif()
    for tag, value in [*exif.items(), *exif.get_ifd(ExifTags.IFD.Exif).items()]:
        if tag in tiff.TEXTS:
            yield value
    for name, value in picture.info.items():
        if isinstance(value, str) or name == "comment":
            yield value


def _has_coordinates(text: object) -> bool:
    if isinstance(text, bytes):
        return bytes_have_coordinates(text)
    return isinstance(text, str) and text_has_coordinates(text)


def _xmp_has_coordinates(value: object) -> bool:
    text = value.encode("utf-8", "replace") if isinstance(value, str) else value
    if not isinstance(text, bytes) or b"xmpmeta" not in text:
        return False
    start = text.find(b"<", max(0, text.find(b"xmpmeta") - 64))
    return bool(xmp.find_coordinates(text[start:].rstrip(b"\0 \r\n")))
