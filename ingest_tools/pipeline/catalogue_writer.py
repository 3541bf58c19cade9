"""Writes results into the catalogue, many in one transaction; one thread does this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ingest_tools.pipeline import new_file_jobs
from ingest_tools.pipeline.known_records import (
    earlier_versions,
    kept_pictures,
    later_sidecars,
    other_formats,
)
from ingest_tools.pipeline.known_records.batch_options import BatchOptions
from ingest_tools.pipeline.known_records.kept_restrictions import with_kept_restrictions
from ingest_tools.pipeline.known_records.reported_changes import with_changes
from ingest_tools.pipeline.metadata.conflicts import differing_fields, reject_conflict
from ingest_tools.pipeline.metadata.row_values import draft_of_row
from ingest_tools.pipeline.metadata.stated_access import restrict_access, update_access
from ingest_tools.pipeline.placement import link_course, named_collections, place_new_record
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
    list_entries,
    original_asset,
)
from ingest_tools.pipeline.rows.record_edits import apply_edits, edit_of_row
from ingest_tools.pipeline.rows.row_writer import RowWriter, WrittenRows, add_holdings_and_sources
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.assets import derivatives, same_works, versions
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, AssetRole, EntryState
from library_server.catalogue.records import (
    changes,
    commands,
    duplicates,
    queries,
    revisions,
)
from library_server.catalogue.records.revisions import Actor

if TYPE_CHECKING:
    from library_server.catalogue.photo_hashes import PhotoHashes


class CatalogueWriter:
    """Writes the results of one batch; `options` are for all of it, `tasks` are the kinds of job to queue."""

    def __init__(self, by: Actor, options: BatchOptions, tasks: frozenset[str]) -> None:
        assert by.batch_id
        self._by = by
        self._batch = by.batch_id
        self._options = options
        self._rows = RowWriter(by, options)
        self._tasks = tasks
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
        rows = self._rows.write(session, [result for result in results if isinstance(result, NewRow)])
        self.duplicate_count += rows.duplicate_count
        pending = [rows.results[result.record_id] if isinstance(result, NewRow) else result for result in results]
        new_files = [result for result in pending if isinstance(result, NewFile)]
        drafts = {result.record_id: result.prepared_draft.draft for result in new_files}
        commands.add_records(session, drafts, batch_id=self._batch, is_bounded=True)
        commands.add_assets(session, [(result.record_id, asset) for result in new_files
                                     for asset in (original_asset(result), *result.derived)])  # fmt: skip
        for result in pending:
            if isinstance(result, NewFile | NewVersion) and result.candidate.row:
                self._first_row_of(result.record_id, result.candidate.entry_path)
        written = [self._write_one(session, result) for result in pending]
        stored = [result for result in pending if isinstance(result, NewFile | NewVersion)]
        new_file_jobs.enqueue_jobs(session, stored, self._tasks)
        files = [result for result in pending if isinstance(result, FileResult)]
        of_rows = [outcome for outcome, result in zip(written, results, strict=True) if isinstance(result, NewRow)]
        kept_pictures.add_pictures(session, files, self._batch)
        kept_pictures.reconcile_access(session, files, of_rows, self._by)
        joined = other_formats.join_formats(
            session, [result for result in files if isinstance(result, NewFile | KnownFile)], self._by
        )
        written = with_changes(session, other_formats.with_kept_records(written, joined), self._batch, since)
        written = with_kept_restrictions(session, results, written, self._by)
        repository.add_entries(session, self._batch, [entry for result in written for entry in list_entries(result)])
        self._record_duplicates(session, [record_id for record_id in drafts if record_id not in joined])
        self._record_similar_photos(session, drafts)
        return written

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
        return _make_imported(result, EntryState.ADDED, stored=result.original.size)

    def _with_options(self, session: Session, result: Imported) -> Imported:
        """Return the result of what is there already, after the collection and kind of the batch were given to its
        record.
        """
        if result.state != EntryState.UNCHANGED or result.record_id is None:
            return result
        row = result.candidate.row
        options = replace(self._options, kind=None) if row and row.bibliographic.kind else self._options
        return replace(result, kept=(*result.kept, *options.apply(session, result.record_id, self._by)))

    def _add(self, session: Session, result: NewFile) -> None:
        row = result.candidate.row
        names = self._options.with_collection(named_collections(row, result.description))
        place_new_record(session, result.record_id, result.prepared_draft, names, self._by)
        if row is not None:
            add_holdings_and_sources(session, {result.record_id: row})

    def _add_version(self, session: Session, result: NewVersion) -> None:
        original, details = original_asset(result), result.description.details
        versions.add_version(session, result.record_id, original, result.derived, details, self._by)
        if result.candidate.row is not None:
            self._edit(session, result, result.candidate.row)
        else:
            update_access(session, result.record_id, result.candidate, result.description, self._by)

    def _describe_known(self, session: Session, result: KnownFile) -> WrittenResult:
        """Write a file whose bytes are catalogued: it may return from an undone batch, or be described by its row."""
        record_id, path = result.record_id, result.candidate.entry_path
        restored = [asset for asset in result.derived if derivatives.restore_or_replace(session, record_id, asset)]
        if any(asset.role == AssetRole.TEXT for asset in restored):
            commands.enqueue_reindex(session, record_id)
        has_new = later_sidecars.save_new_sidecars(session, result, restored, self._by)
        is_back = revisions.reinstate(session, record_id, self._by) or earlier_versions.restore_earlier_version(
            session, result, self._by
        )
        state = EntryState.ADDED if is_back else EntryState.JOINED if has_new else EntryState.UNCHANGED
        row = result.candidate.row
        if row is None:
            if update_access(session, record_id, result.candidate, result.description, self._by) and not is_back:
                state = EntryState.JOINED
            return self._with_options(session, _make_imported(result, state))
        from ingest_tools.pipeline.known_records import named_records  # files without a row need none of it, nor MARC

        if not is_back and named_records.names_record(session, row):
            return self._describe_by_id(session, result, row)
        first = self._first_row_of(record_id, path)
        if first != path and (differing := differing_fields(session, result, row)):
            restrict_access(session, record_id, result.candidate, result.description, self._by)
            return reject_conflict(result.candidate, row, first, differing)
        if self._edit(session, result, row) and not is_back:
            state = EntryState.JOINED
        return _make_imported(result, state)

    def _describe_by_id(self, session: Session, result: KnownFile, row: ManifestRow) -> WrittenResult:
        """Apply the edited cells of a row that names the record of a known file by its id."""
        written = WrittenRows()
        draft, record_id = draft_of_row(result.candidate, row), result.record_id
        new_row = NewRow(result.candidate, row, record_id, draft, file_record_id=record_id)
        self._rows.write_known(session, [new_row], written)
        self.duplicate_count += written.duplicate_count
        return written.results[new_row.record_id]

    def _first_row_of(self, record_id: str, path: str) -> str:
        """Return the first row of this batch that describes a record; `path` where there was none."""
        if record_id not in self._first_rows:
            self._first_rows[record_id] = path
            self._new_rows.append(record_id)
        return self._first_rows[record_id]

    def _edit(self, session: Session, result: FileResult, row: ManifestRow) -> bool:
        """Change the record of a file as a row describes it; returns whether anything was changed."""
        record = queries.find_record(session, result.record_id)
        if record is None:
            raise commands.RecordNotFound(record=result.record_id)
        prepared_draft = result.prepared_draft
        edit = edit_of_row(record, result.candidate, row, prepared_draft, self._options, result.description)
        is_changed = bool(apply_edits(session, {record.id: edit}, self._by))
        link_course(session, record.id, prepared_draft, self._by)
        return is_changed

    def _record_similar_photos(self, session: Session, drafts: dict[str, RecordDraft]) -> None:
        hashes = {record_id: draft.photo_hash for record_id, draft in drafts.items() if draft.photo_hash is not None}
        if not hashes:
            return
        if self._photo_hashes is None:
            from library_server.catalogue.photo_hashes import PhotoHashes  # NumPy is imported for photos only

            self._photo_hashes = PhotoHashes(session, leave_out=frozenset(hashes))
        self.duplicate_count += duplicates.record_similar_photos(session, hashes, self._photo_hashes)


def _make_imported(result: FileResult | NewRow, state: EntryState, stored: int = 0) -> Imported:
    imported = Imported(result.candidate, state, result.record_id, result.prepared_draft.shortened, stored)
    stated = result.description.access if isinstance(result, NewFile) else None
    return replace(imported, restricted=stated if stated != Access.PUBLIC else None)
