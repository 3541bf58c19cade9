"""Quotes of other dialects of CSV, rewritten as RFC 4180 has them: `'甲,乙'`, `“甲，乙”`, `"甲 \\"乙\\""`, `甲, "乙"`.

A dialect is told by the headings, which are quoted as all rows are. Backslashes are those of MySQL's exports.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from library_server.exchange.headings import columns_of

_SWAPPED: Final = str.maketrans("\"'", "'\"")
_FEWEST_HEADINGS: Final = 2


@dataclass(frozen=True)
class Dialect:
    """How cells are quoted: in apostrophes or in curly quotes instead of `"`, and with spaces before the quote."""

    separator: str
    has_apostrophes: bool = False
    has_curly_quotes: bool = False
    has_spaces: bool = False

    def to_standard(self, content: str) -> str:
        """Return a text in which cells are quoted as RFC 4180 has it."""
        between = re.escape(self.separator)
        if self.has_apostrophes:
            content = content.translate(_SWAPPED)
        if self.has_curly_quotes:
            content = re.sub(rf"(?m)(?:(?<={between})|^)“|”(?=[ \t]*(?:{between}|\r?$))", '"', content)
        if self.has_spaces:
            content = re.sub(rf'(?<={between})[ ]+"(?!")', '"', content)
        return re.sub(rf'\\"(?![ \t]*(?:{between}|[\r\n]|\Z))', '""', content) if '\\"' in content else content

    def restore(self, cell: str) -> str:
        """Return a cell with the apostrophes that it was written with."""
        return cell.translate(_SWAPPED) if self.has_apostrophes else cell


def detect_dialect(lines: Sequence[str], separator: str) -> Dialect:
    """Return how the headings among the first lines of a text are quoted."""
    spaced = re.compile(rf'{re.escape(separator)} +"(?!")')
    for line in lines:
        cells = [cell.strip(" \t\r") for cell in line.split(separator)]
        if len(cells) >= _FEWEST_HEADINGS and columns_of([cell.strip("\"'“”") for cell in cells]) is not None:
            return Dialect(
                separator,
                has_apostrophes=all(cell[:1] == cell[-1:] == "'" for cell in cells),
                has_curly_quotes=all(cell[:1] == "“" and cell[-1:] == "”" for cell in cells),
                has_spaces=separator != "\t" and any(spaced.search(other) for other in lines),
            )
    return Dialect(separator)
