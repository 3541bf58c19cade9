"""What stands in a table and is no row of it: sums, headings of sections, who filled it in; and two tables in one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest_tools.sources.lists.cells import cell_text
from library_server.exchange.headings import ACCESS_FIELDS, bare_heading, field_of
from library_server.translations.message_catalogs import gettext_noop as _

ONE_TABLE: Final = _("一行一本：两张表并排的，放成上下两张，或分成两页")
_SUM: Final = re.compile(
    r"(合\s*计|总\s*计|小\s*计|共\s*计|总数|total|sum)[\s\d.,，:：()（）共种册本套份部件张个元]*", re.IGNORECASE
)
_SECTION: Final = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2})\s*(?:部分|[、.．：:])?\s*"
    r"[\u4e00-\u9fff、/]{1,10}(?:类|书籍|图书|读物)\s*(?:[(（:：]?\s*共?\d{1,5}\s*[种册本]\s*[)）]?)?"
)
_FILLED_IN: Final = re.compile(
    r"(?:填[表报写制]|制[表单]|审[核批]|复核|经办|负责|登记|录入|统计|联系|盖章|单位盖章|接收|移交|验收|馆长|管理员)"
    r"\s*(?:(?:人|者|日期|时间|单位|员|部门|电话|签[名字])(?:[(（][^()（）]{0,8}[)）])?\s*[：:].{0,40}|[：:].{0,4})"
)
_FILE_AND_ACCESS: Final = ACCESS_FIELDS | {"file"}


def is_between_rows(row: Sequence[Any], columns: Mapping[int, str]) -> bool:
    """Return whether a row stands between those of a list or behind them, and says nothing of file and access.

    The word of a sum stands alone in the first cell, the heading of a section in the only one, and with those who
    filled in the list there is no more than their names and a stamp.
    """
    filled = [(at, text) for at, cell in enumerate(row) if (text := cell_text(cell))]
    if not filled or any(columns.get(at) in _FILE_AND_ACCESS for at, _text in filled):
        return False
    first = filled[0][1]
    if _SUM.fullmatch(first):
        return len(filled) <= max(4, len(row) // 2)
    if len(columns) < 2:
        return False
    is_section = len(filled) == 1 and _SECTION.fullmatch(first) is not None
    return is_section or (len(filled) <= 3 and _FILLED_IN.fullmatch(first) is not None)


def holds_another_row(row: Sequence[Any], columns: Mapping[int, str], headings: Mapping[int, str]) -> bool:
    """Return whether a row fills a second column of titles with the same heading: that of a table on the right."""
    title = next((at for at, field in columns.items() if field == "title"), None)
    if title is None:
        return False
    heading = bare_heading(headings[title])
    others = (at for at, text in headings.items() if at not in columns and bare_heading(text) == heading)
    return any(field_of(headings[at]) == "title" and at < len(row) and cell_text(row[at]) for at in others)
