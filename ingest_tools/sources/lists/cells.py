"""What stands in a cell, as people meant it: numbers that are dates, ISBNs that Excel made into numbers, widths.

Excel counts days from 1899-12-30 (ECMA-376 part 1, 18.17.4.1), and keeps 15 digits of a number.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Any

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.dates import is_credible, local_day, parse_date
from library_server.catalogue.normalization.encodings import repair_text
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.normalization.numerals import read_integer, western_digits
from library_server.catalogue.normalization.text import normalize
from library_server.lazy_patterns import lazy_pattern
from library_server.translations.message_catalogs import gettext_noop as _

_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)
_YEAR_LIKE = range(19_000, 21_000)  # of five digits, which may as well be a year with one digit too many
_FIRST_YEAR = 1900
_SCIENTIFIC = lazy_pattern(r"(\d)(?:\.(\d{1,20}))?[eE]\+?(\d{1,2})")
_LOST_DIGITS = lazy_pattern(r"\d{4,7}0{6,}")  # an ISBN of six digits or fewer that count, as scientific notation keeps
_ISBN_LIKE = lazy_pattern(r"(?<![0-9A-Za-z\-])[\dXx](?:[\d\s\-‐-―－·.]*[\dXx]){8,}")
_OTHER_NUMBERS = lazy_pattern(r"\b(?:ISRC|ISSN|ISMN)[\s:]*[0-9A-Z][0-9A-Z\-]{3,20}", re.IGNORECASE)
_ISBN_LABEL = lazy_pattern(r"isbn(?:[\s\-]?1[03](?!\d))?[\s:]*", re.IGNORECASE)
_PUBLISHER_AND_YEAR = lazy_pattern(r"(.*[^\d\s.\-])\s*((?:1[5-9]|20)\d{2}(?:[年.\-/]\s?\d{1,2}月?)?年?)")
_UNKNOWN_IMPRINT = lazy_pattern(r"\[?(?:出版[者地年](?:不详|不明)|[sS]\.\s?[lLnN]\.)\]?")
_MOMENT = lazy_pattern(r"\d{4}-\d\d-\d\dT\d\d:")
# `98年5月`: years from 50 on are those of the last century; a lower one may be of this one, or of the Republic
_SHORT_YEAR = lazy_pattern(r"'?[5-9]\d年(?:\d{1,2}月份?(?:\d{1,2}[日号])?)?")
_CENTURY, _APOSTROPHE = "19", "'"
_YEAR_FIRST = lazy_pattern(
    r"(?<!\d)(?P<year>\d{4})\s*[-年./]\s*(?P<month>\d{1,2})(?:\s*[-月./]\s*(?P<day>\d{1,2}))?(?!\d|\s*[期卷册号版])"
)
_YEAR_LAST = lazy_pattern(r"(?P<first>\d{1,2})[-./](?P<second>\d{1,2})[-./]\d{4}")
_MONTH = lazy_pattern(r"(?<!\d)(\d{1,3})月")
_RELATIVE = lazy_pattern(
    r"(?:大?前|昨|今|当|明|后|次)[天日晚]|[去今本明前后]年|(?:上|这|本|下)个?(?:月|周|星期)|刚才|最近|现在|yesterday|today|tomorrow|now",
    re.IGNORECASE,
)
_WHOLE_NUMBER = lazy_pattern(r"(\d{4,8})\.0{1,9}")
_SERIAL = lazy_pattern(r"(\d{5})\.\d{1,20}")  # the time of a day follows the number of days
_FORMULA_TEXT = lazy_pattern(r'="((?:[^"]|"")*)"|=“([^“”]*)”')
_ESCAPED = lazy_pattern(r"_x([0-9A-Fa-f]{4})_")
_NOTHING = lazy_pattern(
    r"(?:无|無|没有|不详|不詳|未详|未知|不明|暂无|暫無|待查|待补|none|null|nil|n\.?/?a\.?|nan|undefined|\\n|n\.?\s?d\.?"
    r"|[-—–―－_/\\*×?.…~]{1,9}|0{1,4}([-/.]0{1,2}){2}(?: 0?0:00(?::00)?)?|1900-0?1-0?0|0?0:00(?::00)?"
    r"|1899-12-3[01](?:[ T]00:00:00)?)",
    re.IGNORECASE,
)
_NO_TITLE = lazy_pattern(r"null|none|nan|undefined|\\n|n/a", re.IGNORECASE)
_DATE_DIGITS = 8
_MOMENTS = frozenset((12, 14))  # digits of a date with its time
_LONGEST_INTEGER_BITS = 10_000
_LONGEST_ISBNS = 2000
ERROR = "#VALUE!"
_APOSTROPHES = ("'", "’")
_LONGEST_NOTHING = 24
_SHORT = 200  # characters of a cell that is kept
_NOTHING_BEGINS = frozenset("无無没不未暂暫待nuNUｎｕＮＵ")
_ERRORS = lazy_pattern(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE)
_LOST = _("完整的号码：表格把它改成了科学计数，位数丢了，把这一列设成“文本”再填")
_DATES = _("年份、年月或日期，如 1998、1998-05、民国二十三年")


class InvalidCell(ValueError):
    """A cell that is not understood; the message says what was expected, and is translated where it is shown."""


def cell_text(cell: Any) -> str:
    """Return a cell as text: whole numbers without `.0`, dates as ISO 8601, no leading apostrophe, spaces trimmed."""
    if isinstance(cell, str):
        text = cell.strip()
        return text[1:].strip() if text.startswith(_APOSTROPHES) and len(text) > 1 else text
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else ("是" if cell else "否")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, int) and cell.bit_length() > _LONGEST_INTEGER_BITS:
        return hex(cell)  # Python writes no integer of more than 4,300 digits in decimal
    return cell_text(str(cell))


def cell_value(cell: Any) -> str:
    """Return a cell as the text that was meant: without what programs put into it.

    References of HTML (`&nbsp;`, `&#26580;`) and of workbooks (`_x000D_`) are characters, `="007"` is the text that the
    formula gives, and text that was read as Latin-1 is Chinese.
    """
    if not isinstance(cell, str):
        return cell_text(cell)
    return _read_short(cell) if len(cell) <= _SHORT else _read_meant(cell)


@lru_cache(maxsize=4096)  # a cell is asked for more than once, and a column repeats its values
def _read_short(cell: str) -> str:
    return _read_meant(cell)


def _read_meant(cell: str) -> str:
    text = cell_text(cell)
    if (
        text.startswith("=")
        and not cell.strip().startswith(_APOSTROPHES)
        and (formula := _FORMULA_TEXT.fullmatch(text))
    ):
        text = (formula[1] or formula[2] or "").replace('""', '"')
    if "_x" in text:
        text = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return decode_references(repair_text(text)).strip()


def says_nothing(cell: Any, field: str) -> bool:
    """Return whether a cell stands for an empty one: 无, 不详, NULL, N/A, a dash, a date of zeros, an error.

    A title may be 无 or 不详; of it only what programs write is nothing.
    """
    if isinstance(cell, int | float):
        return False
    text = cell_value(cell)
    if len(text) > _LONGEST_NOTHING or (text[:1] not in _NOTHING_BEGINS and text.isalnum()):
        return False
    text = unicodedata.normalize("NFKC", text)
    return (_NO_TITLE if field == "title" else _NOTHING).fullmatch(text) is not None or is_error(text)


def is_error(cell: Any) -> bool:
    """Return whether a cell holds the error of a formula, which says nothing of what was meant."""
    return _ERRORS.fullmatch(cell_text(cell)) is not None


def to_halfwidth(cell: Any) -> str:
    """Return a cell as text in half width; digits of any script are ASCII ones."""
    return western_digits(unicodedata.normalize("NFKC", cell_value(cell))).strip()


def read_isbns(cell: Any) -> list[str]:
    """ISBNs of a cell, as 13 digits. Raises `InvalidCell` for a wrong one."""
    text = to_halfwidth(cell)[:_LONGEST_ISBNS]
    text = restore_digits(text)
    if _LOST_DIGITS.fullmatch(text.removesuffix(".0")):
        raise InvalidCell(_LOST)
    text = _OTHER_NUMBERS.sub(" ", _ISBN_LABEL.sub(" ", re.sub(r"(?<=\d)\.0{1,9}(?!\d)", " ", text)))
    numbers = [match[0] for match in _ISBN_LIKE.finditer(text)]
    good = [
        isbn
        for number in numbers
        for piece in _split_isbns(number)
        if (isbn := normalize_isbn(re.sub(r"[^\dXx]", "", piece)))
    ]
    if not good:
        raise InvalidCell(_("10 位或 13 位的 ISBN，校验位要对"))
    return list(dict.fromkeys(good))


def restore_digits(text: str) -> str:
    """Return a number in scientific notation with its digits: `9.787101003048E+12` is 9787101003048.

    Raises `InvalidCell` where digits are lost, as in `9.7871E+12`: zeros in their place are a number of another book.
    """
    number = _SCIENTIFIC.fullmatch(text.strip())
    if number is None:
        return text
    decimals, power = number[2] or "", int(number[3])
    if len(decimals) < power:
        raise InvalidCell(_LOST)
    return number[1] + decimals[:power]


def read_imprint(cell: Any) -> tuple[str, str, str]:
    """Place, publisher and date of a cell that has them together, as ISBD 4 divides them: `北京：中华书局，1959`.

    Raises `InvalidCell` for a cell without a publisher.
    """
    place, colon, stated = to_halfwidth(cell).strip(" .。;").partition(":")
    place, stated = (place, stated) if colon else ("", place)
    publisher, comma, published = stated.rpartition(",")
    if not comma and (joined := _PUBLISHER_AND_YEAR.fullmatch(stated)):
        publisher, published = joined[1], joined[2]
    elif not comma or (parse_date(published.strip()).edtf is None and not any(map(str.isdigit, published))):
        publisher, published = stated, ""
    place, publisher = (_UNKNOWN_IMPRINT.sub("", part.strip()).strip("[] ") for part in (place, publisher))
    if not publisher.strip() and not published:
        raise InvalidCell(_("出版地：出版者，出版年，如 北京：中华书局，1959"))
    return normalize(place), normalize(publisher), read_date(published.strip()) if published else ""


def read_year_of_date(cell: Any) -> str:
    """Return the year that somebody wrote into a cell which shows dates: 1998 is the 20th of June 1905 there; or
    nothing.
    """
    if not isinstance(cell, dt.date):
        return ""
    plain = cell.date() if isinstance(cell, dt.datetime) else cell
    serial = (plain - _EPOCH).days
    return str(serial) if _FIRST_YEAR <= serial <= dt.datetime.now(dt.UTC).year + 1 else ""


def read_date(cell: Any) -> str:
    """Return a date as written; a number of days becomes a date, 199805 a month, 98年 1998年. Raises `InvalidCell`."""
    written = _read_written_date(cell)
    if not is_credible(written, dt.datetime.now(dt.UTC).date()) or _is_impossible(written):
        raise InvalidCell(_DATES)
    return written


def _is_impossible(written: str) -> bool:
    """Return whether a date names a month or a day that there is not, or a day that depends on when it was written.

    What is not read and may still hold a time (清末, 解放前) is not impossible.
    """
    text = to_halfwidth(written)
    dates = [[int(part or 1) for part in match.groups()] for match in _YEAR_FIRST.finditer(text)]
    if parse_date(written).edtf is not None:  # 1998-99 are years
        return any(month <= 12 and not _is_day(year, month, day) for year, month, day in dates)
    if _RELATIVE.fullmatch(text) or any(not 1 <= int(month) <= 12 for month in _MONTH.findall(text)):
        return True
    if (last := _YEAR_LAST.fullmatch(text)) and min(int(last["first"]), int(last["second"])) > 12:
        return True
    return not all(_is_day(*parts) for parts in dates)


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(max(year, 1), month)[1]


def _read_written_date(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return cell_text(cell)
    text = " ".join(to_halfwidth(cell).split())
    if _SHORT_YEAR.fullmatch(text):
        return f"{_CENTURY}{text.lstrip(_APOSTROPHE)}"
    if _MOMENT.match(text):
        return local_day(text)
    if whole := _WHOLE_NUMBER.fullmatch(text):
        return _read_written_date(whole[1])
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in _SERIALS:
        text = serial[1]
    if text.isdigit() and len(text) not in _MOMENTS:
        number = read_integer(text, _DATE_DIGITS)
        if number is None:
            raise InvalidCell(_DATES)
        if 1000 <= number <= 2200:
            return text
        if number in _SERIALS and number not in _YEAR_LIKE:
            return (_EPOCH + dt.timedelta(days=number)).isoformat()
        if len(text) == 6 and 1 <= int(text[4:]) <= 12:
            return f"{text[:4]}-{text[4:]}"
        if len(text) != 8 or parse_date(text).edtf is None:
            raise InvalidCell(_DATES)
    elif text.isdigit() and parse_date(text).edtf is None:
        raise InvalidCell(_DATES)
    return " ".join(cell_value(cell).split())


def _split_isbns(text: str) -> list[str]:
    """Two ISBNs with only a space between them, told by their length."""
    digits = re.sub(r"[^\dXx]", "", text)
    if len(digits) in {20, 26, 23}:
        first = 10 if len(digits) == 20 else 13
        return [digits[:first], digits[first:]]
    return [text]
