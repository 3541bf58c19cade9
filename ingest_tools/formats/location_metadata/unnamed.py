"""Coordinates that nothing names: pairs of numbers as exact as only coordinates are, and degrees, minutes and seconds.

The patterns are long enough not to occur in compressed pixels by chance, since HEIF and TIFF are searched as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest_tools.formats.location_metadata.edits import PictureBytes, Region

_MOST = 10_000
# `~` stands for the zero byte of UTF-16 or for nothing, `@` for the high byte of a sign between two numbers
_WHOLE = rb"(?:[0-9]~){1,3}\.~"
_BETWEEN = rb"(?:[^0-9.<>=\x00-\x08\x0e-\x1f]@){1,14}"
_PAIR = (
    _WHOLE + rb"(?:[0-9]~){4,18}" + _BETWEEN + _WHOLE + rb"(?:[0-9]~){2,18}[0-9]"
    rb"|" + _WHOLE + rb"(?:[0-9]~){3}" + _BETWEEN + _WHOLE + rb"(?:[0-9]~){3,18}[0-9]"
)
_LETTER = rb"(?<![A-Za-z])[NSEW]~(?:\s~)?" + _WHOLE + rb"(?:[0-9]~){3,18}[0-9]"
# signs of degrees and minutes in UTF-8, Latin-1 and GBK; in UTF-16 those of Latin-1
_DEGREE = rb"(?:\s~)?(?:d~e~g~|\xc2?[\xb0\xba]~|\xe5\xba\xa6|\xa1\xe3|\xb6\xc8)(?:\s~)?"
_MINUTE = rb"(?:\s~)?(?:'~|\xe2\x80[\x99\xb2]|\xe5\x88\x86|\xb7\xd6|\xa1\xe4|\xef\xbc\x87|[\x19\x32]\x20)(?:\s~)?"
_SEXAGESIMAL = (
    rb"(?:[0-9]~){1,3}" + _DEGREE + rb"(?:(?:[0-9]~){2}" + _MINUTE + rb"[0-9]~[0-9](?:~\.~(?:[0-9]~){1,9})?"
    rb"|(?:[0-9]~){1,2}" + _MINUTE + rb"(?:[0-9]~){1,2}\.~[0-9](?:~[0-9]){0,9}"
    rb"|(?:[0-9]~){1,2}\.~(?:[0-9]~){2}[0-9](?:~[0-9]){0,9})"
    rb"|" + _WHOLE + rb"(?:[0-9]~){3,18}" + _DEGREE
)
_FORMS = rb"|".join((_PAIR, _LETTER, _SEXAGESIMAL))
_PATTERNS = (
    re.compile(_FORMS.replace(b"~", b"").replace(b"@", b"")),
    re.compile(_FORMS.replace(b"~", rb"\x00").replace(b"@", rb"[\x00\x20\x30\xff]")),
)
# one short form first, since the patterns take too long for every byte of a large file
_ANCHOR = re.compile(
    rb"[0-9]\x00?(?:\.\x00?[0-9]\x00?[0-9]\x00?[0-9]"
    rb"|(?:\s\x00?)?(?:d\x00?e\x00?g|\xc2?[\xb0\xba]|\xe5\xba\xa6|\xa1\xe3|\xb6\xc8)\x00?(?:\s\x00?)?[0-9])"
)
_BEFORE, _AFTER = 16, 160
_DIGITS = re.compile(rb"[0-9]+(?=\x00?\.)")


def find_unnamed(picture: PictureBytes, region: Region) -> Iterator[tuple[int, int]]:
    """The ranges of coordinates in a region; where there are too many, all of what is left of it."""
    seen = 0
    for start, stop in _candidates(picture, region):
        for pattern in _PATTERNS:
            for found in picture.matches(pattern, Region(start, stop)):
                if _is_fraction(picture.read(*found)):
                    continue
                seen += 1
                if seen > _MOST:
                    yield found[0], region.stop
                    return
                yield found


def _candidates(picture: PictureBytes, region: Region) -> Iterator[tuple[int, int]]:
    """The surroundings of every number with a fraction or a degree sign; those that overlap are joined."""
    start = stop = region.start
    for at, _ in picture.matches(_ANCHOR, region):
        if at - _BEFORE > stop:
            if stop > start:
                yield start, stop
            start = max(region.start, at - _BEFORE)
        stop = min(region.stop, at + _AFTER)
    if stop > start:
        yield start, stop


def _is_fraction(raw: bytes) -> bool:
    """Whether all numbers are below one, as are the corners of a face or the points of a colour curve."""
    return all(whole.strip(b"0") == b"" for whole in _DIGITS.findall(raw.replace(b"\0", b""))) and b"." in raw
