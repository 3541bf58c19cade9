"""The notations in which positions are written, for text in the spelling of `normalization`.

Every quantifier is bounded, so that a search takes time in proportion to the text. The groups of a pattern are what
must go; `is_position` decides about a match whose form is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest_tools.formats.photos.location_metadata.coordinates import checks


@dataclass(frozen=True)
class Notation:
    """One way to write a position. Text without any of its `signs`, in lower case, is not searched.

    The regular expression is compiled at its first use: all of them take a sixth of a second.
    """

    name: str
    expression: str
    is_position: Callable[[re.Match[str]], bool] = lambda _: True
    signs: Sequence[str] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.expression)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the ranges of the numbers or codes of every position in a text; matches may overlap."""
        if self.signs and not any(sign in text.lower() for sign in self.signs):
            return
        match = self.pattern.search(text)
        while match:
            if self.is_position(match):
                spans = [match.span(group) for group in range(1, self.pattern.groups + 1)]
                yield from (span for span in spans if span[0] < span[1])
            match = self.pattern.search(text, match.start() + 1)


_NO_NUMBER_BEFORE = r"(?<![\d.])"
_START = _NO_NUMBER_BEFORE + "(?<![A-DF-MO-RT-VX-Za-df-mo-rt-vx-z])"  # a letter of the compass may stand before
_END = r"(?!\.?\d)"
_DECIMAL = r"[+-]?\d{1,3}\.\d{1,20}" + _END
_ROUGH = r"[+-]?\d{1,3}\.\d{3,20}" + _END
_NO_LETTER = "(?![A-Za-z])"
_NO_LETTER_BEFORE = r"(?<![A-Za-z\d.])"
_COMPASS = r"([NSEWnsew]|north|south|east|west|[北南东東西])"
_BETWEEN = r"[\s,;/]{0,4}"
_DEGREE, _MINUTE = r"\s?(?:°|度|deg(?:rees?|\.)?)\s?", r"\s?(?:'|分(?![钟鐘之数])|min(?:utes?)?\b)"
_SECOND = r"\s?(?:\"|''|秒|sec(?:onds?)?\b)"
_SEXAGESIMAL = r"\d{1,3}[\s:°'-]{1,2}\d{1,2}(?:[\s:'-]{1,2}\d{1,2})?(?:\.\d{1,9})?[\"']{0,2}"
_LATITUDE_OR_LONGITUDE = (
    r"(?:(?i:latitude|longt?itude|(?<![a-z])(?:m|gps)?_?(?:lat|lng|lon)(?![a-z]))|[a-z](?:Lat|Lng|Lon)(?![a-z])"
    r"|[北南][纬緯]|[东東西][经經]|[纬緯经經]度|[纬緯经經](?=\s?[:=]))"
)
_ZONE = r"(?<![A-Za-z\d])(0?[1-9]|[1-5]\d|60)"
_CODE = "23456789CFGHJMPQRVWX"
_AXES = ("lat", "lon", "lng", *"纬緯经經")
_PLACE_LABELS = ("gps", "geo", "position", "location", "point", "latl", "center", "coord", *"标標位地经經纬緯")
_DEGREE_SIGNS = ("°", "度", "deg")
_NUMERAL = "[〇零一二三四五六七八九十百]"


def _is_pair(match: re.Match[str]) -> bool:
    return checks.is_pair(match[1], match[2])


def _precise_pair(match: re.Match[str]) -> bool:
    return _is_pair(match) and max(checks.count_decimals(match[1]), checks.count_decimals(match[2])) >= 2


def _decimal_pair(match: re.Match[str]) -> bool:
    before, first, first_letter, second_letter, second, after = match.groups()
    letters = [letter for letter in (before, first_letter, second_letter, after) if letter]
    if not checks.is_pair(first, second) or not checks.are_hemispheres(letters):
        return False
    if first_letter in {"s", "w"} and len(letters) == 1:
        return False  # seconds, watts
    between = match.string[match.end(2) : match.start(5)]
    if not between:
        return second[0] in "+-"
    is_usual = between.isspace() or any(sign in between for sign in ",;&=") or len(letters) == 2
    return is_usual or max(checks.count_decimals(first), checks.count_decimals(second)) >= 4


