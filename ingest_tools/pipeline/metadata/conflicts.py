"""Two rows of one batch that name the same bytes and contradict each other: the later one is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ingest_tools.pipeline.metadata.row_values import row_values
from ingest_tools.pipeline.results import KnownFile, Rejected
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.records import fields, revisions
from library_server.exchange.headings import field_of

CELL_SHOWN = 200
_HEADED = {"part_number": "number", "place_covered": "taken_at", "isbns": "isbn", "agents": "creators"}
_NO_COLUMN = {"file": "文件", "title": "书名"}


def reject_conflict(candidate: Candidate, row: ManifestRow, other: str, differing: Mapping[str, Any]) -> Rejected:
    """Return the rejection of a row, cell by cell. `other` is the row before it, `differing` as `differing_fields`
    returns it.
    """
    problems = [
        {**row.locator.to_json(), "column": heading_of(row.cells or {}, field, "file"), "value": format_value(of_row),
         "expected": f"{format_value(of_record)}（{other}）"}
        for field, (of_record, of_row) in differing.items()
    ]  # fmt: skip
    rejection = RejectedError("same_file_said_otherwise", other)
    return Rejected(replace(candidate, row=replace(row, problems=problems)), rejection)


def differing_fields(session: Session, result: KnownFile, row: ManifestRow) -> dict[str, Any]:
    """Return the fields in which a row and the record of its file differ, to [value of the record, of the row]."""
    values = row_values(row.bibliographic, result.prepared_draft.draft)
    values.pop("kind", None)
    if row.bibliographic.access:
        values["access"] = row.bibliographic.access
    return revisions.find_differences(session, result.record_id, values)


def heading_of(cells: Mapping[str, str], field: str, otherwise: str = "title") -> str:
    """Return the heading of a field in the list; for a field without a column, that of the field `otherwise`."""
    headings = {field_of(heading): heading for heading in reversed(list(cells))}
    return headings.get(_HEADED.get(field, field)) or headings.get(otherwise) or _NO_COLUMN[otherwise]


def format_value(value: Any) -> str:
    """Return a value as a cell has it; of creators only the names."""
    if isinstance(value, list):
        value = [item[0] if isinstance(item, list) else item for item in value]
    return fields.format_value(value)[:CELL_SHOWN]
