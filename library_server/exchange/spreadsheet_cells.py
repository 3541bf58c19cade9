"""Text in cells of spreadsheets, so that Excel and LibreOffice take it as text and it comes back as it was.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is run as a formula by programs that open a CSV,
full-width signs and leading spaces or quotes included (OWASP, CSV Injection). Plain numbers such as -5 stay numbers.
A workbook says of each cell that it is text; a CSV cannot, and gets an apostrophe, which `cell_text` of
`ingest_tools/sources/lists/cells.py` removes. For that reason a text that begins with an apostrophe gets another one
in both.
"""

from __future__ import annotations

from library_server.exchange.characters import without_forbidden
from library_server.lazy_patterns import lazy_pattern

CELL_LIMIT = 32_767  # UTF-16 code units: Excel specifications and limits
_APOSTROPHES = ("'", "’")
_NUMBER = lazy_pattern(r"[+-]?\d+(?:[.,]\d+)*%?")
_RUN = lazy_pattern(r"""[\t\r]|[\s"'“”„‘＂＇`]*[=+\-@＝＋－＠﹢﹣﹦﹫−]""")
_ESCAPED = lazy_pattern(r"_(?=x[0-9A-Fa-f]{4}_)")


def csv_text(value: str) -> str:
    """Return a value as it stands in a CSV."""
    text = without_forbidden(value)
    if not text.strip():
        return ""  # an apostrophe alone would be read as one
    is_run = _RUN.match(text) and not _NUMBER.fullmatch(text)
    return shorten_to_cell(f"'{text}" if is_run or text.lstrip().startswith(_APOSTROPHES) else text)


def workbook_text(value: str | None) -> tuple[str, bool]:
    """Return a value as it stands in a cell of a workbook that says it is text, and whether it looks like a formula.

    `_x0041_` would be read as a character (ECMA-376 part 1, 22.9.2.19) and is escaped.
    """
    text = without_forbidden(value or "")
    text = f"'{text}" if text.lstrip().startswith(_APOSTROPHES) else text
    return _ESCAPED.sub("_x005F_", text), bool(_RUN.match(text))


def shorten_to_cell(text: str) -> str:
    """Return text that fits into a cell; what is cut says how long it was, in characters."""
    if len(text) * 2 <= CELL_LIMIT or utf16_length(text) <= CELL_LIMIT:
        return text
    mark = f"…（共 {len(text)} 字，放不下 shortened）"
    room = (CELL_LIMIT - len(mark)) * 2
    return text.encode("utf-16-le", "surrogatepass")[:room].decode("utf-16-le", "ignore") + mark


def utf16_length(text: str) -> int:
    """Return the length as Excel counts it."""
    return len(text) + sum(character > "\uffff" for character in text)