def _has_hemispheres(match: re.Match[str]) -> bool:
    """Return whether both numbers, the second and the fifth group, have a letter of the compass, on the same side of
    each.
    """
    return any(checks.are_hemispheres(pair) for pair in (match.group(1, 4), match.group(3, 6)) if all(pair))


def _is_xy(match: re.Match[str]) -> bool:
    least = min(checks.count_decimals(match[1]), checks.count_decimals(match[2]))
    return (least >= 4 and _is_pair(match)) or (least >= 2 and checks.is_in_china(match[1], match[2]))


def _pair_in_china(match: re.Match[str]) -> bool:
    """Both exact to ten metres, whatever stands between; or one of them, with nothing but a separator between."""
    exactness = sorted((checks.count_decimals(match[1]), checks.count_decimals(match[3])))
    is_exact = exactness[0] >= 4 or (exactness[1] >= 4 and not match[2].strip(" ,;/|"))
    return is_exact and checks.is_in_china(match[1], match[3])


def _any_case(expression: str) -> str:
    return f"(?i){expression}"


_DECIMALS = (
    Notation("decimal pair", _any_case(
        rf"{_START}(?:([NSEW])\s?)?({_ROUGH})\s?°?\s?(?:([NSEW]){_NO_LETTER})?"
        r"[\s,;|/&()\[\]{}_:~、和与-]{0,6}(?:(?:lat(?:itude)?|lon(?:g(?:itude)?)?|lng|and|[xy]\s?(?=[:=])"
        r"|[东東西][经經]|[北南][纬緯]|[纬緯经經]度?)[\s:='\"-]{0,4})?"
        rf"(?:([NSEW])\s?)?({_ROUGH})(?:\s?°?\s?([NSEW]){_NO_LETTER})?"), _decimal_pair),
    Notation("hemispheres", _any_case(
        rf"{_NO_LETTER_BEFORE}(?:{_COMPASS}\s?)?({_DECIMAL})\s?°?(?(1)|(?:\s?{_COMPASS}{_NO_LETTER})?){_BETWEEN}"
        rf"(?:{_COMPASS}\s?)?({_DECIMAL})(?:\s?°?\s?{_COMPASS}{_NO_LETTER})?"),
        lambda match: _has_hemispheres(match) and checks.is_pair(match[2], match[5])),
    Notation("degrees and hemisphere", _any_case(
        rf"{_NO_NUMBER_BEFORE}(\d{{1,3}}[.,]\d{{1,20}}){_DEGREE}(?:[NSEW]{_NO_LETTER}|north|south|east|west)"
        rf"|(?<![A-Za-z])[NSEW]\s?(\d{{1,3}}[.,]\d{{1,20}}){_DEGREE}"),
        lambda match: checks.is_degrees(match[1] or match[2]), signs=_DEGREE_SIGNS),
    Notation("decimal commas", _any_case(
        r"(?<![\d.])(?<!\d,)([+-]?\d{1,3},\d{4,20})(?!\d)\s?°?\s?[NSEW]?(?:\s?[;/|]\s?|,?\s{1,3})([+-]?\d{1,3},\d{4,20})(?!\d)"),
        _is_pair),
    Notation("geo address", _any_case(r"\bgeo:([+-]?\d{1,3}(?:\.\d{1,20})?),([+-]?\d{1,3}(?:\.\d{1,20})?)"), _is_pair,
        signs=("geo:",)),
    Notation("well-known text", _any_case(
        rf"\bPOINT\s?[ZM]{{0,2}}\s?\(\s{{0,3}}({_DECIMAL})\s{{1,3}}({_DECIMAL})"), _is_pair, signs=("point",)),
    Notation("x and y", _any_case(
        rf"(?<![A-Za-z])[xy][\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?({_DECIMAL})[\"']?[\s,;&]{{1,6}}[\"']?[xy][\"']?"
        rf"\s{{0,3}}[:=]\s{{0,3}}[\"']?({_DECIMAL})"), _is_xy, signs=("x",)),
    Notation("pair in China", (
        rf"{_NO_NUMBER_BEFORE}([+-]?\d{{1,3}}\.\d{{2,20}}{_END})([^\d]{{1,64}}?)([+-]?\d{{1,3}}\.\d{{2,20}}{_END})"),
        _pair_in_china),
)  # fmt: skip
_DEGREES = (
    Notation("degrees and minutes", _any_case(
        rf"{_NO_NUMBER_BEFORE}(\d{{1,3}}{_DEGREE}\d{{1,2}}(?:[.,]\d{{1,9}})?(?:{_MINUTE}"
        rf"(?:\s?\d{{1,2}}(?:[.,]\d{{1,9}})?(?:{_SECOND})?)?|(?<=[.,]\d\d)|(?<=[.,]\d\d\d)|(?<=[.,]\d{{4}})"
        rf"|\s?(?=[NSEW]{_NO_LETTER})))"),
        lambda match: checks.is_sexagesimal(match[1]) and sum(map(str.isdigit, match[1])) >= 3, signs=_DEGREE_SIGNS),
    Notation("minutes and hemisphere", (
        rf"{_NO_NUMBER_BEFORE}(\d{{1,3}}\s?[ d*^_o?\ufffd-]\s?\d{{1,2}}(?:\.\d{{1,9}})?\s?['m]"
        rf"(?:\s?\d{{1,2}}(?:\.\d{{1,9}})?\s?[s\"']{{0,2}})?)\s?[NSEW]{_NO_LETTER}"),
        lambda match: checks.is_sexagesimal(match[1])),
    Notation("sexagesimal pair", _any_case(
        rf"{_NO_LETTER_BEFORE}(?:{_COMPASS}\s?)?({_SEXAGESIMAL})(?(1)|(?:\s?{_COMPASS}{_NO_LETTER})?){_BETWEEN}"
        rf"(?:{_COMPASS}\s?)?({_SEXAGESIMAL})(?:\s?{_COMPASS}{_NO_LETTER})?"),
        lambda match: _has_hemispheres(match) and all(map(checks.is_sexagesimal, match.group(2, 5)))),
    Notation("XMP", _any_case(
        rf"{_NO_NUMBER_BEFORE}(\d{{1,3}},\d{{1,2}}(?:\.\d{{1,9}}|,\d{{1,2}}(?:\.\d{{1,9}})?))\s?[NSEW]{_NO_LETTER}"),
        lambda match: checks.is_sexagesimal(re.sub(",", " ", match[1]))),
    Notation("NMEA and packed degrees", _any_case(
        rf"{_NO_NUMBER_BEFORE}(\d{{4}}(?:\d\d)?(?:\.\d{{1,9}})?)[\s,]?[NS][\s,;/]{{0,3}}(\d{{5}}(?:\d\d)?(?:\.\d{{1,9}})?)"
        rf"[\s,]?[EW]{_NO_LETTER}"), lambda match: checks.is_packed(match[1], match[2])),
    Notation("ISO 6709", (
        r"(?<!\d)([+-]\d{2}(?:\d\d){0,2}(?:\.\d{1,9})?)([+-]\d{3}(?:\d\d){0,2}(?:\.\d{1,9})?)"
        r"(?:[+-]\d{1,5}(?:\.\d{1,9})?)?(?:CRS[\w:]{1,20})?(?:/|(?<=\.\d)|(?<=\.\d\d))"),
        lambda match: checks.is_packed(match[1], match[2]), signs=("+", "-")),
    Notation("Chinese numerals", (
        rf"({_NUMERAL}{{1,6}}度{_NUMERAL}{{1,4}}分(?![钟鐘之数])(?:{_NUMERAL}{{1,4}}秒)?)"
        rf"|[北南东東西][纬緯经經]({_NUMERAL}{{1,6}}点{_NUMERAL}{{1,9}})"), signs=("度", "点")),
)  # fmt: skip
_LABELLED = (
    Notation("latitude or longitude", (
        rf"{_LATITUDE_OR_LONGITUDE}[^\d\n]{{0,16}}?((?<![\d.])[+-]?(?:\d{{1,3}}[.,]\d{{2,20}}"
        r"|\d{1,3}/\d{1,9}[\s,]{1,3}\d{1,9}/\d{1,9}(?:[\s,]{1,3}\d{1,9}/\d{1,9})?"
        r"|\d{1,3}(?:[ :]|, ?)\d{1,2}[.,: ]\d{1,9}"
        r"|\d{7,10}(?!\d)))"), lambda match: not match[1].startswith("0/"), signs=_AXES),
    Notation("latitude or longitude, short", (
        rf"(?:{_LATITUDE_OR_LONGITUDE}[\"']?\s?[:=]\s?[\"']?|[北南东東西][纬緯经經]\s?)([+-]?\d{{1,3}}\.\d)(?!\d)"),
        signs=_AXES),
    Notation("number before its label", (
        rf"{_NO_NUMBER_BEFORE}([+-]?\d{{1,3}}\.\d{{2,20}})\s?°?[\s(\[:=]{{0,3}}(?:(?i:latitude|longitude"
        r"|lat(?![a-z])|lng(?![a-z]))|[北南][纬緯]|[东東西][经經]|[纬緯经經]度)"), signs=_AXES),
    Notation("seven decimals as a whole number", _any_case(
        r"(?:lat|lon|lng)(?:gitude|itude)?_?(?:deg|degrees)?_?(?:e|x?10)[5-7][\"']?\s{0,3}[:=>]?\s{0,3}[\"']?(-?\d{5,10})(?!\d)"),
        signs=_AXES),
    Notation("labelled pair", _any_case(
        r"(?:(?<![a-z])(?:gps|geo(?:tag|location)?|position|location|point|latlng|latlon|center|coord(?:inate)?s?)(?![a-z])"
        rf"|坐标|座標|位置|定位|地点|[经經][纬緯]度?|[纬緯][经經]度?)[^\d\n]{{0,12}}?({_DECIMAL})[\s,;/|]{{1,4}}({_DECIMAL})"),
        _precise_pair, signs=_PLACE_LABELS),
    Notation("labelled number", _any_case(
        rf"(?:(?<![a-z])(?:gps|geo|position|location|coord(?:inate)?s?)(?![a-z])|坐标|座標|定位)[^\d\n]{{0,16}}?({_ROUGH})"),
        lambda match: checks.is_degrees(match[1]), signs=_PLACE_LABELS),
    Notation("geohash", _any_case(
        r"geo_?-?hash[\"']?(?:\s{0,3}[:=/]\s{0,3}|\s{1,3}(?=[a-z]{0,11}\d))[\"']?([0-9b-hjkmnp-z]{5,12})(?![0-9a-z])"),
        signs=("hash",)),
)  # fmt: skip
_ADDRESSES = (
    Notation("query of a map", _any_case(
        r"(?:@|[?&;#](?:q|query|ll|sll|cbll|center|cp|c|loc|location|position|coords?|latlng|[sd]addr|destination|origin"
        rf"|markers?|pt|pin|dest|from|to|p|pos|point)[=:])[^&\s\d+-]{{0,24}}({_DECIMAL})[,~_|; +]({_DECIMAL})"),
        _precise_pair, signs=("@", "=", ":")),
    Notation("fragment of a map", _any_case(
        rf"[#/](?:map=)?\d{{1,2}}(?:\.\d{{1,9}})?/({_DECIMAL})/({_DECIMAL})"), _precise_pair, signs=("/",)),
    Notation("data of Google Maps", (r"![123]d([+-]?\d{1,3}\.\d{2,20})"), signs=("!1d", "!2d", "!3d")),
    Notation("metres of Baidu Maps", (r"@(\d{7,8}(?:\.\d{1,9})?),(\d{6,7}(?:\.\d{1,9})?),\d{1,2}(?:\.\d+)?z"),
        signs=("@",)),
    Notation("short address of a map", _any_case(
        r"(?:maps\.app\.goo\.gl|goo\.gl/maps|osm\.org/go|openstreetmap\.org/go|surl\.amap\.com|j\.map\.baidu\.com"
        r"|w3w\.co|what3words\.com|plus\.codes|geohash\.org)/([^\s\"'<>&?]{4,64})"),
        signs=("goo.gl", "map.org", "osm.org", "amap.com", "baidu.com", "w3w", "words.com", "plus.codes", "hash.org")),
    Notation("what3words", (
        r"(?:(?<![:/\w])///\s?|(?i:what3words|w3w)[\"']?[\s:=(\"'/]{1,6})([^\W\d_]{2,24}\.[^\W\d_]{2,24}\.[^\W\d_]{2,24})"
        r"(?![\w.])"), signs=("///", "3words", "w3w")),
)  # fmt: skip
_GRIDS = (
    Notation("plus code", (
        rf"(?<![A-Za-z\d+/])([2-9C][2-9CFGHJMPQRV][{_CODE}]{{6}}\+[{_CODE}]{{2,7}}"
        rf"|[2-9c][2-9cfghjmpqrv][{_CODE.lower()}]{{6}}\+[{_CODE.lower()}]{{2,7}})(?![A-Za-z\d+/])"), signs=("+",)),
    Notation("short plus code", (rf"(?<![A-Za-z\d+/])([{_CODE}]{{4}}\+[{_CODE}]{{2,3}})(?![A-Za-z\d+/])"),
             lambda match: checks.has_letter_and_digit(match[1].partition("+")[0]), signs=("+",)),
    Notation("labelled plus code", _any_case(
        rf"(?:plus[\s_-]?codes?|pluscode|\bolc|open location code|加码)[\"']?[\s:=\"']{{1,5}}"
        rf"([{_CODE}]{{2,8}}0{{0,4}}\+(?:[{_CODE}]{{2,7}})?)(?![A-Za-z\d])"), signs=("+",)),
    Notation("UTM", _any_case(
        rf"{_ZONE}\s?([C-HJ-NP-X])\s?[,:]?\s{{0,3}}E?[:=]?\s?(\d{{6,7}}(?:\.\d{{1,4}})?)\s?m?\s?E?[\s,;/]{{1,3}}N?[:=]?\s?"
        r"(\d{6,8}(?:\.\d{1,4})?)(?!\d)"), lambda match: checks.is_utm(match[2], match[3], match[4])),
    Notation("MGRS", (
        rf"{_ZONE}\s?[C-HJ-NP-X]\s?([A-HJ-NP-Z])[A-HJ-NP-V]\s?(\d{{6,10}}|\d{{3,5}}\s\d{{3,5}})(?![A-Za-z\d])"),
        lambda match: checks.is_mgrs(match[1], match[2], match[3])),
    Notation("labelled MGRS", _any_case(
        rf"\b(?:mgrs|usng)[^A-Za-z\d]{{1,6}}{_ZONE}\s?[C-HJ-NP-X]\s?([A-HJ-NP-Z])[A-HJ-NP-V]\s?(\d{{2,10}}|\d{{1,5}}\s\d{{1,5}})"),
        lambda match: checks.is_mgrs(match[1], match[2], match[3]), signs=("mgrs", "usng")),
)  # fmt: skip
NOTATIONS: tuple[Notation, ...] = (*_DECIMALS, *_DEGREES, *_LABELLED, *_ADDRESSES, *_GRIDS)
