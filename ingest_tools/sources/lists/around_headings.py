"""What belongs to the headings of a list and stands around them: a second row of them, and who may see all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingest_tools.sources.lists.cells import cell_text
from library_server.exchange.headings import ACCESS_FIELDS, READ_TWICE, field_of, is_passed_over

_COLON = re.compile(r"[:：]")
_LEVELS = ("公开", "读者证", "馆内")
_ROWS_BELOW = 2  # that are not empty, in which the words may stand under their heading
_KEYS = frozenset({"title", "file"})


def second_headings(row: Sequence[Any], columns: Mapping[int, str]) -> dict[int, str]:
    """Return the fields of a second row of headings by column, as `出版` has `出版社` and `出版年` under it; else
    nothing.

    `columns` are those of the first row: under title and file there is nothing, for they reach over both.
    """
    filled = {at: text for at, cell in enumerate(row) if (text := cell_text(cell))}
    if any(columns.get(at) in _KEYS for at in filled):
        return {}
    fields = {at: field_of(text) for at, text in filled.items() if not is_passed_over(text)}
    if None in fields.values():
        return {}
    taken = {field for at, field in columns.items() if at not in fields}
    return {at: field for at, field in fields.items() if field and (field in READ_TWICE or field not in taken)}


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
