"""What belongs to the headings of a list and stands around them: a second row of them, and who may see all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest_tools.sources.lists.cells import cell_text
from library_server.exchange.headings import ACCESS_FIELDS, READ_TWICE, field_of, is_passed_over

_COLON = re.compile(r"[:：]")
_LEVELS = ("公开", "读者证", "馆内")
_ROWS_BELOW = 2  # that are not empty, in which the words may stand under their heading
_NAMES = frozenset({"姓名", "名称", "名字"})
_OF_NAMES = frozenset({"方式", "责任方式", "著作方式", "职务", "单位"})
_KEYS = frozenset({"title", "file"})


@dataclass(frozen=True)
class SecondHeadings:
    """What a second row of headings adds: fields by column, and how the columns are called."""

    fields: dict[int, str]
    headings: dict[int, str]

    def __bool__(self) -> bool:
        return bool(self.fields)


def second_headings(row: Sequence[Any], columns: Mapping[int, str], headings: Mapping[int, str]) -> SecondHeadings:
    """Return the fields of a second row of headings by column, as `出版` has `出版社` and `出版年` under it, or
    `社` and `年`; else nothing.

    `columns` and `headings` are those of the first row: under title and file there is nothing, for they reach over
    both. A heading that alone means no field is read behind the one above it.
    """
    nothing = SecondHeadings({}, {})
    filled = {at: text for at, cell in enumerate(row) if (text := cell_text(cell)) and not is_passed_over(text)}
    if any(columns.get(at) in _KEYS for at in filled):
        return nothing
    fields: dict[int, str] = {}
    names: dict[int, str] = {}
    for at, text in filled.items():
        above = max((column for column in headings if column <= at), default=None)
        joined = f"{headings[above]}{text}" if above is not None else text
        known = field_of(text) or field_of(joined) or (columns.get(at) if text in _NAMES else None)
        if known is None and not (text in _OF_NAMES and above is not None):
            return nothing
        if text not in _NAMES or at not in columns:
            names[at] = text if field_of(text) else joined
        if known is not None:
            fields[at] = known
    taken = {field for at, field in columns.items() if at not in fields}
    fields = {at: field for at, field in fields.items() if field in READ_TWICE or field not in taken}
    return SecondHeadings(fields, names if fields else {})


def access_stated_above(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return what rows above the headings say of who may see the list, by field: `使用范围：馆内`.

    The words may stand in the same cell, in the next one, or below. Words that name several levels explain a column.
    """
    stated: dict[str, str] = {}
    for number, row in enumerate(rows):
        for at, text in enumerate(row):
            key, words = _split_heading(text)
            field = field_of(key) if key else None
            if field not in ACCESS_FIELDS or field is None:
                continue
            words = words or _find_next_words(rows, number, at)
            if not words or sum(level in words for level in _LEVELS) > 1:
                continue
            first = stated.get(field)
            stated[field] = f"{first}；{words}" if first and first != words else words
    return stated


def _split_heading(text: str) -> tuple[str, str]:
    parts = _COLON.split(text, maxsplit=1)
    return parts[0].strip(), parts[1].strip() if len(parts) == 2 else ""


def _find_next_words(rows: Sequence[Sequence[str]], number: int, at: int) -> str:
    right = next((text for text in rows[number][at + 1 :] if text), "")
    if right:
        return right if field_of(_split_heading(right)[0]) is None else ""
    below = [row for row in rows[number + 1 :] if any(row)][:_ROWS_BELOW]
    return next((row[at] for row in below if at < len(row) and row[at]), "")
