"""Where an entry of a batch came from, as text: `FILE`, `FILE#SHEET!ROW` or, of a MARC record, `FILE#NUMBER`.

A file whose own name has the form of a row (`l.csv#l!2`) gets one more `#` at its end, so that it is not taken for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xltx", ".xltm", ".xlt", ".et", ".ett", ".ods", ".csv", ".tsv",
                        ".dbf")  # fmt: skip
MARC_SUFFIXES = (".mrc", ".iso", ".marc", ".dat", ".xml", ".mrk", ".mrk8", ".json", ".jsonl", ".ndjson")
TEXT_SUFFIX = ".txt"  # of texts, some of which are MARC records or lists
# both file names and names of sheets may contain "#" and "!"
_ROW_OF_LIST = re.compile(
    rf"(?P<path>.*?(?:{'|'.join(map(re.escape, (*SPREADSHEET_SUFFIXES, *MARC_SUFFIXES, TEXT_SUFFIX)))}))"
    r"#(?:(?P<sheet>.*)!)?(?P<number>[0-9]+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class RowLocator:
    """A row of a sheet, by its number from 1; of a MARC file, which has no sheets, a record."""

    number: int
    sheet: str | None = None

    def __str__(self) -> str:
        return str(self.number) if self.sheet is None else f"{self.sheet}!{self.number}"

    def to_json(self) -> dict[str, str]:
        """Return the row under the keys of the problems of an entry."""
        return {"sheet": self.sheet or "", "row": str(self.number)}


@dataclass(frozen=True)
class SourceLocator:
    """A file, or a row of a list in it; `str` gives the text and `parse` reads it."""

    path: str
    row: RowLocator | None = None

    def __str__(self) -> str:
        if self.row is None:
            return f"{self.path}#" if _looks_like_row(self.path) else self.path
        return f"{self.path}#{self.row}"

    @classmethod
    def parse(cls, text: str) -> SourceLocator:
        """Return the locator of a text; one that names no row of a file with the suffix of a list is a file."""
        match = _ROW_OF_LIST.fullmatch(text)
        if match is None:
            return cls(text[:-1] if text.endswith("#") and _looks_like_row(text) else text)
        return cls(match["path"], RowLocator(int(match["number"]), match["sheet"]))


def _looks_like_row(path: str) -> bool:
    """Return whether a path has the form of a row, perhaps with marks at its end that make it a file."""
    return _ROW_OF_LIST.fullmatch(path.rstrip("#")) is not None
