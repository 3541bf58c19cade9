"""Coordinates written as text outside XMP: JSON in comments and descriptions, C2PA assertions, notes of camera apps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ingest_tools.formats.location_metadata.edits import Blank, Finding, PictureBytes, Region
from ingest_tools.formats.location_metadata.unnamed import find_unnamed

SPACE = 0x20
# what names a location in text, in whatever format
LOCATION_NAME = re.compile(rb"GPS|atitude|ongt?itude|ISO6709|\xa9xyz|\"(?:lat|lng|lon|gps)\"|geo:", re.IGNORECASE)
_AHEAD, _MOST = 160, 10_000
_WORDS = (
    "atitude", "ATITUDE", "ongitude", "ONGITUDE", "ongtitude", "ISO6709", "GPSPosition", "\xa9xyz",
    "GPS:", "gps:", "GPS ", '"lat"', '"lng"', '"lon"', '"gps"', "lat:", "lng:", "lon:", "lat=", "lng=", "lon=",
    "geo:", "?q=", "ll=", "纬度", "緯度", "经度", "經度", "北纬", "北緯", "东经", "東經",
)  # fmt: skip


def _spellings(word: str) -> set[bytes]:
    """A word as bytes, in the encodings that metadata has."""
    if not word.isascii():
        return {
            word.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "latin-1") if _fits(word, name)
        }
    return {word.encode(), b"\0".join(bytes([byte]) for byte in word.encode())}


def _fits(word: str, encoding: str) -> bool:
    try:
        word.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


_SPELLINGS = sorted({spelling for word in _WORDS for spelling in _spellings(word)})
# bytes that mean a degree behind a number: the signs in Latin-1, UTF-8 and GBK, and as exiftool writes it
_DEGREE = r"(?:\s?(?:deg|[°º]|\xc2[°º]|\xe5\xba\xa6|\xa1\xe3|\xb6\xc8|\xa6\x5e|\x5e\xa6)\s?)"
# the rest of the name, at most a few signs, then degrees with a fraction or in degrees, minutes and seconds; behind it
# perhaps the other coordinate, after a letter of the compass
_NUMBER = re.compile(
    r"[A-Za-z_]{0,16}[^A-Za-z0-9_<>+-]{0,12}(?:[NSEWnsew]\W{0,3})?"
    rf"([+-]?\d{{1,3}}(?:[.,/]\s?\d+|\s\d+|{_DEGREE}\d+)(?:[^A-Za-z<>{{}}]|[NSEWnsew](?![A-Za-z])|deg|lon\w*|lng){{0,90}})"
)
# text for people: a named coordinate, or a pair of numbers as exact as only coordinates are
_COORDINATES = re.compile(
    r"(?:(?<![A-Za-z])(?:gps)?\s?(?:lat(?:itude)?|lon(?:g(?:itude)?)?|lng|gps|geo|position)(?![A-Za-z])|[纬緯]度?|[经經]度?)"
    r"[^\d\n]{0,16}[+-]?\d{1,3}(?:\.\d{2,}|\s?(?:°|º|度|deg))"
    r"|\d{1,2}\.(?=\d{3,}[^\d]{1,12}\d{1,3}\.\d{3})(?=\d{4}|\d{3}[^\d]{1,12}\d{1,3}\.\d{4})\d+"
    r"\s?[°º]?\s?[NSEW]?[\s,，、;；/|]{1,3}[NSEW]?\s?[+-]?\d{1,3}\.\d{3,}"
    r"|\d{1,3}\s?[°º度]\s?\d{1,2}\s?['′’分]",
    re.IGNORECASE,
)


def names_coordinates(text: str) -> bool:
    """Whether a title, caption or keyword tells coordinates."""
    return _COORDINATES.search(unicodedata.normalize("NFKC", text)) is not None


def unless_coordinates(text: str) -> str:
    """A text that was read from a photo, or nothing if it tells coordinates: what is read becomes public."""
    return "" if names_coordinates(text) else text


def scan(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """The digits of every coordinate in a region, named or by its form, in ASCII, UTF-8 or UTF-16."""
    for start, stop in find_unnamed(picture, region):
        yield from _blank_digits(start, picture.read(start, stop))
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
    first, last = kept[found.start(1)][0], kept[found.end(1) - 1][0]
    yield from _blank_digits(start + first, raw[first : last + 1])


def _blank_digits(start: int, raw: bytes) -> Iterator[Finding]:
    for at, byte in enumerate(raw, start):
        if chr(byte).isascii() and chr(byte).isdigit():
            yield Blank(at, at + 1, SPACE)
