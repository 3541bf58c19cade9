"""Lists that web pages export as `.xls`: a table of HTML, or XML Spreadsheet 2003 of Excel.

Excel opens both with a warning, so that whoever keeps such a list takes it for a workbook. Tables within a cell of
another are read as text of that cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ingest_tools.formats import markup
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.numerals import read_integer

CONTENT_LIMIT: Final = 64 << 20
"""The largest table, in bytes."""
_TABLE: Final = re.compile(rb"<(?:\w{1,20}:)?(?:table|workbook)[\s>]", re.IGNORECASE)
_SPREADSHEET: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
_SHORTENED: Final = re.compile(r"#{2,40}|\d(?:\.\d{1,20})?[eE]\+?\d{1,2}")
_HEAD: Final = 65_536
_COLUMNS: Final = 256
_ROWS: Final = 1_100_000
_SPANNED: Final = 10_000
Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class WebTable:
    """The rows of a table, and its merged cells as their first and last cell (row and column from 0)."""

    name: str
    rows: list[list[Any]]
    merged: tuple[Span, ...] = ()


def is_web_table(data: bytes) -> bool:
    """Return whether bytes are a page or document with a table, and not text between separators."""
    start = data[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    return start.startswith(b"<") and (_TABLE.search(start.replace(b"\0", b"")) is not None)


def read_tables(data: bytes, name: str) -> Iterator[WebTable]:
    """Yield the tables of a document; `name` is what one without a name is called. Raises `RejectedError`."""
    if len(data) > CONTENT_LIMIT:
        raise RejectedError("too_large", f"{len(data)} bytes")
    is_spreadsheet = _SPREADSHEET in data[:_HEAD].replace(b"\0", b"") and b"<?xml" in data[:_HEAD].replace(b"\0", b"")
    root = markup.parse_xml(data) if is_spreadsheet else markup.parse_document(data)
    if root is None:
        raise RejectedError("damaged")
    if is_spreadsheet:
        for sheet in _find(root, "worksheet"):
            yield _read_sheet(sheet, get_attribute(sheet, "name") or name)
        return
    for table in _find(root, "table"):
        if not any(local_name(parent.tag) == "table" for parent in table.iterancestors()):
            yield _read_table(table, name)


def _find(root: Any, name: str) -> Iterator[Any]:
    return (element for element in root.iter() if local_name(element.tag) == name)


def _read_sheet(sheet: Any, name: str) -> WebTable:
    """Return a sheet of XML Spreadsheet 2003, in which rows and cells that are empty are left out and counted."""
    rows: list[list[Any]] = []
    merged: list[Span] = []
    for row in _find(sheet, "row"):
        number = (read_integer(get_attribute(row, "index"), 7) or len(rows) + 1) - 1
        if number >= _ROWS:
            raise RejectedError("too_large", f"{name}: {number} rows")
        rows += [[] for _ in range(number - len(rows))]
        cells: list[Any] = []
        for cell in (child for child in row if local_name(child.tag) == "cell"):
            column = (read_integer(get_attribute(cell, "index"), 5) or len(cells) + 1) - 1
            cells += [None] * (min(column, _COLUMNS) - len(cells))
            across, down = (min(_count(cell, key), _SPANNED) for key in ("mergeacross", "mergedown"))
            if down:
                merged.append(((len(rows), len(cells)), (len(rows) + down, len(cells) + across)))
            values = [child for child in cell if local_name(child.tag) == "data"]
            cells += [_typed_value(values[0]) if values else None, *([None] * min(across, _COLUMNS))]
        rows.append(cells[:_COLUMNS])
    return WebTable(name, rows, tuple(merged))


def _typed_value(data: Any) -> Any:
    text, kind = "".join(data.itertext()), get_attribute(data, "type")
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return text
    return text == "1" if kind == "Boolean" else text


def _read_table(table: Any, name: str) -> WebTable:
    rows: list[list[Any]] = []
    merged: list[Span] = []
    covered: dict[int, int] = {}  # by column, the row that a cell above reaches to
    for row in _find(table, "tr"):
        if next(parent for parent in row.iterancestors() if local_name(parent.tag) == "table") is not table:
            continue
        cells: list[Any] = []
        for cell in (child for child in row if local_name(child.tag) in {"td", "th"}):
            while covered.get(len(cells), 0) > len(rows):
                cells.append(None)
            across, down = (max(_count(cell, key), 1) for key in ("colspan", "rowspan"))
            across, down = min(across, _COLUMNS), min(down, _SPANNED)
            if down > 1:
                merged.append(((len(rows), len(cells)), (len(rows) + down - 1, len(cells) + across - 1)))
                covered |= dict.fromkeys(range(len(cells), len(cells) + across), len(rows) + down)
            cells += [_shown_value(cell), *([None] * (across - 1))]
        rows.append(cells[:_COLUMNS])
    return WebTable(name, rows, tuple(merged))


def _shown_value(cell: Any) -> str:
    """Return the text of a cell; where it shows a number shortened, the one that Excel or LibreOffice keeps of it."""
    text = markup.text_of(cell)[0]
    if _SHORTENED.fullmatch(text.strip()):
        number = get_attribute(cell, "num") or get_attribute(cell, "sdval")
        return number.strip() or text
    return text


def _count(cell: Any, name: str) -> int:
    return read_integer(get_attribute(cell, name).strip(), 6) or 0
