"""Merged cells of an OpenDocument spreadsheet, which calamine does not tell.

Source: OASIS OpenDocument 1.3, part 3, 9.1 (tables) and 19.676 to 19.690 (repeated and spanned cells).
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from lxml import etree

from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.numerals import read_integer

CONTENT_LIMIT = 1 << 30
Span = tuple[tuple[int, int], tuple[int, int]]
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def merged(path: Path) -> dict[str, list[Span]]:
    """By sheet, each merge as its first and its last cell: (row, column) from 0, both within it.

    Empty for what is no OpenDocument spreadsheet. Raises `RejectedError` for one that is too large or damaged.
    """
    merged_cells: dict[str, list[Span]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" not in archive.namelist():
                return {}
            if archive.getinfo("content.xml").file_size > CONTENT_LIMIT:
                raise RejectedError("too_large", "content.xml")
            with archive.open("content.xml") as content:
                rows = etree.iterparse(content, events=("start", "end"), tag=(f"{_TABLE}table", f"{_TABLE}table-row"),
                                       resolve_entities=False, no_network=True, load_dtd=False)  # fmt: skip
                _read(rows, merged_cells)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, ValueError, NotImplementedError) as error:
        raise RejectedError("damaged", str(error)) from error
    return merged_cells


def _read(rows: etree.iterparse, merged_cells: dict[str, list[Span]]) -> None:
    spans: list[Span] = []
    number = 0
    for event, element in rows:
        if element.tag == f"{_TABLE}table":
            if event == "start":
                number, spans = 0, merged_cells.setdefault(element.get(f"{_TABLE}name", ""), [])
            else:
                element.clear()
        elif event == "end":
            spans += _of_row(element, number)
            number += _count(element, "number-rows-repeated")
            element.clear()


def _of_row(row: etree._Element, number: int) -> list[Span]:
    spans: list[Span] = []
    column = 0
    for cell in row.iterchildren(*_CELLS):
        down, across = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
        if down > 1 or across > 1:
            spans.append(((number, column), (number + down - 1, column + across - 1)))
        column += _count(cell, "number-columns-repeated")
    return spans


def _count(element: etree._Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "1")
    number = read_integer(value, 7)
    return 1 if number is None else number
