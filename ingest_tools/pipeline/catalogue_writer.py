"""Writes results into the catalogue, many in one transaction; one thread does this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ingest_tools.pipeline import new_file_jobs
from ingest_tools.pipeline.collection_ids import CollectionIds, named_collections
from ingest_tools.pipeline.known_records import named_records
from ingest_tools.pipeline.known_records.named_records import NamedRow
from ingest_tools.pipeline.known_records.new_rows import SortedRows, sort_rows
from ingest_tools.pipeline.metadata.conflicts import reject_conflict
from ingest_tools.pipeline.metadata.merge import DraftRecord, public_path
from ingest_tools.pipeline.metadata.row_values import record_of_row, row_values
from ingest_tools.pipeline.metadata.stated_access import restate, restrict
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
)
from ingest_tools.sources.folder import str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.assets import derivatives, fixity, kept_pictures, versions
from library_server.catalogue.batches import repository
from library_server.catalogue.bounds import bound_list
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import AssetRole, EntryState, LinkType, Status
from library_server.catalogue.records import commands, duplicates, queries, revisions, source_records
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor
from library_server.exchange.bibliographic import holdings
from library_server.jobs import queue
from storage_config.keys import original_key


class CatalogueWriter:
    """Writes the results of one batch; `collection` gets all of it, `tasks` are the kinds of job to queue."""

    def __init__(self, by: Actor, collection: str | None, tasks: frozenset[str], *, covers: bool = True) -> None:
        assert by.batch_id
        self._by = by
        self._batch = by.batch_id
        self._collection = collection
        self._tasks = tasks
        self._covers = covers
        self._rows: dict[str, str] = {}
        self._new_rows: list[str] = []
        self._photos: duplicates.PhotoHashes | None = None
        self._likely_before = 0
        self.likely = 0

    def forget(self) -> None:
        """Forget the last `write`: its transaction was rolled back."""
        for record_id in self._new_rows:
            self._rows.pop(record_id, None)
        self._new_rows = []
        self._photos = None
        self.likely = self._likely_before

    def write(self, session: Session, results: Sequence[ImportResult]) -> list[WrittenResult]:
        """Write results; returns what became of each, in their order.

        Where this or the commit after it fails, call `forget` before writing again.
        """
        self._new_rows, self._likely_before = [], self.likely
        rows = sort_rows(session, [result for result in results if isinstance(result, NewRow)])
        self._add_new_rows(session, rows.new)
        # other rows without a file are written one by one, so that each meets the record that the one before it became
        pending = [self._row(session, result, rows) if isinstance(result, NewRow) else result for result in results]
        new_files = [result for result in pending if isinstance(result, NewFile)]
        drafts = {result.record_id: result.draft_record.draft for result in new_files}
        commands.add_records(session, drafts, batch_id=self._batch, is_bounded=True)
        commands.add_assets(session, [(result.record_id, asset) for result in new_files
                                     for asset in (_original(result), *result.derived)])  # fmt: skip
        for result in pending:
            if isinstance(result, NewFile | NewVersion) and result.candidate.row:
                self._first_row_of(result.record_id, result.candidate.entry_path)
        written = [self._write_one(session, result) for result in pending]
        for result in pending:
            if isinstance(result, FileResult):
                kept_pictures.keep(session, result.record_id, result.pictures)
                for asset_id in result.recovered:
                    fixity.note_recovery(session, asset_id, f"ingest {self._batch}")
        changed = {result.record_id for result in pending if isinstance(result, FileResult)}
        changed |= {result.record_id for result, given in zip(written, results, strict=True)
                    if isinstance(given, NewRow) and isinstance(result, Imported) and result.record_id}  # fmt: skip
        for record_id in kept_pictures.settle_access(session, changed, self._by):
            queue.enqueue(session, "again", record_id)
        repository.add_entries(session, self._batch, [entry for result in written for entry in entries(result)])
        self.likely += duplicates.record_duplicates(session, list(drafts))
        self._note_photos(session, drafts)
        return written

    def _write_one(self, session: Session, result: FileResult | WrittenResult) -> WrittenResult:
        match result:
            case NewFile():
                self._add(session, result)
            case NewVersion():
                self._add_version(session, result)
            case KnownFile():
                return self._describe_known(session, result)
            case Imported() | Rejected():
                return result
        return _imported(result, EntryState.ADDED, stored=result.original.size)

    def _add(self, session: Session, result: NewFile) -> None:
        row = result.candidate.row
        self._place(session, result.record_id, result.draft_record, named_collections(row, result.description))
        if row is not None:
            self._hold(session, {result.record_id: row})
        new_file_jobs.enqueue_jobs(session, result, self._tasks, covers=self._covers)

    def _add_version(self, session: Session, result: NewVersion) -> None:
        original, details = _original(result), result.description.details
        versions.add_version(session, result.record_id, original, result.derived, details, self._by)
        if result.candidate.row is not None:
            self._revise(session, result, result.candidate.row, result.record_id)
        else:
            restate(session, result.record_id, result.candidate, result.description, self._by)
        new_file_jobs.enqueue_jobs(session, result, self._tasks, covers=self._covers)

    def _describe_known(self, session: Session, result: KnownFile) -> WrittenResult:
        """A file whose bytes are in the catalogue: back from an undone batch, or described anew by its row."""
        record_id, path = result.record_id, result.candidate.entry_path
        restored = [asset for asset in result.derived if derivatives.restore_or_replace(session, record_id, asset)]
        if any(asset.role == AssetRole.TEXT for asset in restored):
            commands.enqueue_reindex(session, record_id)
        is_back = revisions.reinstate(session, record_id, self._by) or self._is_earlier_version(session, result)
        has_new = any(asset.role == AssetRole.SUBTITLE for asset in restored)
        state = EntryState.ADDED if is_back else EntryState.JOINED if has_new else EntryState.UNCHANGED
        row = result.candidate.row
        if row is None:
            if restate(session, record_id, result.candidate, result.description, self._by) and not is_back:
                state = EntryState.JOINED
            return _imported(result, state)
        first = self._first_row_of(record_id, path)
        if first != path and (differing := self._differing(session, result, row)):
            restrict(session, record_id, result.candidate, result.description, self._by)
            return reject_conflict(result.candidate, row, first, differing)
        if self._revise(session, result, row, record_id) and not is_back:
            state = EntryState.JOINED
        return _imported(result, state)

    def _first_row_of(self, record_id: str, path: str) -> str:
        """The first row of this batch that describes a record; `path` where there was none."""
        if record_id not in self._rows:
            self._rows[record_id] = path
            self._new_rows.append(record_id)
        return self._rows[record_id]

    def _is_earlier_version(self, session: Session, result: KnownFile) -> bool:
        """Whether an earlier version came in again under the path of its record; it is made current again."""
        asset = queries.original_by_sha256(session, result.original.sha256)
        if asset is None or not asset.superseded:
            return False
        path = result.candidate.entry_path
        earlier = repository.find_imported(session, [path]).get(path, [])
        if not earlier or earlier[-1].record_id != result.record_id:
            return False
        versions.make_current(session, asset.id, result.record_id, self._by)
        return True

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
        self._hold(session, {record_id: row.row for record_id, row in new_rows.items()})
        commands.add_new_to_collections(session, members)
        self.likely += duplicates.record_duplicates(session, list(new_rows))

    def _row(self, session: Session, result: NewRow, rows: SortedRows) -> WrittenResult:
        """A row that stands for a known record changes it, or adds copies to it; any other becomes a record."""
        if result.record_id in rows.new:
            return _imported(result, EntryState.ADDED)
        if repeated := rows.repeated.get(result.record_id):
            return Imported(result.candidate, EntryState.UNCHANGED, repeated)
        named = named_records.find_named(session, result, self._by)
        if isinstance(named, Rejected):
            return named
        if named is not None:
            return self._named_row(session, named)
        known = record_of_row(session, result.draft_record.draft, result.candidate.entry_path)
        if known is not None:
            is_changed = self._revise(session, result, result.row, known)
            state = EntryState.JOINED if is_changed else EntryState.UNCHANGED
            return Imported(result.candidate, state, known, result.draft_record.shortened)
        record_id = result.record_id
        commands.add_records(session, {record_id: result.draft_record.draft}, batch_id=self._batch, is_bounded=True)
        self._place(session, record_id, result.draft_record, named_collections(result.row))
        self._hold(session, {record_id: result.row})
        self.likely += duplicates.record_duplicates(session, [record_id])
        return _imported(result, EntryState.ADDED)

    def _named_row(self, session: Session, named: NamedRow) -> Imported:
        """A row that names a record changes what was edited in it, and nothing else."""
        result, record_id = named.result, named.record.id
        is_changed = named_records.apply(session, named, self._by)
        if named.record.status == Status.PUBLISHED and (self._collection or named.collections):
            self._place(session, record_id, result.draft_record, named.collections)
        state = EntryState.JOINED if is_changed else EntryState.UNCHANGED
        return Imported(result.candidate, state, record_id, result.draft_record.shortened)

    def _revise(self, session: Session, result: FileResult | NewRow, row: ManifestRow, record_id: str) -> bool:
        """Change a record as a row describes it; returns whether anything was changed."""
        if row.source is not None:
            source_records.save_source_record(session, record_id, row.source)
        known = queries.record(session, record_id)
        values = row_values(row.bibliographic, result.draft_record.draft)
        if known is not None and known.original is not None:
            values.pop("kind", None)
        is_changed = bool(revisions.revise(session, record_id, values, self._by))
        are_set = [
            revisions.set_holding(session, record_id, holding, self._by) for holding in holdings(row.bibliographic)
        ]
        description = None if isinstance(result, NewRow) else result.description
        is_restated = restate(session, record_id, result.candidate, description, self._by)
        self._place(session, record_id, result.draft_record, named_collections(row, description))
        return is_changed or any(are_set) or is_restated

    def _differing(self, session: Session, result: KnownFile, row: ManifestRow) -> dict[str, Any]:
        """The fields of a row that differ from those of the record."""
        values = row_values(row.bibliographic, result.draft_record.draft)
        values.pop("kind", None)
        if row.bibliographic.access:
            values["access"] = row.bibliographic.access
        return revisions.differing(session, result.record_id, values)

    def _hold(self, session: Session, rows: Mapping[str, ManifestRow]) -> None:
        """Keep the copies that rows of new records (by id) count, and the MARC records that they are."""
        held = [(record_id, holding) for record_id, row in rows.items() for holding in holdings(row.bibliographic)]
        commands.add_new_holdings(session, held)
        sources = [(record_id, row.source) for record_id, row in rows.items() if row.source is not None]
        source_records.add_new_source_records(session, sources)

    def _place(
        self, session: Session, record_id: str, draft_record: DraftRecord, collections: Sequence[str | None]
    ) -> None:
        """Put a record into its course and its collections."""
        if draft_record.course:
            course_id = _course(session, draft_record, draft_record.course, self._batch)
            commands.link(session, record_id, LinkType.PART_OF, course_id)
        names = self._names(collections)
        for collection_id in CollectionIds(session).of(draft_record.draft.kind, names):
            commands.add_to_collection(session, collection_id, record_id)

    def _names(self, collections: Sequence[str | None]) -> Sequence[str]:
        return bound_list("collections", filter(None, [self._collection, *collections]))

    def _note_photos(self, session: Session, drafts: dict[str, RecordDraft]) -> None:
        hashes = {record_id: draft.photo_hash for record_id, draft in drafts.items() if draft.photo_hash is not None}
        if not hashes:
            return
        if self._photos is None:
            self._photos = duplicates.PhotoHashes(session, leave_out=frozenset(hashes))
        self.likely += duplicates.record_similar_photos(session, hashes, self._photos)


def _imported(result: FileResult | NewRow, state: EntryState, stored: int = 0) -> Imported:
    return Imported(result.candidate, state, result.record_id, result.draft_record.shortened, stored)


def _original(result: NewFile | NewVersion) -> NewAsset:
    return NewAsset(
        role="original",
        media_type=result.description.media_type,
        size=result.original.size,
        sha256=result.original.sha256,
        key=original_key(result.original.sha256),
        filename=str_path(Path(public_path(result.candidate.path, result.description).name)),
        librarians_only=result.description.librarians_only,
    )


def _course(session: Session, part: DraftRecord, course: tuple[str, str], batch_id: str) -> str:
    """The id of the record of a course, which is made with its first part."""
    title, folder = course
    if known := commands.record_by_local_id(session, folder):
        return known
    draft = RecordDraft(
        kind=part.draft.kind, title=title, creators=part.draft.creators, details=RecordDetails(course=True),
        source_path=folder, local_id=folder,
    )  # fmt: skip
    return commands.add_record(session, draft, batch_id=batch_id)
