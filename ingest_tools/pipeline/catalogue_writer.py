"""Writes results into the catalogue, many in one transaction; one thread does this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ingest_tools.pipeline import new_file_jobs
from ingest_tools.pipeline.known_records import (
    earlier_versions,
    kept_pictures,
    later_sidecars,
    named_records,
    other_formats,
)
from ingest_tools.pipeline.known_records.batch_options import BatchOptions, may_become
from ingest_tools.pipeline.known_records.named_records import NamedRow
from ingest_tools.pipeline.known_records.new_rows import SortedRows, sort_rows
from ingest_tools.pipeline.known_records.reported_changes import kept_access, with_changes
from ingest_tools.pipeline.metadata.conflicts import differing_fields, reject_conflict
from ingest_tools.pipeline.metadata.merge import DraftRecord
from ingest_tools.pipeline.metadata.row_values import draft_of_row, record_of_row, row_values
from ingest_tools.pipeline.metadata.stated_access import restate, restrict
from ingest_tools.pipeline.placement import CollectionIds, named_collections, place
from ingest_tools.pipeline.results import (
    FileResult,
    Imported,
    ImportResult,
    KnownFile,
    NewFile,
    NewRow,
    NewVersion,
    Rejected,
    WrittenResult,
    entries,
    original_asset,
)
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.assets import derivatives, same_works, versions
from library_server.catalogue.batches import repository
from library_server.catalogue.bounds import bound_list
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import AssetRole, EntryState, Status
from library_server.catalogue.records import (
    changes,
    commands,
    duplicates,
    queries,
    revisions,
    source_records,
)
from library_server.catalogue.records.revisions import Actor
from library_server.exchange.bibliographic import holdings

if TYPE_CHECKING:
    from library_server.catalogue.photo_hashes import PhotoHashes


class CatalogueWriter:
    """Writes the results of one batch; `options` are for all of it, `tasks` are the kinds of job to queue."""

    def __init__(self, by: Actor, options: BatchOptions, tasks: frozenset[str], *, covers: bool = True) -> None:
        assert by.batch_id
        self._by = by
        self._batch = by.batch_id
        self._options = options
        self._tasks = tasks
        self._covers = covers
        self._first_rows: dict[str, str] = {}
        self._new_rows: list[str] = []
        self._photo_hashes: PhotoHashes | None = None
        self._duplicates_before = 0
        self.duplicate_count = 0

    def roll_back(self) -> None:
        """Reset the state to that before the last `write`, whose transaction was rolled back."""
        for record_id in self._new_rows:
            self._first_rows.pop(record_id, None)
        self._new_rows = []
        self._photo_hashes = None
        self.duplicate_count = self._duplicates_before

    def write(self, session: Session, results: Sequence[ImportResult]) -> list[WrittenResult]:
        """Write results; returns what became of each, in their order.

        Where this or the commit after it fails, call `roll_back` before writing again.
        """
        self._new_rows, self._duplicates_before = [], self.duplicate_count
        since = changes.last_number(session)
        rows = sort_rows(session, [result for result in results if isinstance(result, NewRow)])
        self._add_new_rows(session, rows.new)
        # other rows without a file are written one by one, so that each meets the record that the one before it became
        pending = [
            self._write_row(session, result, rows) if isinstance(result, NewRow) else result for result in results
        ]
        new_files = [result for result in pending if isinstance(result, NewFile)]
        drafts = {result.record_id: result.draft_record.draft for result in new_files}
        self._add_new_files(session, new_files)
        for result in pending:
            if isinstance(result, NewFile | NewVersion) and result.candidate.row:
                self._first_row_of(result.record_id, result.candidate.entry_path)
        written = [self._write_one(session, result) for result in pending]
        files = [result for result in pending if isinstance(result, FileResult)]
        of_rows = [outcome for outcome, result in zip(written, results, strict=True) if isinstance(result, NewRow)]
        kept_pictures.add_pictures(session, files, self._batch)
        kept_pictures.reconcile_access(session, files, of_rows, self._by)
        joined = other_formats.join_formats(session, new_files, self._by)
        written = with_changes(session, other_formats.with_kept_records(written, joined), self._batch, since)
        repository.add_entries(session, self._batch, [entry for result in written for entry in entries(result)])
        self._record_duplicates(session, [record_id for record_id in drafts if record_id not in joined])
        self._record_similar_photos(session, drafts)
        return written

    def _add_new_files(self, session: Session, new_files: Sequence[NewFile]) -> None:
        """Add the records and the assets of new files, all in few statements."""
        drafts = {result.record_id: result.draft_record.draft for result in new_files}
        commands.add_records(session, drafts, batch_id=self._batch, is_bounded=True)
        commands.add_assets(session, [(result.record_id, asset) for result in new_files
                                     for asset in (original_asset(result), *result.derived)])  # fmt: skip

    def _record_duplicates(self, session: Session, record_ids: Sequence[str]) -> None:
        self.duplicate_count += duplicates.record_duplicates(session, record_ids)
        self.duplicate_count += same_works.record_same_works(session, record_ids)

    def _write_one(self, session: Session, result: FileResult | WrittenResult) -> WrittenResult:
        match result:
            case NewFile():
                self._add(session, result)
            case NewVersion():
                self._add_version(session, result)
            case KnownFile():
                return self._describe_known(session, result)
            case Imported():
                return self._with_options(session, result)
            case Rejected():
                return result
        return _imported(result, EntryState.ADDED, stored=result.original.size)

    def _with_options(self, session: Session, result: Imported) -> Imported:
        """The result of what is there already, after the collection and kind of the batch were given to its record."""
        if result.state != EntryState.UNCHANGED or result.record_id is None:
            return result
        row = result.candidate.row
        options = replace(self._options, kind=None) if row and row.bibliographic.kind else self._options
        return replace(result, kept=(*result.kept, *options.apply(session, result.record_id, self._by)))

    def _add(self, session: Session, result: NewFile) -> None:
        row = result.candidate.row
        names = named_collections(row, result.description)
        self._place(session, result.record_id, result.draft_record, names, is_new=True)
        if row is not None:
            self._add_holdings_and_sources(session, {result.record_id: row})
        new_file_jobs.enqueue_jobs(session, result, self._tasks, covers=self._covers)

    def _add_version(self, session: Session, result: NewVersion) -> None:
        original, details = original_asset(result), result.description.details
        versions.add_version(session, result.record_id, original, result.derived, details, self._by)
        if result.candidate.row is not None:
            self._revise(session, result, result.candidate.row, result.record_id)
        else:
            restate(session, result.record_id, result.candidate, result.description, self._by)
        new_file_jobs.enqueue_jobs(session, result, self._tasks, covers=self._covers)

    def _describe_known(self, session: Session, result: KnownFile) -> WrittenResult:
        """Write a file whose bytes are catalogued: it may return from an undone batch, or be described by its row."""
        record_id, path = result.record_id, result.candidate.entry_path
        restored = [asset for asset in result.derived if derivatives.restore_or_replace(session, record_id, asset)]
        if any(asset.role == AssetRole.TEXT for asset in restored):
            commands.enqueue_reindex(session, record_id)
        has_new = later_sidecars.note_new(session, result, restored, self._by)
        is_back = revisions.reinstate(session, record_id, self._by) or earlier_versions.restore_earlier_version(
            session, result, self._by
        )
        state = EntryState.ADDED if is_back else EntryState.JOINED if has_new else EntryState.UNCHANGED
        row = result.candidate.row
        if row is None:
            if restate(session, record_id, result.candidate, result.description, self._by) and not is_back:
                state = EntryState.JOINED
            return self._with_options(session, _imported(result, state))
        if named_records.names_record(row) and not is_back:
            return self._describe_by_id(session, result, row)
        first = self._first_row_of(record_id, path)
        if first != path and (differing := differing_fields(session, result, row)):
            restrict(session, record_id, result.candidate, result.description, self._by)
            return reject_conflict(result.candidate, row, first, differing)
        if self._revise(session, result, row, record_id) and not is_back:
            state = EntryState.JOINED
        kept = kept_access(session, record_id, row)
        return replace(_imported(result, state), kept=kept)

    def _describe_by_id(self, session: Session, result: KnownFile, row: ManifestRow) -> WrittenResult:
        """A known file whose row names a record by its id: only what was edited in the row is changed."""
        new_row = NewRow(result.candidate, row, result.record_id, draft_of_row(result.candidate, row))
        return self._write_row(session, new_row, SortedRows())

    def _first_row_of(self, record_id: str, path: str) -> str:
        """The first row of this batch that describes a record; `path` where there was none."""
        if record_id not in self._first_rows:
            self._first_rows[record_id] = path
            self._new_rows.append(record_id)
        return self._first_rows[record_id]

    def _add_new_rows(self, session: Session, new_rows: Mapping[str, NewRow]) -> None:
        """Catalogue rows that are certainly new, by the ids of their records, all in few statements."""
        drafts = {record_id: row.draft_record.draft for record_id, row in new_rows.items()}
        commands.add_records(session, drafts, batch_id=self._batch, is_bounded=True)
        collections = CollectionIds(session)
        members: dict[tuple[str, str], None] = {}
        for record_id, row in new_rows.items():
            names = self._names(named_collections(row.row))
            ids = collections.of(drafts[record_id].kind, names)
            members |= {(collection_id, record_id): None for collection_id in ids}
        self._add_holdings_and_sources(session, {record_id: row.row for record_id, row in new_rows.items()})
        commands.add_new_to_collections(session, members)
        self.duplicate_count += duplicates.record_duplicates(session, list(new_rows))

    def _write_row(self, session: Session, result: NewRow, rows: SortedRows) -> WrittenResult:
        """Write a row without a file: it changes a known record, adds copies to it, or becomes a new record."""
        if result.record_id in rows.new:
            return _imported(result, EntryState.ADDED)
        if repeated := rows.repeated.get(result.record_id):
            return Imported(result.candidate, EntryState.UNCHANGED, repeated)
        named = named_records.find_named(session, result, self._by)
        if isinstance(named, Rejected):
            return named
        if named is not None:
            return self._write_named_row(session, named)
        known = record_of_row(session, result.draft_record.draft, result.candidate.entry_path)
        if known is not None:
            is_changed = self._revise(session, result, result.row, known)
            state = EntryState.JOINED if is_changed else EntryState.UNCHANGED
            kept = kept_access(session, known, result.row)
            return Imported(result.candidate, state, known, result.draft_record.shortened, kept=kept)
        record_id = result.record_id
        commands.add_records(session, {record_id: result.draft_record.draft}, batch_id=self._batch, is_bounded=True)
        self._place(session, record_id, result.draft_record, named_collections(result.row), is_new=True)
        self._add_holdings_and_sources(session, {record_id: result.row})
        self.duplicate_count += duplicates.record_duplicates(session, [record_id])
        return _imported(result, EntryState.ADDED)

    def _write_named_row(self, session: Session, named: NamedRow) -> Imported:
        """Change only what was edited in a row that names a record."""
        result, record_id = named.result, named.record.id
        is_changed = named_records.apply(session, named, self._by)
        if named.record.status == Status.PUBLISHED and (self._options.collection or named.collections or named.leaving):
            is_changed |= self._place(session, record_id, None, named.collections, leaving=named.leaving)
        state = EntryState.JOINED if is_changed else EntryState.UNCHANGED
        kept = kept_access(session, record_id, result.row) if named.is_access_edited else ()
        return Imported(result.candidate, state, record_id, result.draft_record.shortened, kept=kept)

    def _revise(self, session: Session, result: FileResult | NewRow, row: ManifestRow, record_id: str) -> bool:
        """Change a record as a row describes it; returns whether anything was changed."""
        if row.source is not None:
            source_records.save_source_record(session, record_id, row.source)
        known = queries.record(session, record_id)
        values = row_values(row.bibliographic, result.draft_record.draft)
        if known is not None and known.original is not None and not may_become(known.kind, row.bibliographic.kind):
            values.pop("kind", None)
        is_changed = bool(revisions.revise(session, record_id, values, self._by))
        holding_changes = [
            revisions.set_holding(session, record_id, holding, self._by) for holding in holdings(row.bibliographic)
        ]
        description = None if isinstance(result, NewRow) else result.description
        is_restated = restate(session, record_id, result.candidate, description, self._by)
        is_placed = self._place(session, record_id, result.draft_record, named_collections(row, description))
        return is_changed or any(holding_changes) or is_restated or is_placed

    def _add_holdings_and_sources(self, session: Session, rows: Mapping[str, ManifestRow]) -> None:
        """Add the holdings that the rows of new records (by id) state, and their MARC records."""
        new_holdings = [
            (record_id, holding) for record_id, row in rows.items() for holding in holdings(row.bibliographic)
        ]
        commands.add_new_holdings(session, new_holdings)
        sources = [(record_id, row.source) for record_id, row in rows.items() if row.source is not None]
        source_records.add_new_source_records(session, sources)

    def _place(
        self, session: Session, record_id: str, draft_record: DraftRecord | None, collections: Sequence[str | None],
        *, is_new: bool = False, leaving: Sequence[str] = (),
    ) -> bool:  # fmt: skip
        """Put a record into its course and its collections; returns whether those of a known record were changed."""
        names = self._names(collections)
        return place(session, record_id, draft_record, names, self._by, is_new=is_new, leaving=leaving)

    def _names(self, collections: Sequence[str | None]) -> Sequence[str]:
        return bound_list("collections", filter(None, [self._options.collection, *collections]))

    def _record_similar_photos(self, session: Session, drafts: dict[str, RecordDraft]) -> None:
        hashes = {record_id: draft.photo_hash for record_id, draft in drafts.items() if draft.photo_hash is not None}
        if not hashes:
            return
        if self._photo_hashes is None:
            from library_server.catalogue.photo_hashes import PhotoHashes  # NumPy is imported for photos only

            self._photo_hashes = PhotoHashes(session, leave_out=frozenset(hashes))
        self.duplicate_count += duplicates.record_similar_photos(session, hashes, self._photo_hashes)


def _imported(result: FileResult | NewRow, state: EntryState, stored: int = 0) -> Imported:
    return Imported(result.candidate, state, result.record_id, result.draft_record.shortened, stored)
