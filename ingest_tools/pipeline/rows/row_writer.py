"""Writes rows without a file: each changes a known record, adds copies to it, or becomes a new record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ingest_tools.pipeline.known_records.batch_options import BatchOptions
from ingest_tools.pipeline.known_records.reported_changes import kept_access
from ingest_tools.pipeline.placement import CollectionIds, named_collections
from ingest_tools.pipeline.results import Imported, NewRow, Rejected, WrittenResult
from ingest_tools.pipeline.rows.known_rows import KnownRows, split_into_independent_groups
from ingest_tools.pipeline.rows.new_rows import sort_rows
from ingest_tools.pipeline.rows.record_edits import RecordEdit, apply_edits, edit_of_named_row, edit_of_row
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records import commands, duplicates, source_records
from library_server.catalogue.records.revisions import Actor
from library_server.exchange.bibliographic import build_holdings

if TYPE_CHECKING:
    from ingest_tools.pipeline.known_records.named_records import NamedRow


@dataclass
class WrittenRows:
    """What became of rows, by the ids that they have for new records; and how many pairs may be the same."""

    results: dict[str, WrittenResult] = field(default_factory=dict)
    duplicate_count: int = 0


class RowWriter:
    """Writes the rows of one batch, as many as can be in one statement."""

    def __init__(self, by: Actor, options: BatchOptions) -> None:
        self._by = by
        self._options = options

    def write(self, session: Session, rows: Sequence[NewRow]) -> WrittenRows:
        """Write rows; first those that are certainly new."""
        written = WrittenRows()
        if not rows:
            return written
        rows_by_newness = sort_rows(session, rows)
        self._add_new(session, rows_by_newness.new, written)
        written.results |= {
            row.record_id: Imported(row.candidate, EntryState.UNCHANGED, rows_by_newness.repeated[row.record_id])
            for row in rows
            if row.record_id in rows_by_newness.repeated
        }
        self.write_known(session, [row for row in rows if row.record_id not in written.results], written)
        return written

    def write_known(self, session: Session, rows: Sequence[NewRow], written: WrittenRows) -> None:
        """Write rows that may be of known records, and add what became of them to `written`."""
        if not rows:
            return
        known = KnownRows(session, rows)
        for number, group in enumerate(split_into_independent_groups(rows, known)):
            self._write_group(session, group, known if number == 0 else KnownRows(session, group), written)

    def _write_group(self, session: Session, rows: Sequence[NewRow], known: KnownRows, written: WrittenRows) -> None:
        """Write rows of which no two may be of one record."""
        from ingest_tools.pipeline.known_records import named_records  # files need none of it, nor MARC

        named = named_records.find_named(session, rows, self._by)
        new: dict[str, NewRow] = {}
        edits: dict[str, RecordEdit] = {}
        edited: dict[str, NewRow | NamedRow] = {}
        for row in rows:
            if row.record_id in named:
                named_row = named_records.find_edits(row, named[row.record_id])
                if isinstance(named_row, Rejected):
                    written.results[row.record_id] = named_row
                    continue
                record_id = named_row.record.id
                edits[record_id], edited[record_id] = edit_of_named_row(named_row, self._options), named_row
            elif record := known.find_record(row):
                edit = edit_of_row(record, row.candidate, row.row, row.prepared_draft, self._options)
                edits[record.id], edited[record.id] = edit, row
            else:
                new[row.record_id] = row
        self._add_new(session, new, written)
        self._apply(session, edits, edited, written)

    def _apply(
        self, session: Session, edits: Mapping[str, RecordEdit], edited: Mapping[str, NewRow | NamedRow],
        written: WrittenRows,
    ) -> None:  # fmt: skip
        """Change records as their rows say, and note what became of the rows."""
        if not edits:
            return
        changed = apply_edits(session, edits, self._by)
        rows = {record_id: row if isinstance(row, NewRow) else row.result for record_id, row in edited.items()}
        stating = {record_id: row.row for record_id, row in rows.items() if edits[record_id].access_from is not None}
        kept = kept_access(session, stating)
        unapplied = {record_id: row.unapplied for record_id, row in edited.items() if not isinstance(row, NewRow)}
        for record_id, row in rows.items():
            state = EntryState.JOINED if record_id in changed else EntryState.UNCHANGED
            written.results[row.record_id] = Imported(
                row.candidate, state, record_id, row.prepared_draft.shortened,
                kept=(*kept.get(record_id, ()), *unapplied.get(record_id, ())),
            )  # fmt: skip

    def _add_new(self, session: Session, rows: Mapping[str, NewRow], written: WrittenRows) -> None:
        """Catalogue rows as new records, by the ids of these, all in few statements."""
        drafts = {record_id: row.prepared_draft.draft for record_id, row in rows.items()}
        commands.add_records(session, drafts, batch_id=self._by.batch_id, is_bounded=True)
        collections = CollectionIds(session)
        members: dict[tuple[str, str], None] = {}
        for record_id, row in rows.items():
            ids = collections.find_ids(
                drafts[record_id].kind, self._options.with_collection(named_collections(row.row))
            )
            members |= {(collection_id, record_id): None for collection_id in ids}
        add_holdings_and_sources(session, {record_id: row.row for record_id, row in rows.items()})
        commands.add_new_to_collections(session, members)
        written.duplicate_count += duplicates.record_duplicates(session, list(rows))
        written.results |= {
            record_id: Imported(row.candidate, EntryState.ADDED, record_id, row.prepared_draft.shortened)
            for record_id, row in rows.items()
        }


def add_holdings_and_sources(session: Session, rows: Mapping[str, ManifestRow]) -> None:
    """Add the holdings that the rows of new records (by id) state, and their MARC records."""
    new_holdings = [
        (record_id, holding) for record_id, row in rows.items() for holding in build_holdings(row.bibliographic)
    ]
    commands.add_new_holdings(session, new_holdings)
    sources = [(record_id, row.source) for record_id, row in rows.items() if row.source is not None]
    source_records.add_new_source_records(session, sources)
