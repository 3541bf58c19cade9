"""Coordinates written as text outside XMP: JSON in comments and descriptions, C2PA assertions, notes of camera apps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ingest_tools.formats.photos.location_metadata.edits import Blank, Finding, PictureBytes, Region

SPACE = 0x20
# what names a location in text, in whatever format
LOCATION_NAME = re.compile(rb"GPS|atitude|ongt?itude|ISO6709|\xa9xyz|\"(?:lat|lng|lon|gps)\"|geo:", re.IGNORECASE)
_AHEAD, _MOST, _STEP = 160, 10_000, 1 << 20
_LONGEST = 180  # degrees of a longitude
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
# text for people: a named coordinate, or degrees and minutes
_COORDINATES = re.compile(
    r"(?:(?<![A-Za-z])(?:gps)?\s?(?:lat(?:itude)?|lon(?:g(?:itude)?)?|lng|gps|geo|position)(?![A-Za-z])|[纬緯]度?|[经經]度?)"
    r"[^\d\n]{0,16}[+-]?\d{1,3}(?:\.\d{2,}|\s?(?:°|º|度|deg))"
    r"|\d{1,3}\s?[°º度]\s?\d{1,2}\s?['′’分]",
    re.IGNORECASE,
)
# coordinates without a name, as bytes in any encoding whose digits are those of ASCII, UTF-16 included
# no digit stands before them, unless it is the length of an IPTC data set (IIM 4.2, 1.5)
_BEFORE = rb"(?:(?<=\x1c[\x01-\x09][\x00-\xff]{3})|(?<![\d.])(?<![\d.]\0))"
_DECIMAL = rb"[+-]?\0?((?:\d\0?){1,3})\.\0?(?:\d\0?){3,20}"
_PAIR = re.compile(_BEFORE + _DECIMAL + rb"(?:[^0-9\"'<>.]{1,12}?|(?=[+-]))" + _DECIMAL)
_GAP = rb"[ \0]{0,4}"
_DEGREE_SIGN = rb"(?:\xc2?[\xb0\xba]|\xe5\xba\xa6|\xa1\xe3|\xb6\xc8|deg|\xa6\x5e|\x5e\xa6)"
_MINUTE_SIGN = (
    rb"(?:['\xb4]|\xe2\x80[\xb2\x99]|\xe5\x88\x86|\xef\xbc\x87|\xb7\xd6|\xa1\xe4|\x06\x52|\x52\x06|\x32\x20"
    rb"|\x20\x32|\x19\x20|\x20\x19)"
)
_SECOND_SIGN = rb"(?:[\"NSEW]|''|\xe2\x80[\xb3\x9d]|\xe7\xa7\x92|\xc3\xeb|\xa1\xe5|\xd2\x79|\x79\xd2|\x33\x20|\x20\x33)"
_SEXAGESIMAL = re.compile(
    rb"(?:\d\0?){1,3}" + _GAP + _DEGREE_SIGN + _GAP + rb"(?:\d\0?){1,2}" + _GAP + _MINUTE_SIGN + _GAP
    + rb"(?:\d\0?){1,2}(?:\.\0?(?:\d\0?){1,9})?" + _GAP + _SECOND_SIGN
)  # fmt: skip
_ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "latin-1")
_MOST_DECODED = 1 << 18


def names_coordinates(text: str) -> bool:
    """Whether a title, caption or keyword tells coordinates."""
    plain = unicodedata.normalize("NFKC", text)
    return _COORDINATES.search(plain) is not None or any(_unnamed(plain.encode("utf-8", "replace")))


def without_coordinates(text: str) -> str:
    """The text, or an empty one where it tells coordinates. Every text that is read from a photo passes here."""
    return "" if names_coordinates(text) else text


def tells_coordinates(raw: bytes) -> bool:
    """Whether a text tells coordinates, in whatever encoding it is."""
    raw = raw[:_MOST_DECODED]
    return any(names_coordinates(raw.decode(encoding, "ignore")) for encoding in _ENCODINGS)


def _unnamed(raw: bytes) -> Iterator[tuple[int, int]]:
    """The ranges of coordinates without a name: two decimal numbers that can be, or degrees, minutes and seconds."""
    found = _PAIR.search(raw)
    while found:
        first, second = (int(found[group].replace(b"\0", b"")) for group in (1, 2))
        # two numbers below 1 are fractions, such as places in a picture or colours; there is sea at those coordinates
        if (first or second) and max(first, second) <= _LONGEST and min(first, second) <= _LONGEST // 2:
            yield found.span()
        found = _PAIR.search(raw, found.start() + 1)
    yield from (found.span() for found in _SEXAGESIMAL.finditer(raw))


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
    for at in range(region.start, region.stop, _STEP):
        raw = picture.read(at, min(at + _STEP + _AHEAD, region.stop))
        for start, stop in _unnamed(raw):
            for place in range(start, stop):
                if raw[place : place + 1].isdigit():
                    yield Blank(at + place, at + place + 1, SPACE)


def _digits(picture: PictureBytes, start: int, limit: int) -> Iterator[Finding]:
    raw = picture.read(start, min(start + _AHEAD, limit))
    kept = [(at, chr(byte)) for at, byte in enumerate(raw) if byte]
    found = _NUMBER.match("".join(sign for _, sign in kept))
    if found is None:
        return
    for at, sign in kept[found.start(1) : found.end(1)]:
        if sign.isascii() and sign.isdigit():
            yield Blank(start + at, start + at + 1, SPACE)
