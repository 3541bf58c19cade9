"""Whether numbers that look like a position can be one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LATITUDE, _LONGITUDE = 90, 180
_CHINA = ((3, 54), (73, 136))  # latitudes and longitudes, its seas included
_MGRS_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")  # by zone modulo 3 (NGA.STND.0037)
_UTM_BANDS = "CDEFGHJKLMNPQRSTUVWX"  # of 8 degrees each from 80 degrees south, the last of 12
_METRES_PER_DEGREE, _FALSE_NORTHING, _TOLERANCE = 110_600, 10_000_000, 200_000
_SIGN = re.compile(r"[+-]")


def parse_decimal(text: str) -> float:
    """Return the size of a number, whatever its sign and its decimal separator."""
    return float(_SIGN.sub("", text).replace(",", "."))


def count_decimals(text: str) -> int:
    """Return how many digits stand behind the decimal separator."""
    return len(re.split("[.,]", text)[1]) if re.search("[.,]", text) else 0


def is_pair(first: str, second: str) -> bool:
    """Return whether two numbers can be a latitude and a longitude in either order.

    Not two below 2, which are fractions, colours or ratios (there is sea at those coordinates), and not two whole ones.
    """
    low, high = sorted((parse_decimal(first), parse_decimal(second)))
    is_whole = low == int(low) and high == int(high)
    return low <= _LATITUDE and 2 <= high <= _LONGITUDE and not is_whole


def is_in_china(first: str, second: str) -> bool:
    """Return whether two numbers are a position in or near China, in either order."""
    low, high = sorted((parse_decimal(first), parse_decimal(second)))
    return _CHINA[0][0] <= low <= _CHINA[0][1] and _CHINA[1][0] <= high <= _CHINA[1][1]


def is_degrees(number: str) -> bool:
    """Return whether a number can be a latitude or longitude."""
    return parse_decimal(number) <= _LONGITUDE


def is_sexagesimal(text: str) -> bool:
    """Return whether the numbers of a text are degrees, minutes and, perhaps, seconds."""
    degrees, *rest = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", text.replace(",", ".")))
    return degrees <= _LONGITUDE and bool(rest) and all(number <= 60 for number in rest)  # 59.99 may be rounded


def is_packed(latitude: str, longitude: str) -> bool:
    """Return whether digits are degrees and minutes, and perhaps seconds, without a separator (NMEA 0183, ISO 6709)."""
    return all(_is_packed(text, width, limit) for text, width, limit in ((latitude, 2, _LATITUDE),
                                                                         (longitude, 3, _LONGITUDE)))  # fmt: skip


def _is_packed(text: str, width: int, limit: int) -> bool:
    digits = text.lstrip("+-").partition(".")[0]
    rest = [digits[at : at + 2] for at in range(width, len(digits), 2)]
    return int(digits[:width]) <= limit and all(int(part) <= 60 for part in rest)


def are_hemispheres(letters: Sequence[str | None]) -> bool:
    """Return whether letters of the compass are one of each axis or missing; `12.3s, 45.6s` are seconds."""
    given = [letter.upper() for letter in letters if letter]
    axes = {letter in "NS" for letter in given}
    return len(given) <= 1 or (len(given) == 2 and len(axes) == 2)


def is_utm(band: str, easting: str, northing: str) -> bool:
    """Return whether metres can be an easting and a northing in a band of latitudes, or in a hemisphere
    (NGA.SIG.0012).
    """
    if not 100_000 <= parse_decimal(easting) < 1_000_000:
        return False
    if band.upper() in "NS":
        return parse_decimal(northing) <= _FALSE_NORTHING
    south = _UTM_BANDS.index(band.upper()) * 8 - 80
    expected = south * _METRES_PER_DEGREE + (_FALSE_NORTHING if south < 0 else 0)
    return -_TOLERANCE <= parse_decimal(northing) - expected <= 12 * _METRES_PER_DEGREE + _TOLERANCE


def is_mgrs(zone: str, column: str, digits: str) -> bool:
    """Return whether a column letter is used in a zone, and easting and northing are equally long."""
    parts = digits.split()
    is_even = len(parts[0]) == len(parts[1]) if len(parts) == 2 else len(parts[0]) % 2 == 0
    return is_even and column.upper() in _MGRS_COLUMNS[int(zone) % 3]


def has_letter_and_digit(text: str) -> bool:
    """Return whether a text is no word and no number."""
    return any(character.isdigit() for character in text) and any(character.isalpha() for character in text)
