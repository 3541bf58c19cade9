"""Rows of a list in CSV, one by one: a row whose quotes do not match, or with a cell too many, harms no other row.

The csv module reads on after an opening quote until the next quote, so that a quote that was never closed takes the
rows below it into one cell. Here a cell runs over several lines only where it is quoted as RFC 4180 has it and its row
does not hold what look like rows.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from ingest_tools.sources.lists.quoting import detect_dialect
from library_server.catalogue.normalization.encodings import decode_text
from library_server.exchange.headings import columns_of, field_of
from library_server.translations.message_catalogs import gettext_noop as _

LONGEST_ROW: Final = 1_000  # lines of one row at most: how far a quote that was never closed is read
LONGEST_CELL: Final = 1 << 20  # characters of a cell of several lines
BAD_QUOTES: Final = _("引号成对：看这一行和上一行，补上或删去多余的双引号")
EXTRA_CELLS: Final = _("格子和标题行一样多：内容里有逗号的，用双引号括起来")
_SEPARATORS: Final = ",\t;"
_RARE_SEPARATORS: Final = "，|、；^~"
_FEWEST_HEADINGS: Final = 3  # of a list in a file of text
_HEAD: Final = 20_000  # characters that the separator is guessed from
_HEAD_LINES: Final = 30
_LINE_END: Final = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class ListRow:
    """The cells of a row; `expected` is what a row that is wrong should be, empty where it is sound."""

    cells: list[Any]
    expected: str = ""


def read_rows(content: str) -> Iterator[ListRow]:
    """Yield every row of a text, also those that are wrong."""
    csv.field_size_limit(LONGEST_CELL)
    head = content[:_HEAD].split("\n")[:_HEAD_LINES]
    dialect = detect_dialect(head, _detect_separator(head))
    for row in _Reader(_Lines(dialect.to_standard(content)), dialect.separator).read_rows():
        yield replace(row, cells=[dialect.restore(cell) for cell in row.cells]) if dialect.has_apostrophes else row


def begins_list(head: bytes) -> bool:
    """Return whether a text file begins as a list that Excel saved as text: headings between tabs, and as many cells
    in the next line.
    """
    if b"\t" not in head or (decoded := decode_text(head[: head.rfind(b"\n") + 1] or head)) is None:
        return False
    lines = decoded.text.lstrip("\ufeff").split("\n")[:2]
    cells = lines[0].strip("\r").split("\t")
    headings = [cell for cell in cells if cell.strip()]
    is_known = len(headings) >= _FEWEST_HEADINGS and all(map(field_of, headings))
    return is_known and columns_of(cells) is not None and (len(lines) < 2 or lines[1].count("\t") == len(cells) - 1)


def _detect_separator(lines: list[str]) -> str:
    """Return the most frequent of the usual separators; where it splits no line into headings, one that does."""
    usual = sorted(_SEPARATORS, key=lambda separator: -sum(line.count(separator) for line in lines))
    splits_headings = (
        separator
        for separator in (*usual, *_RARE_SEPARATORS)
        if any(_is_heading(line.split(separator)) for line in lines)
    )
    return next(splits_headings, usual[0])


def _is_heading(cells: list[str]) -> bool:
    return len(columns_of(cells) or ()) > 1


class _Lines:
    """The lines of a text, each with its end; they are cut out of it when they are asked for."""

    def __init__(self, content: str) -> None:
        self._content = content
        self._ends = array("Q", [0, *(end.end() for end in _LINE_END.finditer(content))])
        if self._ends[-1] < len(content):
            self._ends.append(len(content))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        return self._content[self._ends[number] : self._ends[number + 1]]


class _Reader:
    """Reads lines from `_at` on; `_width` is the number of cells of the heading, 0 until it has been read."""

    def __init__(self, lines: _Lines, separator: str) -> None:
        self._lines = lines
        self._separator = separator
        self._at = 0
        self._width = 0

    def read_rows(self) -> Iterator[ListRow]:
        while self._at < len(self._lines):
            yield from self._sound_rows()
            is_after_wrong = False
            while self._at < len(self._lines):
                row = self._single_line(self._lines[self._at], is_after_wrong=is_after_wrong)
                is_after_wrong = row.expected == BAD_QUOTES
                self._at += 1
                yield row
                if not is_after_wrong:
                    break

    def _sound_rows(self) -> Iterator[ListRow]:
        """Rows as the csv module reads them, until one whose quotes do not match."""
        start = self._at
        reader = csv.reader(self._read_on(start), delimiter=self._separator, strict=True)
        try:
            for cells in reader:
                end = start + reader.line_num
                if end - self._at > 1 and self._holds_rows(
                    cells, map(self._lines.__getitem__, range(self._at + 1, end))
                ):
                    return
                self._at = end
                yield self._make_row(cells)
        except csv.Error:  # a quote that does not match, or a cell over the limit
            return

    def _read_on(self, start: int) -> Iterator[str]:
        """Lines, but no more than the longest row has after those that were read as rows."""
        for number in range(start, len(self._lines)):
            if number - self._at >= LONGEST_ROW:
                return
            yield self._lines[number]

    def _holds_rows(self, cells: list[str], lines: Iterable[str]) -> bool:
        """Return whether a row of several lines has not the cells of the heading, and one of its lines has."""
        separators = self._width - 1
        is_odd = separators > 0 and len(cells) != self._width
        return is_odd and any(line.count(self._separator) == separators for line in lines)

    def _make_row(self, cells: list[str]) -> ListRow:
        if not self._width and columns_of(cells) is not None:
            self._width = len(cells)
        is_longer = self._width and any(cell.strip() for cell in cells[self._width :])
        return ListRow(cells, EXTRA_CELLS if is_longer else "")

    def _is_unquoted(self, line: str) -> bool:
        """Return whether the quotes of a line are characters of its cells, in pairs: `"大" 本`."""
        cells = line.split(self._separator)
        return len(cells) == self._width and all(cell.count('"') % 2 == 0 for cell in cells)

    def _single_line(self, line: str, *, is_after_wrong: bool) -> ListRow:
        """Return a line as a row, where a quote that ends its cell closes it and any other is a character.

        What follows a wrong row may be the rest of it: with other cells than the heading, or half a pair of quotes.
        """
        cells, is_closed = _split(line.rstrip("\r\n"), self._separator)
        if not is_closed and self._width and self._is_unquoted(line):
            cells, is_closed = line.rstrip("\r\n").split(self._separator), True
        if not is_closed or (self._width and len(cells) != self._width):
            is_wrong = True
        else:
            is_wrong = is_after_wrong and line.count('"') % 2 == 1
        return ListRow(cells, BAD_QUOTES) if is_wrong else self._make_row(cells)


def _split(line: str, separator: str) -> tuple[list[str], bool]:
    """Return the cells of a line, and whether each opening quote is closed by one at the end of its cell."""
    edge = re.compile(rf'"[ \t]*(?={re.escape(separator)}|$)' if separator != "\t" else r'" *(?=\t|$)')
    cells: list[str] = []
    is_closed = True
    at = 0
    while at <= len(line):
        closing = edge.search(line, at + 1) if line.startswith('"', at) else None
        is_closed = is_closed and (closing is not None or not line.startswith('"', at))
        end = closing.end() if closing else line.find(separator, at)
        end = len(line) if end < 0 else end
        cells.append(line[at + 1 : closing.start()].replace('""', '"') if closing else line[at:end])
        at = end + 1
    return cells, is_closed
