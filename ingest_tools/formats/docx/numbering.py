"""The numbers that Word writes before paragraphs of lists and headings (ECMA-376, part 1, section 17.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ingest_tools.formats.docx.styles import find_child, get_value, read_number
from ingest_tools.formats.markup import get_attribute, local_name

_LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")
_DIGITS: Final = "零一二三四五六七八九"
_FORMAL: Final = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
_ROMAN: Final = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                 (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_SIGNS: Final = {"ideographtraditional": "甲乙丙丁戊己庚辛壬癸", "ideographzodiac": "子丑寅卯辰巳午未申酉戌亥"}
_CIRCLED: Final = frozenset(("decimalenclosedcircle", "decimalenclosedcirclechinese"))
_BY_PLACE: Final = frozenset(("japanesedigitalten thousand", "taiwanesedigital", "ideographdigital"))
_SILENT: Final = frozenset(("bullet", "none"))
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True)
class _Level:
    """A level of a list: how it counts, and the text with places (`%1`) for the counts."""

    start: int
    form: str
    text: str
    is_decimal: bool
    is_close: bool  # no space behind the number


class Numbering:
    """The lists of a document, from the root of their part, and how far each has counted."""

    def __init__(self, root: Any) -> None:
        children = list(root) if root is not None else []
        self._abstract = {
            get_attribute(child, "abstractnumid"): child for child in children if local_name(child.tag) == "abstractnum"
        }
        self._lists = {get_attribute(child, "numid"): child for child in children if local_name(child.tag) == "num"}
        self._counts: dict[str, list[int | None]] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._started: set[str] = set()

    def count(self, number: str, level: int) -> str:
        """Return the label of the next paragraph at a level of a list, with the space behind it."""
        definition = self._lists.get(number)
        if definition is None or not 0 <= level < _LEVELS:
            return ""
        identifier = get_value(definition, "abstractnumid") or ""
        levels = self._read_levels(identifier)
        if level not in levels:
            return ""
        counts = self._counts.setdefault(identifier, [None] * _LEVELS)
        if number not in self._started:
            self._started.add(number)
            for restarted, start in _read_restarts(definition):
                counts[restarted] = start - 1
        for higher in range(level):
            if counts[higher] is None and higher in levels:
                counts[higher] = levels[higher].start
        last = counts[level]
        counts[level] = levels[level].start if last is None else last + 1
        counts[level + 1 :] = [None] * (_LEVELS - level - 1)
        return _build_label(levels, counts, level)

    def _read_levels(self, identifier: str) -> dict[int, _Level]:
        if identifier not in self._levels:
            element = self._abstract.get(identifier)
            levels = [child for child in element if local_name(child.tag) == "lvl"] if element is not None else []
            self._levels[identifier] = {
                read_number(get_attribute(level, "ilvl")) or 0: _read_level(level) for level in levels
            }
        return self._levels[identifier]


def _read_restarts(definition: Any) -> list[tuple[int, int]]:
    """Return the levels at which a list starts anew, and from which number."""
    overrides = [child for child in definition if local_name(child.tag) == "lvloverride"]
    pairs = [
        (read_number(get_attribute(child, "ilvl")), read_number(get_value(child, "startoverride")))
        for child in overrides
    ]
    return [(level, start) for level, start in pairs if level is not None and level < _LEVELS and start is not None]


def _read_level(element: Any) -> _Level:
    start = read_number(get_value(element, "start"))
    return _Level(
        1 if start is None else start,
        (get_value(element, "numfmt") or "decimal").lower(),
        _PRIVATE.sub("", get_value(element, "lvltext") or ""),
        find_child(element, "islgl") is not None,
        get_value(element, "suff") == "nothing",
    )


def _build_label(levels: dict[int, _Level], counts: list[int | None], level: int) -> str:
    shown = levels[level]
    if shown.form in _SILENT:
        return ""

    def format_place(place: re.Match[str]) -> str:
        counted = int(place[1]) - 1
        number, of_level = counts[counted], levels.get(counted)
        if number is None or of_level is None:
            return ""
        return str(number) if shown.is_decimal else format_number(number, of_level.form)

    label = _PLACE.sub(format_place, shown.text).strip()
    return label if not label or shown.is_close or label[-1] in "、）" else f"{label} "


def format_number(number: int, form: str) -> str:
    """Return a number in a format of lists (`ST_NumberFormat`, section 17.18.59); digits where it is another."""
    if form in _SIGNS and 0 < number <= len(_SIGNS[form]):
        return _SIGNS[form][number - 1]
    if form in _CIRCLED and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if form in _BY_PLACE or (form == "chinesecounting" and number > 99):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if "counting" in form and ("chinese" in form or "japanese" in form or "taiwanese" in form):
        return _format_chinese(number)
    if "legal" in form:
        return _format_chinese(number).translate(_FORMAL)
    if form.endswith("roman") and 0 < number < 4000:
        return _format_roman(number).upper() if form.startswith("upper") else _format_roman(number)
    if form.endswith("letter") and 0 < number <= 780:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form.startswith("upper") else letter
    return f"{number:02}" if form == "decimalzero" else str(number)


def _format_chinese(number: int) -> str:
    """Return a number below ten thousand as it is read: 十二, 一百零五."""
    if not 0 < number < 10_000:
        return _DIGITS[0] if not number else str(number)
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += f"{_DIGITS[digit]}{name}"
        elif text and not text.endswith("零"):
            text += "零"
    text = text.rstrip("零")
    return text[1:] if text.startswith("一十") else text


def _format_roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text
