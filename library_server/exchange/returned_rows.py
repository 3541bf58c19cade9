"""What the rows of a list of refused rows say, see `workbooks.write_refused`: one that says the same was not mended."""

from __future__ import annotations

from collections.abc import Mapping

from library_server.exchange.characters import without_forbidden
from library_server.exchange.headings import GIVEN_BACK, READ_TWICE, bare_heading, field_of
from library_server.exchange.spreadsheet_cells import shorten_to_cell

_ORIGIN = GIVEN_BACK[-1]


def is_returned(cells: Mapping[str, str]) -> bool:
    """Return whether a row, by heading, says in which list it stood first."""
    return bool(cells.get(_ORIGIN)) and all(heading in cells for heading in GIVEN_BACK)


def row_content(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what the cells of a row (by heading) say, by field or heading, whatever the columns are called.

    The columns that a list of refused rows adds are left out, as are empty cells and differences of spaces.
    """
    content: list[tuple[str, str]] = []
    fields: set[str] = set()
    for heading, text in cells.items():
        if heading in GIVEN_BACK:
            continue
        field = field_of(heading)
        if field in fields and field not in READ_TWICE:
            continue  # of two columns of one field the first counts, and is the one that is handed back
        name = field or bare_heading(without_forbidden(heading))
        fields.add(name)
        if words := " ".join(shorten_to_cell(without_forbidden(text)).split()):
            content.append((name, words))
    return sorted(content)
