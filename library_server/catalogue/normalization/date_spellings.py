"""Spellings of dates that mean one that `dates` reads: 二○○八年, 民國廿三年, May 1998, 1998年5月第1版第2次印刷.

Only what is certain is respelled: `5/12/1998` is a day in May or in December, and keeps no more than its year.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from library_server.catalogue.normalization.numerals import formal_to_plain, plain_digits, read_numeral
from library_server.lazy_patterns import lazy_pattern

_SIMPLIFIED = str.maketrans("國緒慶豐曆萬啟啓禎順統樂紀後約間號代頃當時", "国绪庆丰历万启启祯顺统乐纪后约间号代顷当时")
_ERAS = lazy_pattern(r"[民国光绪宣统同治咸丰道嘉庆乾隆雍正康熙顺昭和大明平成令年月日廿卅卌]")
LAST_YEAR = 9999  # what may be counted and sorted: columns of the index and of the database are made for it
# first and last years of the reigns of the Ming and Qing, whose books and stones are dated by them, and of Japan since
# 1868; 洪武 was counted on in 1402 and 宣统 into 1912
REIGNS = {
    "洪武": (1368, 1402), "建文": (1399, 1402), "永乐": (1403, 1424), "洪熙": (1425, 1425), "宣德": (1426, 1435),
    "正统": (1436, 1449), "景泰": (1450, 1457), "天顺": (1457, 1464), "成化": (1465, 1487), "弘治": (1488, 1505),
    "正德": (1506, 1521), "嘉靖": (1522, 1566), "隆庆": (1567, 1572), "万历": (1573, 1620), "泰昌": (1620, 1620),
    "天启": (1621, 1627), "崇祯": (1628, 1644), "顺治": (1644, 1661), "康熙": (1662, 1722), "雍正": (1723, 1735),
    "乾隆": (1736, 1796), "嘉庆": (1796, 1820), "道光": (1821, 1850), "咸丰": (1851, 1861), "同治": (1862, 1874),
    "光绪": (1875, 1908), "宣统": (1909, 1912), "洪宪": (1916, 1916), "康德": (1934, 1945),
    "明治": (1868, 1912), "大正": (1912, 1926), "昭和": (1926, 1989), "平成": (1989, 2019), "令和": (2019, LAST_YEAR),
}  # fmt: skip
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_ENGLISH_SEASONS = {"spring": "春", "summer": "夏", "autumn": "秋", "fall": "秋", "winter": "冬"}
_WORD = r"(?P<month>[A-Za-z]{3,9})\.?"
_ENGLISH = (
    lazy_pattern(rf"{_WORD}[\s,\-/]*(?P<year>\d{{4}})"),
    lazy_pattern(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.]*{_WORD}[\s,\-/]*(?P<year>\d{{4}})"),
    lazy_pattern(rf"{_WORD}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{{4}})"),
    lazy_pattern(rf"(?P<year>\d{{4}})[\s,\-/.]*{_WORD}[\s,\-/.]*(?P<day>\d{{1,2}})?"),
)
# `May-98`, in which Excel shows the month of a date: it takes 00 to 29 for years of this century
_SHORT_YEAR = lazy_pattern(r"(?P<month>[A-Za-z]{3})-(?P<year>[0-25-9]\d)")
_LAST_OF_THIS_CENTURY = 29
_QUARTER = lazy_pattern(r"(\d{4})年?\s*第?([1-4一二三四])季度?")
_YEAR_LAST = lazy_pattern(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_MONTH_YEAR = lazy_pattern(r"(0?[1-9]|1[0-2])[/.\-](\d{4})")
_OTHER_MARKS = lazy_pattern(r"(\d{4})\s?[·•\\、 ]\s?(\d{1,2})(?:\s?[·•\\、 ]\s?(\d{1,2}))?")
_MOMENT = lazy_pattern(
    r"(?P<day>\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?)[\sT]*\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d{1,9})?)?"
    r"[秒分]?\s?(?:Z|[+-]\d{2}:?\d{2}|[AaPp][Mm])?"
)
_COMPACT_MOMENT = lazy_pattern(r"(\d{8})[T ]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_WEEKDAY = lazy_pattern(r"\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?$")
_NO_DAY = lazy_pattern(r"(?!0000|1900-01-00)(\d{4}(?:-(?!00)\d{2})?)(?:-00){1,2}")
_COMMON_ERA = lazy_pattern(r"^(?:公元|西元|公历|西历)(?!前)\s*")
_FORMER_CENTURY = lazy_pattern(r"^上(?:个)?世纪(?=[一二三四五六七八九\d])")
_PART_OF_DECADE = lazy_pattern(r"(?<=年代)(?:初期?|中期?|末期?|后期|前期)$")
_PART_OF_YEAR = lazy_pattern(r"(?<=\d年)(?:[上下]半年|度|初|底|末|头|间|前?中期?)$|(?<=\d{4})(?:学年度?|年度)$")
_PART_OF_MONTH = lazy_pattern(r"(?<=月)(?:份|上旬|中旬|下旬|初|底|末|间)$")
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"  # which count the years in turn, 60 of them
_SEXAGENARY = f"[{STEMS}][{BRANCHES}]"
_YEAR_AND_CYCLE = lazy_pattern(rf"(?<=年)\s*[(（]?{_SEXAGENARY}年?[)）]?$")
_UNKNOWN_DIGITS = lazy_pattern(r"\[?(\d{2})(?:--|xx|uu|\?\?)\]?|\[?(\d{3})[xu?]\]?", re.IGNORECASE)
_CENTURY = lazy_pattern(r"(\d{1,2}|[一二三四五六七八九十]{1,3})世纪")
_YEARS = lazy_pattern(r"(\d{4})\s*年?\s*[-–—－/]\s*(\d{4}|\d{2})\s*年?")
_ON_GOING = lazy_pattern(r"<?(\d{4})\s?[-–—－]\s?>?")
_MONTHS_OF_YEAR = lazy_pattern(r"(\d{4})([年.])(\d{1,2})月?\s*[-–—－至~]\s*(\d{1,2})月")
_BETWEEN_PARTS = lazy_pattern(r"(\d{4}[年./]\d{1,2}[月./]?(?:\d{1,2}日?)?)\s*[-–—]\s*(\d{4}[年./]\d{1,2}.*)")
_CORRECTED = lazy_pattern(r".*\[\s*(?:i\.\s?e\.,?|即|应为)\s*(\d{4})\s*\]")
_ROMAN = lazy_pattern(r"M{1,2}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})", re.IGNORECASE)
_ROMAN_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_CHINESE_YEAR = lazy_pattern(r"[一二][〇一二三四五六七八九]{3}")
_THOUSAND_YEARS = lazy_pattern(r"(?:[一二]|两)千[零〇一二三四五六七八九十百]{0,7}(?=年)")
# 1959年9月北京第1版1982年11月第2次印刷: what a book says of its first edition and the printings behind it
_EDITION = lazy_pattern(
    r"(?<=[年月日])\s*[\u4e00-\u9fff]{0,4}?(?:第\s?[\d一二三四五六七八九十]{1,3}\s?(?:版|次印)|新\s?\d{0,2}\s?版|[初再]版).*$"
)
_SHORT_MINGUO = lazy_pattern(r"^民(?=[\d一二三四五六七八九十]{1,4}年|\d{1,3}$)")


def respell(text: str) -> str:
    """Return a date in half width in the spelling that is read; what is no such spelling stays as it is."""
    if text.isascii() and text.isdigit() and len(text) <= 8:
        return text
    text = _in_modern_characters(text)
    for pattern, replacement in _WORDS:
        text = pattern.sub(replacement, text)
    for respell_whole in _WHOLE:
        if (respelled := respell_whole(text)) is not None:
            return respelled
    return text


_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_COMMON_ERA, ""), (_FORMER_CENTURY, ""), (_WEEKDAY, ""), (_PART_OF_DECADE, ""), (_PART_OF_YEAR, ""),
    (_PART_OF_MONTH, ""), (_EDITION, ""), (_YEAR_AND_CYCLE, ""), (_SHORT_MINGUO, "民国"),
    (lazy_pattern(r"(?<=\d)\.$"), ""),
    (lazy_pattern(r"(?<=0)['’′]s$"), "s"),
)  # fmt: skip


def _in_modern_characters(text: str) -> str:
    if text.isascii():
        return text
    text = plain_digits(text.translate(_SIMPLIFIED))
    if _CHINESE_YEAR.fullmatch(text):
        return f"{text}年"
    if _ERAS.search(text):
        text = formal_to_plain(text)
    return _THOUSAND_YEARS.sub(lambda number: str(read_numeral(formal_to_plain(number[0])) or number[0]), text)


def _of_moment(text: str) -> str | None:
    if moment := _MOMENT.fullmatch(text):
        return None if "T" in text else moment["day"]  # ISO 8601 is read as it is
    return compact[1] if (compact := _COMPACT_MOMENT.fullmatch(text)) else None


def _of_english(text: str) -> str | None:
    for pattern in _ENGLISH:
        if not (match := pattern.fullmatch(text)):
            continue
        word = match["month"].lower()
        if word in _ENGLISH_SEASONS:
            return f"{match['year']}年{_ENGLISH_SEASONS[word]}"
        month = _MONTHS.get(word[:3])
        if month is None:
            continue
        day = match.groupdict().get("day")
        return f"{match['year']}-{month:02d}" + (f"-{int(day):02d}" if day else "")
    return None


def _of_short_year(text: str) -> str | None:
    match = _SHORT_YEAR.fullmatch(text)
    month = _MONTHS.get(match["month"].lower()) if match else None
    if match is None or month is None:
        return None
    century = "20" if int(match["year"]) <= _LAST_OF_THIS_CENTURY else "19"
    return f"{century}{match['year']}-{month:02d}"


def _of_quarter(text: str) -> str | None:
    if not (match := _QUARTER.fullmatch(text)):
        return None
    last = 3 * (read_numeral(match[2]) or 1)
    return f"{match[1]}年{last - 2}月至{match[1]}年{last}月"


def _of_year_last(text: str) -> str | None:
    if match := _MONTH_YEAR.fullmatch(text):
        return f"{match[2]}-{int(match[1]):02d}"
    if not (match := _YEAR_LAST.fullmatch(text)):
        return None
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:
        return f"{match[3]}-{second:02d}-{first:02d}"
    if second > 12 >= first or first == second:
        return f"{match[3]}-{first:02d}-{second:02d}"
    return match[3] if max(first, second) <= 12 else None


def _of_other_marks(text: str) -> str | None:
    match = _OTHER_MARKS.fullmatch(text)
    return "-".join(filter(None, match.groups())) if match else None


def _of_unknown_parts(text: str) -> str | None:
    if match := _NO_DAY.fullmatch(text):
        return match[1]
    if match := _UNKNOWN_DIGITS.fullmatch(text):
        return f"{match[1]}XX" if match[1] else f"{match[2]}X"
    if match := _CENTURY.fullmatch(text):
        number = read_numeral(match[1])
        return f"{number - 1:02d}XX" if number else None
    return None


def _of_range(text: str) -> str | None:
    if match := _ON_GOING.fullmatch(text):
        return f"{match[1]}/"
    if match := _MONTHS_OF_YEAR.fullmatch(text):
        return f"{match[1]}年{match[3]}月至{match[1]}年{match[4]}月"
    if match := _BETWEEN_PARTS.fullmatch(text):
        return f"{match[1]}至{match[2]}"
    if not (match := _YEARS.fullmatch(text)):
        return None
    first, second = match[1], match[2] if len(match[2]) == 4 else match[1][:2] + match[2]
    is_month = len(match[2]) == 2 and int(match[2]) <= 12
    return f"{first}/{second}" if first < second and not is_month else None


def _of_corrected(text: str) -> str | None:
    return corrected[1] if (corrected := _CORRECTED.fullmatch(text)) else None


def _of_roman(text: str) -> str | None:
    bare = text.replace(".", "").replace(" ", "").upper()
    if len(bare) < 2 or not _ROMAN.fullmatch(bare):
        return None
    values = [_ROMAN_VALUES[letter] for letter in bare]
    year = sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
    return str(year) if 1400 <= year <= 2100 else None


_WHOLE: tuple[Callable[[str], str | None], ...] = (
    _of_moment, _of_english, _of_short_year, _of_quarter, _of_year_last, _of_other_marks,
    _of_unknown_parts, _of_range, _of_corrected, _of_roman,
)  # fmt: skip
