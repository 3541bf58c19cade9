"""Numbers that tell the parts of a work apart, as the names of files have them: `001-005`, `童林传（一）`, `A2`."""

from __future__ import annotations

import re

from ingest_tools.sources.naming.folders import number_of_part
from library_server.catalogue.normalization.numerals import read_numeral
from library_server.lazy_patterns import lazy_pattern

_COUNTED = "[讲课集回期章节话話段]"
# `三国演义 002`, `track03` and `001`: the recordings of a work that are told apart by their number alone
PLAIN_NUMBER = lazy_pattern(rf"(?P<name>.{{0,80}}?)[\s._\-—]*第?(?P<number>\d{{1,4}}){_COUNTED}?")
_PLAIN_WORDS = frozenset(("", "track", "chapter", "chap", "part", "音轨", "录音", "audio"))
_RANGE = lazy_pattern(rf"第?(?P<first>\d{{1,4}})\s?{_COUNTED}?\s?[-~—–至到]\s?第?(?P<last>\d{{1,4}})\s?{_COUNTED}?")
_LONG_NUMBER = 3  # digits; `2-05` is a track of disc 2
# `第一讲 选地`, and `001回` of a number in digits
LESSON = lazy_pattern(
    rf"^(?:第(?P<number>[0-9〇零一二三四五六七八九十百]+){_COUNTED}(?:[\s:：_\-]*(?P<rest>.+))?"
    rf"|(?P<digits>\d{{1,4}}){_COUNTED}(?:[\s:：_\-]+(?P<title>.+))?)$"
)
# `A2 茶歌` of a gramophone record
SIDE_TRACK = lazy_pattern(r"^(?P<side>[A-D])(?P<track>\d{1,2})(?=$|[\s._\-、])")


def without_course(stem: str, course: str) -> str:
    """Return the name of a part without that of the work before its number: `三国演义第12回` is `第12回`."""
    rest = stem[len(course) :].lstrip(" _-—.·") if stem.casefold().startswith(course.casefold()) and course else ""
    return rest if re.match(r"\d|第", rest) or number_of_part(rest) is not None else stem


def first_of_range(named: str, *, is_bare: bool) -> int | None:
    """Return the first number of a part that holds several, `001-005`; short ones only where `is_bare` is not set."""
    match = _RANGE.fullmatch(named)
    if match is None or int(match["first"]) >= int(match["last"]):
        return None
    is_long = min(len(match["first"]), len(match["last"])) >= _LONG_NUMBER
    return int(match["first"]) if is_long or not is_bare else None


def plain_number(stem: str, course: str) -> int | None:
    """Return the number of a recording whose name has nothing else in it but that of its folder."""
    plain = PLAIN_NUMBER.fullmatch(stem)
    if plain is None:
        return None
    name = plain["name"].strip("《》 ").casefold()
    return read_numeral(plain["number"]) if name in _PLAIN_WORDS or name in course.casefold() else None
