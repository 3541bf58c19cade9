"""Rows that stand for no known record, found for a whole commit with two queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import NewRow
from library_server.catalogue.batches import repository
from library_server.catalogue.records import commands


def find_new_rows(session: Session, rows: Sequence[NewRow]) -> list[NewRow]:
    """The rows that share no identifier with the catalogue or with each other, name no record and came in never before.

    A row that is left out may still be new: it has to be compared with records one by one.
    """
    candidates = [row for row in rows if not row.row.bibliographic.record_names and not row.draft_record.course]
    if not candidates:
        return []
    identifiers = {row.record_id: commands.identifiers_of(row.draft_record.draft) for row in rows}
    counts = Counter(identifier for given in identifiers.values() for identifier in given)
    known = commands.known_identifiers(session, counts)
    shared = known | {identifier for identifier, count in counts.items() if count > 1}
    earlier = repository.find_imported(session, [row.candidate.entry_path for row in candidates])
    return [
        row
        for row in candidates
        if row.candidate.entry_path not in earlier and shared.isdisjoint(identifiers[row.record_id])
    ]
