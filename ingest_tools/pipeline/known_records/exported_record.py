"""What a row would say if it were exported from the catalogue now: only what differs from that was edited.

An export says less than the catalogue keeps, and in other words: a list has one cell for all creators, MARC no field
for a course. So a row is never compared with the record itself but with the record as it is exported and read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pymarc import Record
from sqlalchemy.orm import Session

from ingest_tools.pipeline.metadata.row_values import row_values
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.lists.rows import read_row
from library_server.catalogue.bounds import bound_draft, bound_holding, bound_list
from library_server.catalogue.dto import STATEMENTS, HoldingView, RecordDraft
from library_server.catalogue.records import queries
from library_server.exchange.bibliographic import Bibliographic, build_holdings, to_draft
from library_server.exchange.export import Exported, csv_rows, marc_record
from library_server.exchange.headings import field_of
from library_server.exchange.marc import cnmarc, marc21, marc_files
from library_server.exchange.marc.iso2709 import clean_record, fit_record
from library_server.exchange.marc.serializations import marc_json
from library_server.exchange.record_names import is_file_name
from library_server.exchange.spreadsheet_cells import csv_text

# the date of an export, the agency and the names of the record change with every export
_VOLATILE = {
    "cnmarc": frozenset(("001", "005", "035", "100", "801")), "marc21": frozenset(("001", "003", "005", "008", "035")),
}  # fmt: skip
_STATEMENT = f"{STATEMENTS}."


@dataclass(frozen=True)
class RowReading:
    """What a row says: its values by field (a statement as `statements.notes`), and the fields of a MARC record."""

    values: Mapping[str, Any]
    access: str
    holdings: frozenset[HoldingView]
    marc_fields: tuple[str, ...] = ()
    collections: frozenset[str] = frozenset()


def read_description(
    described: Bibliographic, draft: RecordDraft, record: Record | None = None, form: str = ""
) -> RowReading:
    """Return the reading of a description; `draft` is its draft within bounds."""
    copies = frozenset(bound_holding(holding) for holding in build_holdings(described))
    marc_fields = tuple(sorted(map(str, _stable_fields(record, form)))) if record else ()
    collections = frozenset(bound_list("collections", described.collections))
    return RowReading(
        flatten_statements(row_values(described, draft)), described.access, copies, marc_fields, collections
    )


def read_exports(exported: Exported, form: str | None) -> Iterator[RowReading]:
    """Yield what an export of a record says, `form` cnmarc or marc21, None for a list.

    There are two where MARC may be written as ISO 2709, in which long fields are divided.
    """
    if form is None:
        rows = [_list_row(cells) for cells in csv_rows(exported)]
        first = rows[0]
        yield replace(first, holdings=frozenset[HoldingView]().union(*(row.holdings for row in rows)))
        return
    record = marc_record(exported, form)
    for written in (clean_record(record), fit_record(record, form).record):
        described = marc_files.describe(written)
        yield read_description(described, _build_draft(described), written, form)


def list_rows(session: Session, record_id: str) -> list[dict[str, str]]:
    """Return the rows of a list that a record is exported as, by heading; none where there is no such record."""
    record = queries.find_record(session, record_id)
    return list(csv_rows(Exported(record))) if record else []


def source_record(row: ManifestRow) -> Record | None:
    """Return the MARC record of a row."""
    return marc_json.from_json(row.source.body) if row.source else None


def unmapped_fields(record: Record, form: str) -> list[str]:
    """Return the fields of a MARC record that have no place in the catalogue."""
    mapped = (cnmarc if form == "cnmarc" else marc21).MAPPED
    return sorted(str(field) for field in _stable_fields(record, form) if field.tag not in mapped)


def flatten_statements(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with each statement as one of its own."""
    other_values = {name: value for name, value in values.items() if name != STATEMENTS}
    statements: Mapping[str, Any] = values.get(STATEMENTS) or {}
    return other_values | {f"{_STATEMENT}{name}": value for name, value in statements.items()}


def merge_statements(values: Mapping[str, Any], statements: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with their statements put into those that a record has already."""
    changed = {name.removeprefix(_STATEMENT): value for name, value in values.items() if name.startswith(_STATEMENT)}
    other_values = {name: value for name, value in values.items() if not name.startswith(_STATEMENT)}
    if changed:
        merged = {name: _keep_missing_parts(value, statements.get(name)) for name, value in changed.items()}
        other_values[STATEMENTS] = {**statements, **merged}
    return other_values


def _keep_missing_parts(value: Any, present: Any) -> Any:
    """Return a list of [name, ...] (ISBNs, agents), completed by what the record has of the same name."""
    if not (isinstance(value, list) and isinstance(present, list)):
        return value
    known = {item[0]: item for item in present if isinstance(item, list) and item and isinstance(item[0], str)}
    return [
        [new or old for new, old in zip(item, known[item[0]], strict=True)]
        if isinstance(item, list) and item and item[0] in known and len(known[item[0]]) == len(item)
        else item
        for item in value
    ]


def _list_row(cells: Mapping[str, str]) -> RowReading:
    cells_by_field = {
        field: text for heading, value in cells.items() if (text := csv_text(value)) and (field := field_of(heading))
    }
    described = read_row(cells_by_field).described
    return read_description(described, _build_draft(described))


def _build_draft(described: Bibliographic) -> RecordDraft:
    return bound_draft(to_draft(described))[0]


def _stable_fields(record: Record, form: str) -> list[Any]:
    return [field for field in record.fields if field.tag not in _VOLATILE[form] and not is_file_name(field)]
