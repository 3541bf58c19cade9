"""When and by whom a photo was taken, as people write it into its name: `老桥（1976年8月）`, `老桥 王建国摄`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest_tools.formats.placeholders import number_of_machine_name
from library_server.catalogue.normalization.dates import is_credible, parse_date
from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.lazy_patterns import lazy_pattern

_YEAR = r"(?:1[89]|20)\d\d"
_DAY_OF_YEAR = r"(?:[春夏秋冬][季天]?|(?:0?[1-9]|1[0-2])月(?:(?:[12]\d|3[01]|0?[1-9])日)?)"
_WRITTEN = (
    rf"约?{_YEAR}年(?:代|{_DAY_OF_YEAR})?|{_YEAR}(?:-\d{{1,2}}){{1,2}}|{_YEAR}(?:\.\d{{1,2}}){{1,2}}"
    r"|(?:上世纪|\d{2}世纪)?(?:[1-9]0|[二三四五六七八九]十)年代"
    r"|[一二][〇零○九八]{1}[〇零○一二三四五六七八九]{2}年(?:[一二三四五六七八九十]{1,2}月)?|民国(?:[一二三四五六七八九十元]{1,3}|\d{1,2})年"
    r"|(?:同治|光绪|宣统)[一二三四五六七八九十元]{1,3}年"
)
_COMPACT = rf"(?P<compact>{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
_TAKEN = r"(?:拍?摄于|拍于|拍摄于|(?:拍摄|摄影)(?:时间|日期)[:：]?|摄[:：])"
_IN_BRACKETS = lazy_pattern(r"(?P<title>.*\S)\s*[(（\[【](?P<inner>[^()（）\[\]【】]{2,40})[)）\]】]")
_PIECES = lazy_pattern(r"[\s,，、;；]+")
# what says the day: alone in brackets, or behind a sign; `老桥建于1976年` says another
_DATE = lazy_pattern(rf"{_TAKEN}?\s*(?P<date>{_WRITTEN}|{_YEAR}|{_COMPACT})(?:拍?摄)?")
_STATED_AT_THE_END = lazy_pattern(rf"(?P<title>.*?\S)[\s_,，\-]*{_TAKEN}\s*(?P<date>{_WRITTEN}|{_YEAR}|{_COMPACT})")
_AT_THE_END = lazy_pattern(
    rf"(?P<title>.*[^\d\s_\-年至到~])(?:[\s_\-]+|(?<=[\u4e00-\u9fff])(?<![于自从至到在建始起路巷弄室房栋幢号第元])"
    rf"(?!\d{{8}}))(?P<date>{_WRITTEN}|{_YEAR}|{_COMPACT})(?:拍?摄)?"
)
_AT_THE_START = lazy_pattern(
    rf"(?:(?P<date>{_WRITTEN})[\s_\-]+|(?:{_COMPACT}|(?P<dotted>{_YEAR}(?:[.\-]\d{{1,2}}){{2}}))(?=[\u4e00-\u9fff《“]))"
    r"(?P<rest>\S.*)"
)
_YEAR_OF_EVENT = lazy_pattern(
    rf"(?P<date>(?:{_YEAR}年|民国(?:[一二三四五六七八九十元]{{1,3}}|\d{{1,2}})年){_DAY_OF_YEAR}?)(?P<rest>(?![代级度]|[春夏秋冬月])[\u4e00-\u9fff《“].*)"
)
_PHOTOGRAPHER = (
    r"(?:(?:摄影师?|拍摄者?|摄影者|摄)[:：]\s*(?P<after>[^\d\s:：]{2,12})"
    r"|(?P<before>[^\d\s:：]{2,12}?)\s?(?:摄影?|拍摄))"
)
_BY = lazy_pattern(_PHOTOGRAPHER)
_BY_AT_THE_END = lazy_pattern(rf"(?P<title>.*\S)[\s_,，\-]+{_PHOTOGRAPHER}")
_BY_AND_WHEN = lazy_pattern(r"(?P<name>[^\d\s]{2,12}?)\s?(?P<taken>拍?摄于.*)")

# `DSC_0001 栗雨老街`, `微信图片_20190501101112_渡口`
_BEHIND_MACHINE_NAME = lazy_pattern(r"(?P<machine>[^\W\d][^\s]{0,30}?\d{3,17})[\s_\-]+(?P<title>[\u4e00-\u9fff《“].*)")
_DAY = lazy_pattern(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class PhotoName:
    """What the name of a photo says: the title without it, the date as written, the photographer."""

    title: str
    date: str | None = None
    photographer: str | None = None


def read(stem: str) -> PhotoName:
    """Return what a name says; one in no form of these, and one that a camera gave, is a title as it stands."""
    if number_of_machine_name(stem, digits=True) is not None:
        return PhotoName(stem)
    if behind := _BEHIND_MACHINE_NAME.fullmatch(stem):
        number = number_of_machine_name(behind["machine"])
        if number is not None:
            named = read(behind["title"])
            taken = _DAY.match(number)
            return replace(named, date=named.date or (taken[0] if taken else None))
    named = PhotoName(stem)
    for _ in range(3):
        before, named = named, _read_end(named)
        if named == before:
            break
    if named.date is None:
        named = _read_start(named)
    return named if any(map(str.isalpha, named.title)) else PhotoName(stem, named.date, named.photographer)


def _read_end(named: PhotoName) -> PhotoName:
    """Return a name without the last thing that it says behind the title."""
    if brackets := _IN_BRACKETS.fullmatch(named.title):
        return _read_brackets(named, brackets["title"], brackets["inner"].strip())
    if named.date is None:
        for pattern in (_STATED_AT_THE_END, _AT_THE_END):
            match = pattern.fullmatch(named.title)
            if match and (date := _date_of(match)):
                return _read_end(PhotoName(match["title"].strip(" _-"), date, named.photographer))
    if named.photographer is None and (match := _BY_AT_THE_END.fullmatch(named.title)) and (name := _name_of(match)):
        return PhotoName(match["title"].strip(" _-"), named.date, name)
    return named


def _read_brackets(named: PhotoName, title: str, inner: str) -> PhotoName:
    """Return a name without its last brackets, where all in them is a date or the photographer."""
    date, name = named.date, named.photographer
    if both := _BY_AND_WHEN.fullmatch(inner):
        pieces = [f"{both['name']}摄", both["taken"]]
    else:
        pieces = [inner] if _BY.fullmatch(inner) or _DATE.fullmatch(inner) else _PIECES.split(inner)
    for piece in pieces:
        if date is None and (match := _DATE.fullmatch(piece)) and (found := _date_of(match)):
            date = found
        elif name is None and (match := _BY.fullmatch(piece)) and (found := _name_of(match)):
            name = found
        else:
            return named
    return PhotoName(title, date, name)


def _read_start(named: PhotoName) -> PhotoName:
    if match := _AT_THE_START.fullmatch(named.title):
        written = match["date"] or match["dotted"] or _with_hyphens(match["compact"])
        if _is_date(written):
            return PhotoName(match["rest"], written, named.photographer)
    # the year is a part of what such a name says
    if (match := _YEAR_OF_EVENT.fullmatch(named.title)) and _is_date(match["date"]):
        return PhotoName(named.title, match["date"], named.photographer)
    return named


def _date_of(match: re.Match[str]) -> str | None:
    written = _with_hyphens(match["compact"]) if match["compact"] else match["date"]
    return written if _is_date(written) else None


def _with_hyphens(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def _is_date(written: str) -> bool:
    return parse_date(written).edtf is not None and is_credible(written, datetime.now(UTC).date())


def _name_of(match: re.Match[str]) -> str | None:
    name = (match["after"] or match["before"]).strip(" _")
    is_stated = match["after"] is not None and is_name(name, one_word=False)
    return name if is_stated or is_chinese_person(name) else None
