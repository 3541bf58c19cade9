"""What rows say that was not read while the rest of them counts: columns without a field, dates that cannot be."""

from __future__ import annotations

from typing import Any

from ingest_tools.sources.folder import Candidate, str_path


class UnreadColumns:
    """The columns of lists that mean no field of the catalogue, by list and sheet, with the number of their rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, int]] = {}

    def count(self, candidate: Candidate) -> None:
        """Add the columns of a row that say something and were not read."""
        row = candidate.row
        if row is None or candidate.list_path is None or not row.unread_columns:
            return
        columns = self._rows.setdefault((str_path(candidate.list_path), row.locator.sheet or ""), {})
        for heading in row.unread_columns:
            columns[heading] = columns.get(heading, 0) + 1

    def to_json(self) -> list[dict[str, Any]]:
        """Return the columns under the keys of reports."""
        return [
            {"path": path, "sheet": sheet, "column": heading, "rows": rows}
            for (path, sheet), columns in self._rows.items()
            for heading, rows in columns.items()
        ]


def list_unread_cells(candidate: Candidate) -> list[dict[str, Any]]:
    """Return the cells of a row that were passed over, under the keys of reports."""
    return [{"path": candidate.entry_path, **cell} for cell in (candidate.row.unread_cells if candidate.row else ())]
