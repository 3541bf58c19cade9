"""Coordinates written as text: JSON in comments and descriptions, C2PA assertions, notes of camera apps, captions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_tools.formats.photos.location_metadata.coordinates.encoded_text import MARGIN, find_coordinates_in_bytes
from ingest_tools.formats.photos.location_metadata.edits import Blank, Finding, PictureBytes, Region

SPACE = 0x20
# what names a location in text, in whatever format
LOCATION_NAME = re.compile(rb"GPS|atitude|ongt?itude|ISO6709|\xa9xyz|\"(?:lat|lng|lon|gps)\"|geo:", re.IGNORECASE)
_STEP = 1 << 20
_NO_NUL = re.compile(rb"[^\0]+")


def scan(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """Yield the numbers and codes of every position in a region, in any encoding; NUL bytes of UTF-16 stay."""
    for at in range(region.start, region.stop, _STEP):
        first = max(region.start, at - MARGIN)
        raw = picture.read(first, min(at + _STEP + MARGIN, region.stop))
        for start, stop in sorted(set(find_coordinates_in_bytes(raw))):
            for match in _NO_NUL.finditer(raw, start, stop):
                yield Blank(first + match.start(), first + match.end(), SPACE)
