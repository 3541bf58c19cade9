"""Rows that stand for no known record, found for a whole commit with three queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import NewRow
from library_server.catalogue.batches import repository
from library_server.catalogue.records import commands


@dataclass(frozen=True)
class SortedRows:
    """Rows that are certainly `new`, and the records that `repeated` rows are already; both by the id that the row has
    for a new record.

    Any other row may still be new: it has to be compared with records one by one.
    """

    new: dict[str, NewRow] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)


def sort_rows(session: Session, rows: Sequence[NewRow]) -> SortedRows:
    """Return which rows are new and which repeated.

    A row is new if it shares no identifier with the catalogue or another row, names no record, and its entry was never
    imported. It is repeated if a row of the same content was imported from another list since it was looked up.
    """
    candidates = [row for row in rows if not row.row.bibliographic.record_names and not row.prepared_draft.course]
    sorted_rows = SortedRows()
    if not candidates:
        return sorted_rows
    identifiers = {row.record_id: commands.identifiers_of(row.prepared_draft.draft) for row in rows}
    counts = Counter(identifier for given in identifiers.values() for identifier in given)
    known = commands.known_identifiers(session, counts)
    shared = known | {identifier for identifier, count in counts.items() if count > 1}
    earlier = repository.find_imported(session, [row.candidate.entry_path for row in candidates])
    candidates = [row for row in candidates if row.candidate.entry_path not in earlier]
    records = repository.find_imported_rows(session, [row.candidate.fingerprint for row in candidates])
    for row in candidates:
        if record_id := records.get(row.candidate.fingerprint):
            sorted_rows.repeated[row.record_id] = record_id
        elif shared.isdisjoint(identifiers[row.record_id]):
            sorted_rows.new[row.record_id] = row
            records[row.candidate.fingerprint] = row.record_id
    return sorted_rows
