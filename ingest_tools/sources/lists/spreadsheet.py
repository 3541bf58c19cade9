"""Lists in workbooks and tables of text: sheets with a heading row somewhere near the top, and rows under it.

Values are read and nothing is run: macros, links and formulas are left alone, a formula counts by the value that was
saved with it. Rows of sums, sheets without headings and sheets of help (示例, 说明) are not read as rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import python_calamine

from ingest_tools.formats import text
from ingest_tools.formats.documents import office_types
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists import cells
from ingest_tools.sources.lists.around_headings import access_stated_above, second_headings
from ingest_tools.sources.lists.between_rows import ONE_TABLE, holds_another_row, is_between_rows
from ingest_tools.sources.lists.delimited import ListRow, read_rows
from ingest_tools.sources.lists.workbooks import binary_workbook, dbase, opendocument, web_tables
from ingest_tools.sources.lists.workbooks.valueless_cells import valueless_cells
from ingest_tools.sources.names import join_path
from library_server.exchange.headings import ACCESS_FIELDS, columns_of, field_of, is_passed_over

HEADING_WITHIN = 30
ROWS_LIMIT = 1_100_000
COLUMNS_LIMIT = 16_384
FILE_LIMIT = 256 << 20
EXCEL_CELL_LIMIT = 32_767  # characters: ECMA-376, and what openpyxl writes
ROW_LIMIT = 200_000
_EXAMPLE = "示例"
_END_OF_FILE = "\x1a\0"  # of CP/M and DOS, whose programs still write lists
ACCESS_HEADING = "使用范围"
_REFUSED_FILES, _REFUSED_HEADING = "未收的文件", ["路径", "代码", "原因"]
_HELP_SHEETS = frozenset({_EXAMPLE, "说明", "填写说明", "选项", "汇总", _REFUSED_FILES})
_FILE_AND_ACCESS = ACCESS_FIELDS | {"file"}


@dataclass(frozen=True)
class SheetRow:
    """One row under the headings: its sheet, its number (from 1), cells by field, and as it stood by heading.

    `expected` is what a row that is wrong as a whole should be. `unread` are the headings that mean no field, or
    one that another column has, and under which the row says something.
    """

    sheet: str
    number: int
    given: dict[str, Any]
    shown: dict[str, str]
    columns: dict[str, str]
    expected: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreadRow:
    """The texts of a row that is not under headings, or holds sums: they may name files."""

    texts: list[str]


@dataclass(frozen=True)
class _Sheet:
    """A sheet with its rows; one of `is_help` has rows of a list only where its headings name files."""

    name: str
    rows: Iterator[ListRow]
    merged: Sequence[Any] = ()
    is_help: bool = False
    valueless: Callable[[], Collection[tuple[int, int]]] = tuple


def read(path: Path, name: str) -> Iterator[SheetRow | UnreadRow]:
    """Yield every row of every sheet; `name` is what the sheet of a CSV is called.

    Raises `RejectedError` where no sheet has headings, or the file cannot be read.
    """
    if path.stat().st_size > FILE_LIMIT:
        raise RejectedError("too_large", f"{path.stat().st_size} bytes")
    has_rows = False
    for sheet in _read_sheets(path, name):
        for row in _under_headings(sheet):
            has_rows = has_rows or isinstance(row, SheetRow)
            yield row
    if not has_rows:
        raise RejectedError("no_headings")


def _read_sheets(path: Path, name: str) -> Iterator[_Sheet]:
    with path.open("rb") as reading:
        head = reading.read(8)
    if head[:4] == b"PK\x03\x04":
        # read only where a heading names a file or an access level: it takes as long as the rows themselves
        yield from _read_workbook(path, opendocument.read_merges(path), cache(partial(_valueless_cells, path)))
        return
    if head == office_types.OLE:
        office_types.refuse_encrypted(path)
        yield from _read_workbook(path, {}, cache(partial(binary_workbook.valueless_cells, path)))
        return
    data, name = path.read_bytes(), os.fsencode(name).decode("utf-8", "backslashreplace")
    if dbase.is_table(data):
        yield _Sheet(name, map(ListRow, dbase.read_rows(data)))
    elif web_tables.is_web_table(data):
        for table in web_tables.read_tables(data, name):
            yield _Sheet(table.name, map(ListRow, table.rows), table.merged, table.name in _HELP_SHEETS)
    else:
        content, _ = text.decode(data)
        yield _Sheet(name, read_rows(content.rstrip(_END_OF_FILE)))


def _read_workbook(
    path: Path, spans: Mapping[str, Sequence[Any]], valueless: Callable[[], Mapping[str, Collection[tuple[int, int]]]]
) -> Iterator[_Sheet]:
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            for meta in book.sheets_metadata:
                hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(meta.name)
                merged = tuple(sheet.merged_cell_ranges or ()) or spans.get(meta.name, ())
                rows = _drop_columns_before(sheet.start[1] if sheet.start else 0, sheet.iter_rows())
                is_help = hidden or meta.name in _HELP_SHEETS
                yield _Sheet(meta.name, rows, merged, is_help, partial(_valueless_of, valueless, meta.name))
    except python_calamine.PasswordError as error:
        raise RejectedError("encrypted", str(error)) from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise RejectedError("damaged", str(error)) from error


def _valueless_cells(path: Path) -> Mapping[str, Collection[tuple[int, int]]]:
    """Return the cells without a value of a workbook of either kind."""
    return valueless_cells(path) or opendocument.valueless_cells(path)


def _valueless_of(
    valueless: Callable[[], Mapping[str, Collection[tuple[int, int]]]], sheet: str
) -> Collection[tuple[int, int]]:
    return valueless().get(sheet, ())


def _drop_columns_before(left: int, rows: Iterator[list[Any]]) -> Iterator[ListRow]:
    """Rows from the first column of the sheet on: calamine begins with the first row, but the first used column."""
    empty: list[Any] = [None] * min(left, COLUMNS_LIMIT)
    yield from (ListRow(empty + row) for row in rows)


def _under_headings(sheet: _Sheet) -> Iterator[SheetRow | UnreadRow]:
    columns: dict[int, str] | None = None
    headings: dict[int, str] = {}
    above: list[list[str]] = []
    begun, stated, is_after_gap = 0, dict[str, str](), False
    spans = _map_spans(sheet.merged)
    merged_values: dict[int, Any] = {}
    for number, list_row in enumerate(sheet.rows, 1):
        row = list_row.cells
        if number > ROWS_LIMIT:
            raise RejectedError("too_large", f"{sheet.name}: {number} rows")
        texts = [text for cell in row if (text := cells.cell_text(cell))]
        if sheet.name == _REFUSED_FILES and number == 1 and texts == _REFUSED_HEADING:
            return  # the files of an earlier batch, see `library_server.exchange.workbooks`
        may_begin = columns is None and number <= HEADING_WITHIN
        is_next_list = is_after_gap and _is_of_headings(texts)
        heading = columns_of(row) if may_begin or is_next_list or _is_repeated(row, headings) else None
        is_after_gap = not texts
        if heading is not None and (not sheet.is_help or (sheet.name != _EXAMPLE and "file" in heading.values())):
            columns, headings = (
                heading,
                {at: cells.cell_text(cell) for at, cell in enumerate(row) if cells.cell_text(cell)},
            )
            begun, stated = number, access_stated_above(above)
            continue
        if columns is not None and number == begun + 1 and (second := second_headings(row, columns, headings)):
            columns |= second.fields
            headings |= second.headings
            continue
        if columns is not None and not _FILE_AND_ACCESS.isdisjoint(columns.values()) and sheet.valueless():
            row = _with_errors(row, number, columns, sheet.valueless())
        whole = row if columns is None else _fill_merged_cells(row, number, spans, merged_values)
        if not texts:
            continue
        if columns is None:
            above.append([cells.cell_text(cell) for cell in row])
        if columns is None or is_between_rows(row, columns):
            yield UnreadRow(texts)
        else:
            sheet_row = _make_row(sheet.name, number, whole, columns, headings)
            expected = list_row.expected or (ONE_TABLE if holds_another_row(row, columns, headings) else "")
            yield replace(_with_access(sheet_row, stated), expected=expected)


def _with_errors(
    row: list[Any], number: int, columns: Mapping[int, str], valueless: Collection[tuple[int, int]]
) -> list[Any]:
    """Return a row in which the cells of file and access that have no value are errors, not empty."""
    return [
        cells.ERROR if columns.get(at) in _FILE_AND_ACCESS and (number, at) in valueless else cell
        for at, cell in enumerate(row)
    ]


def _make_row(sheet: str, number: int, row: list[Any], columns: dict[int, str], headings: dict[int, str]) -> SheetRow:
    given: dict[str, Any] = {}
    for at, field in columns.items():
        cell = row[at] if at < len(row) else None
        if not cells.cell_text(cell):
            continue
        first, second = cells.cell_text(given.get(field)), cells.cell_text(cell)
        if field == "file" and first:
            given[field] = join_path(first, second)
        else:  # two columns of access that say different things are one cell that cannot be read
            given[field] = f"{first}；{second}" if first and first != second else cell
    unread = tuple(
        heading
        for at, heading in headings.items()
        if at not in columns and at < len(row) and cells.cell_text(row[at]) and not is_passed_over(heading)
    )
    headed = {field: headings[at] for at, field in columns.items()}
    return SheetRow(sheet, number, given, _show_cells(row, headings), headed, unread=unread)


def _with_access(row: SheetRow, stated: Mapping[str, str]) -> SheetRow:
    """Return a row with what is said above all of them of who may see it; where it says otherwise, it cannot be
    read.
    """
    if not stated:
        return row
    given, columns, shown = dict(row.given), dict(row.columns), dict(row.shown)
    for field, words in stated.items():
        own = cells.cell_text(given.get(field))
        given[field] = f"{own}；{words}" if own and own != words else words
        shown[columns.setdefault(field, ACCESS_HEADING)] = given[field]
    return replace(row, given=given, columns=columns, shown=shown)


def _show_cells(row: list[Any], headings: dict[int, str]) -> dict[str, str]:
    """Return the cells by heading, as long as a workbook takes them and as many as a row is handed back with."""
    shown: dict[str, str] = {}
    length = 0
    for at, name in headings.items():
        if at < len(row) and length < ROW_LIMIT:
            shown[name] = cells.cell_text(row[at])[:EXCEL_CELL_LIMIT]
            length += len(shown[name])
    return shown


def _is_repeated(row: list[Any], headings: dict[int, str]) -> bool:
    """Return whether a row is the heading row again, as printed lists have it on every page."""
    first = next(iter(headings), None)
    if first is None or first >= len(row) or cells.cell_text(row[first]) != headings[first]:
        return False
    return {at: text for at, cell in enumerate(row) if (text := cells.cell_text(cell))} == headings


def _is_of_headings(texts: Sequence[str]) -> bool:
    """Return whether a row has headings alone: behind an empty row they begin another list of the sheet."""
    return len(texts) > 1 and all(map(field_of, texts))


def _map_spans(merged: Sequence[Any]) -> dict[tuple[int, int], int]:
    """Return the last row (from 1) of each vertical merge, by its first cell (row from 1, column from 0)."""
    return {(top + 1, left): bottom + 1 for (top, left), (bottom, _right) in merged if bottom > top}


def _fill_merged_cells(
    row: list[Any], number: int, spans: dict[tuple[int, int], int], merged_values: dict[int, Any]
) -> list[Any]:
    """Return a row with the value of a cell that was merged downwards over it."""
    if not spans:
        return row
    for at, (last, _) in list(merged_values.items()):
        if number > last:
            del merged_values[at]
    for at, cell in enumerate(row):
        last = spans.get((number, at), 0)
        if last:
            merged_values[at] = (last, cell)
    whole = list(row) + [None] * (max(merged_values, default=-1) + 1 - len(row))
    for at, (_, value) in merged_values.items():
        if not cells.cell_text(whole[at]):
            whole[at] = value
    return whole
