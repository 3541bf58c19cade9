"""What stands in a cell, as people meant it: numbers that are dates, ISBNs that Excel made into numbers, widths.

Excel counts days from 1899-12-30 (ECMA-376 part 1, 18.17.4.1), and keeps 15 digits of a number.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from library_server.catalogue.normalization.dates import is_credible, parse_date
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.normalization.numerals import read_count, read_integer, western_digits
from library_server.catalogue.normalization.text import normalize
from library_server.translations.message_catalogs import gettext_noop as _

_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d{1,20})?[eE]\+?\d{1,2}$")
_ISBN_LIKE = re.compile(r"[\dXx](?:[\d\s\-‐-―－]*[\dXx]){8,}")
_NUMBER = r"\d{1,9}(?:\.\d{1,20})?"
_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:\.\d{1,20})?$")
_SAID = re.compile(
    rf"^(?:({_NUMBER})\s*(?:小时|时|h))?\s*(?:({_NUMBER})\s*(?:分钟|分|min|m|'|′))?\s*(?:(\d{{1,9}})\s*(?:秒钟|秒|s|\"|″|′′|''))?$"
)
_COPIES = re.compile(r"共?\s*([^\s.册本套份部张件盘片]{1,9})(?:\.0+)?\s*[册本套份部张件盘片]?")
_MOST_COPIES = 999_999
_DATE_DIGITS = 8
_LONGEST_INTEGER_BITS = 10_000
_LONGEST_ISBNS = 2000
LONGEST_MILLISECONDS = 2**31 - 1  # 24 days, which is what the catalogue's column holds
ERROR = "#VALUE!"
_ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE)
_DATES = _("年份、年月或日期，如 1998、1998-05、民国二十三年")


class InvalidCell(ValueError):
    """A cell that is not understood; the message says what was expected, and is translated where it is shown."""


def cell_text(cell: Any) -> str:
    """Return a cell as text: whole numbers without `.0`, dates as ISO 8601, no leading apostrophe, spaces trimmed."""
    if isinstance(cell, str):
        text = cell.strip()
        return text[1:].strip() if text[:1] in {"'", "’"} and len(text) > 1 else text
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


def is_error(cell: Any) -> bool:
    """Return whether a cell holds the error of a formula, which says nothing of what was meant."""
    return _ERRORS.fullmatch(cell_text(cell)) is not None


def to_halfwidth(cell: Any) -> str:
    """Return a cell as text in half width; digits of any script are ASCII ones."""
    return western_digits(unicodedata.normalize("NFKC", cell_text(cell))).strip()


def read_isbns(cell: Any) -> list[str]:
    """ISBNs of a cell, as 13 digits. Raises `InvalidCell` for a wrong one."""
    text = to_halfwidth(cell)[:_LONGEST_ISBNS]
    if _SCIENTIFIC.match(text):
        digits = f"{float(text):.0f}"
        if not normalize_isbn(digits):
            raise InvalidCell(_("ISBN 被表格改成了科学计数，位数丢了：把这一列设成“文本”再填 13 位"))
        return [digits]
    text = re.sub(r"isbn[\s:]*", " ", text, flags=re.IGNORECASE)
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


def read_imprint(cell: Any) -> tuple[str, str, str]:
    """Place, publisher and date of a cell that has them together, as ISBD 4 divides them: `北京：中华书局，1959`.

    Raises `InvalidCell` for a cell without a publisher.
    """
    place, colon, stated = to_halfwidth(cell).strip(" .。;").partition(":")
    place, stated = (place, stated) if colon else ("", place)
    publisher, comma, published = stated.rpartition(",")
    if not comma or not any(character.isdigit() for character in published):
        publisher, published = stated, ""
    if not publisher.strip():
        raise InvalidCell(_("出版地：出版者，出版年，如 北京：中华书局，1959"))
    return normalize(place), normalize(publisher), read_date(published.strip()) if published else ""


def read_date(cell: Any) -> str:
    """Return a date as written; a number of days becomes a date, 199805 a month. Raises `InvalidCell`."""
    written = _read_written_date(cell)
    if not is_credible(written, dt.datetime.now(dt.UTC).date()):
        raise InvalidCell(_DATES)
    return written


def _read_written_date(cell: Any) -> str:
    if isinstance(cell, dt.datetime | dt.date):
        return cell_text(cell)
    text = to_halfwidth(cell)
    if text.isdigit():
        number = read_integer(text, _DATE_DIGITS)
        if number is None:
            raise InvalidCell(_DATES)
        if 1000 <= number <= 2200:
            return text
        if number in _SERIALS:
            return (_EPOCH + dt.timedelta(days=number)).isoformat()
        if len(text) == 6 and 1 <= int(text[4:]) <= 12:
            return f"{text[:4]}-{text[4:]}"
        if len(text) != 8 or parse_date(text).edtf is None:
            raise InvalidCell(_DATES)
    return cell_text(cell)


def read_copies(cell: Any) -> int:
    """Return a number of copies: 3, 3册, 两册, 叁, 共五本. Raises `InvalidCell`."""
    match = _COPIES.fullmatch(to_halfwidth(cell))
    number = read_count(match[1]) if match else None
    if number is None or number > _MOST_COPIES:
        raise InvalidCell(_("册数，一个整数"))
    return number


def read_duration(cell: Any) -> int:
    """Return a length in milliseconds: 1:20:30, 80分钟, 1小时20分, a time cell, or minutes. Raises `InvalidCell`."""
    milliseconds = _parse_milliseconds(cell)
    if milliseconds is None or not 0 <= milliseconds <= LONGEST_MILLISECONDS:
        raise InvalidCell(_("时长，如 1:20:30、80分钟"))
    return milliseconds


def _parse_milliseconds(cell: Any) -> int | None:
    if isinstance(cell, dt.timedelta):
        return cell // dt.timedelta(milliseconds=1)
    if isinstance(cell, dt.time):
        return ((cell.hour * 60 + cell.minute) * 60 + cell.second) * 1000
    text = to_halfwidth(cell).lower()
    if clock := _CLOCK.match(text):
        whole = [int(part or 0) for part in clock.groups()]
        return ((whole[0] * 60 + whole[1]) * 60 + whole[2]) * 1000
    if re.fullmatch(_NUMBER, text):
        number = float(text)
        return round(number * 86_400_000) if number < 1 else round(number * 60_000)
    if text and (spelled := _SAID.match(text)):
        hours, minutes, seconds = (float(part or 0) for part in spelled.groups())
        return round(((hours * 60 + minutes) * 60 + seconds) * 1000)
    return None


def read_price(cell: Any) -> str:
    """Return a price with its currency: 12.5, ￥12.50元 and CNY12.50 give `CNY12.50`; what is no number stays as
    said.
    """
    text = to_halfwidth(cell)
    match = re.fullmatch(r"(?:CNY|RMB|¥|人民币)?\s*(\d{1,12}(?:\.\d{1,20})?)\s*(?:元|块|yuan)?", text, re.IGNORECASE)
    return f"CNY{float(match[1]):.2f}" if match else text


def _split_isbns(text: str) -> list[str]:
    """Two ISBNs with only a space between them, told by their length."""
    digits = re.sub(r"[^\dXx]", "", text)
    if len(digits) in {20, 26, 23}:
        first = 10 if len(digits) == 20 else 13
        return [digits[:first], digits[first:]]
    return [text]
