"""Coordinates written as text outside XMP: JSON in comments and descriptions, C2PA assertions, notes of camera apps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_tools.formats.location_metadata.edits import Blank, Finding, PictureBytes, Region

SPACE = 0x20
# what names a location in text, in whatever format
LOCATION_NAME = re.compile(rb"GPS|atitude|ongt?itude|ISO6709|\xa9xyz")
_AHEAD, _MOST = 160, 10_000
_WORDS = (b"atitude", b"ongitude", b"ongtitude", b"ISO6709", b"GPSPosition", b"\xa9xyz")
_SPELLINGS = [one for word in _WORDS for one in (word, b"\0".join(bytes([byte]) for byte in word))]
# the rest of the name, at most a few signs, then degrees with a fraction or in degrees, minutes and seconds
_NUMBER = re.compile(
    r"[A-Za-z_]{0,16}[^\w<>+-]{0,12}(?:[NSEW]\W{0,3})?([+-]?\d{1,3}(?:[.,/°º\s]\s?\d+)[^A-Za-z<>{}]{0,60})"
)


def scan(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """The digits of every coordinate that is named in a region, in ASCII, UTF-8 or UTF-16."""
    seen = 0
    for word in _SPELLINGS:
        for at in picture.occurrences(word, region):
            seen += 1
            if seen > _MOST:
                yield Blank(region.start, region.stop, SPACE)
                return
            yield from _digits(picture, at + len(word), region.stop)


def _digits(picture: PictureBytes, start: int, limit: int) -> Iterator[Finding]:
    raw = picture.read(start, min(start + _AHEAD, limit))
    kept = [(at, chr(byte)) for at, byte in enumerate(raw) if byte]
    found = _NUMBER.match("".join(sign for _, sign in kept))
    if found is None:
        return
    for at, sign in kept[found.start(1) : found.end(1)]:
        if sign.isascii() and sign.isdigit():
            yield Blank(start + at, start + at + 1, SPACE)
