"""Merged cells of an OpenDocument spreadsheet, and those with an error, which calamine does not tell.

Source: OASIS OpenDocument 1.3, part 3, 9.1 (tables) and 19.676 to 19.690 (repeated and spanned cells).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.numerals import read_integer

CONTENT_LIMIT = 1 << 30
Span = tuple[tuple[int, int], tuple[int, int]]
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"  # LibreOffice says errors here
_REPEATED = 1000
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def read_merges(path: Path) -> dict[str, list[Span]]:
    """By sheet, each merge as its first and its last cell: (row, column) from 0, both within it.

    Empty for what is no OpenDocument spreadsheet. Raises `RejectedError` for one that is too large or damaged.
    """
    spans: dict[str, list[Span]] = {}
    for sheet, number, row in _read_rows(path):
        spans.setdefault(sheet, []).extend(_of_row(row, number))
    return spans


def valueless_cells(path: Path) -> dict[str, frozenset[tuple[int, int]]]:
    """By sheet, each cell with an error or a formula without a value, as its row from 1 and its column from 0."""
    cells: dict[str, set[tuple[int, int]]] = {}
    for sheet, number, row in _read_rows(path):
        times = min(_count(row, "number-rows-repeated"), _REPEATED)
        for column in _errors_of_row(row):
            cells.setdefault(sheet, set()).update((number + 1 + below, column) for below in range(times))
    return {sheet: frozenset(addresses) for sheet, addresses in cells.items()}


def _read_rows(path: Path) -> Iterator[tuple[str, int, etree._Element]]:
    """Each row that is written, with the name of its sheet and its number from 0; it is emptied afterwards."""
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" not in archive.namelist():
                return
            if archive.getinfo("content.xml").file_size > CONTENT_LIMIT:
                raise RejectedError("too_large", "content.xml")
            with archive.open("content.xml") as content:
                elements = etree.iterparse(content, events=("start", "end"), resolve_entities=False, no_network=True,
                                           tag=(f"{_TABLE}table", f"{_TABLE}table-row"), load_dtd=False)  # fmt: skip
                yield from _number_rows(elements)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, ValueError, NotImplementedError) as error:
        raise RejectedError("damaged", str(error)) from error


def _number_rows(elements: etree.iterparse) -> Iterator[tuple[str, int, etree._Element]]:
    sheet, number = "", 0
    for event, element in elements:
        if element.tag == f"{_TABLE}table":
            if event == "start":
                sheet, number = element.get(f"{_TABLE}name", ""), 0
            else:
                element.clear()
        elif event == "end":
            yield sheet, number, element
            number += _count(element, "number-rows-repeated")
            element.clear()


def _errors_of_row(row: etree._Element) -> Iterator[int]:
    column = 0
    for cell in row.iterchildren(*_CELLS):
        times = _count(cell, "number-columns-repeated")
        is_formula = cell.get(f"{_TABLE}formula") is not None
        has_value = cell.get(f"{_OFFICE}value-type") is not None
        if cell.get(f"{_CALC}value-type") == "error" or (is_formula and not has_value):
            yield from range(column, column + min(times, _REPEATED))
        column += times


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
