"""Writes outcomes into the catalogue, many in one transaction; one thread does this."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.conflicts import reject_conflict
from ingest_tools.pipeline.metadata_merge import DraftRecord
from ingest_tools.pipeline.results import ImportResult, WriteAction, entries
from ingest_tools.sources.folder import str_path
from library_server.catalogue.assets import derivatives, versions
from library_server.catalogue.batches import repository
from library_server.catalogue.bounds import bound_list
from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.enums import AssetRole, EntryState, Kind, LinkType
from library_server.catalogue.normalization.text import to_storable
from library_server.catalogue.records import commands, duplicates, fields, queries, revisions, source_records
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor
from library_server.exchange.bibliographic import Bibliographic, holdings
from library_server.jobs import queue as jobs
from library_server.search.pinyin import syllables
from storage_config.keys import original_key

_PRIORITY = {"again": 10, "transcript": jobs.WHEN_IDLE, "ocr": jobs.WHEN_IDLE - 1}
_IMPRESSION = {
    Kind.STORY: ("stories", "天元故事", 1),
    Kind.PERSON: ("people", "天元人物", 2),
    Kind.PHOTO: ("photos", "天元照片", 3),
}


class CatalogueWriter:
    """Writes the outcomes of one batch; `collection` takes all of it, `tasks` are the kinds of job to queue."""

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
        """Forget what the last `write` noted here: its transaction was rolled back."""
        for record_id in self._new_rows:
            self._rows.pop(record_id, None)
        self._new_rows = []
        self._photos = None
        self.likely = self._likely_before

    def write(self, session: Session, outcomes: Sequence[ImportResult]) -> list[ImportResult]:
        """Write outcomes; returns them as they were written, since a row may turn out to be known.

        Where this or the commit after it fails, call `forget` before writing again.
        """
        self._new_rows, self._likely_before = [], self.likely
        written = self._known_rows(session, outcomes)
        new = {one.record_id: one for one in written if one.action == WriteAction.NEW and one.record_id}
        drafts = {record_id: one.draft_record.draft for record_id, one in new.items() if one.draft_record}
        commands.add_records(session, drafts, batch_id=self._batch)
        files = [(record_id, one) for record_id, one in new.items() if one.original]
        commands.add_assets(session, [(record_id, asset) for record_id, one in files
                                     for asset in (_original(one), *one.derived)])  # fmt: skip
        for one in written:
            if one.record_id and one.action in {WriteAction.NEW, WriteAction.VERSION} and one.candidate.row:
                self._row_of(one.record_id, one.candidate.entry_path)
        written = [self._write_one(session, one) for one in written]
        repository.add_entries(session, self._batch, [entry for one in written for entry in entries(one)])
        self.likely += duplicates.record_duplicates(session, list(drafts))
        self._note_photos(session, drafts)
        return written

    def _write_one(self, session: Session, outcome: ImportResult) -> ImportResult:
        if outcome.action == WriteAction.NEW:
            self._add(session, outcome)
        elif outcome.action == WriteAction.VERSION:
            assert outcome.record_id
            assert outcome.description
            details = outcome.description.details
            versions.add_version(session, outcome.record_id, _original(outcome), outcome.derived, details, self._by)
            if outcome.candidate.row is not None:
                self._revise(session, outcome, outcome.record_id)
            self._queue(session, outcome)
        elif outcome.action == WriteAction.DESCRIBED:
            return self._describe_known(session, outcome)
        return outcome

    def _add(self, session: Session, outcome: ImportResult) -> None:
        assert outcome.record_id
        assert outcome.draft_record
        self._place(session, outcome, outcome.record_id)
        self._hold(session, outcome, outcome.record_id)
        self._queue(session, outcome)

    def _describe_known(self, session: Session, outcome: ImportResult) -> ImportResult:
        """A file whose bytes are in the catalogue: back from an undone batch, or described anew by its row."""
        record_id = outcome.record_id
        assert record_id
        restored = [new for new in outcome.derived if derivatives.restore(session, record_id, new)]
        if any(new.role == AssetRole.TEXT for new in restored):
            commands.enqueue_reindex(session, record_id)
        if revisions.reinstate(session, record_id, self._by) or self._is_earlier_version(session, outcome):
            outcome = replace(outcome, state=EntryState.ADDED)
        if outcome.candidate.row is None or outcome.draft_record is None:
            return outcome
        first = self._row_of(record_id, outcome.candidate.entry_path)
        if first != outcome.candidate.entry_path and (differing := self._differing(session, outcome, record_id)):
            return reject_conflict(outcome, first, differing)
        changed = self._revise(session, outcome, record_id)
        return replace(outcome, state=EntryState.JOINED) if changed and outcome.state != EntryState.ADDED else outcome

    def _row_of(self, record_id: str, path: str) -> str:
        """The first row of this batch that describes a record: this one, where there was none."""
        if record_id not in self._rows:
            self._rows[record_id] = path
            self._new_rows.append(record_id)
        return self._rows[record_id]

    def _is_earlier_version(self, session: Session, outcome: ImportResult) -> bool:
        """An earlier version came in again under the path of its record: it is current again."""
        assert outcome.record_id
        assert outcome.original
        asset = queries.original_by_sha256(session, outcome.original.sha256)
        if asset is None or not asset.superseded:
            return False
        earlier = repository.find_imported(session, [outcome.candidate.entry_path]).get(
            outcome.candidate.entry_path, []
        )
        if not earlier or earlier[-1].record_id != outcome.record_id:
            return False
        versions.make_current(session, asset.id, outcome.record_id, self._by)
        return True

    def _known_rows(self, session: Session, outcomes: Sequence[ImportResult]) -> list[ImportResult]:
        """Rows without a file are written one by one, so that each finds what the one before it became."""
        rows = [
            one.action == WriteAction.NEW and one.candidate.row is not None and one.original is None for one in outcomes
        ]
        return [self._row(session, one) if is_row else one for one, is_row in zip(outcomes, rows, strict=True)]

    def _row(self, session: Session, outcome: ImportResult) -> ImportResult:
        """A row that stands for a known record changes it, or adds copies to it; any other becomes a record."""
        assert outcome.record_id
        assert outcome.draft_record
        known = self._record_of_row(session, outcome)
        if known is not None:
            state = EntryState.JOINED if self._revise(session, outcome, known) else EntryState.UNCHANGED
            return replace(outcome, action=WriteAction.NOTHING, state=state, record_id=known)
        commands.add_records(session, {outcome.record_id: outcome.draft_record.draft}, batch_id=self._batch)
        self._add(session, outcome)
        self.likely += duplicates.record_duplicates(session, [outcome.record_id])
        return replace(outcome, action=WriteAction.NOTHING)

    def _record_of_row(self, session: Session, outcome: ImportResult) -> str | None:
        """The record of a row: of the same place in the same list before, of the same control number, or the same
        edition by ISBN and by description. Only one that is called the same or has the same ISBN is believed."""
        assert outcome.draft_record
        draft, path = outcome.draft_record.draft, outcome.candidate.entry_path
        earlier = repository.find_imported(session, [path]).get(path, [])
        found = [one.record_id for one in reversed(earlier)]
        if draft.local_id and (numbered := commands.record_by_local_id(session, draft.local_id)):
            found.append(numbered)
        for record_id in found:
            record = queries.record(session, record_id)
            if record is not None and _is_of(record, draft):
                return record_id
        return duplicates.is_same_edition(session, draft)

    def _revise(self, session: Session, outcome: ImportResult, record_id: str) -> bool:
        assert outcome.candidate.row is not None
        assert outcome.draft_record is not None
        source = outcome.candidate.row.source
        if source is not None:
            source_records.save_source_record(session, record_id, source)
        known = queries.record(session, record_id)
        said = _said(outcome.candidate.row.bibliographic, outcome.draft_record.draft)
        if known is not None and known.original is not None:
            said.pop("kind", None)
        changed = bool(revisions.revise(session, record_id, said, self._by))
        held = [
            revisions.set_holding(session, record_id, one, self._by)
            for one in holdings(outcome.candidate.row.bibliographic)
        ]
        self._place(session, outcome, record_id)
        return changed or any(held)

    def _differing(self, session: Session, outcome: ImportResult, record_id: str) -> dict[str, Any]:
        """Of what a row says of a record, that which the record says otherwise."""
        assert outcome.candidate.row is not None
        assert outcome.draft_record is not None
        said = _said(outcome.candidate.row.bibliographic, outcome.draft_record.draft)
        said.pop("kind", None)
        return revisions.differing(session, record_id, said)

    def _hold(self, session: Session, outcome: ImportResult, record_id: str) -> None:
        listed = outcome.candidate.row
        if listed is None:
            return
        for holding in holdings(listed.bibliographic):
            commands.add_holding(session, record_id, holding)
        if listed.source is not None:
            source_records.save_source_record(session, record_id, listed.source)

    def _place(self, session: Session, outcome: ImportResult, record_id: str) -> None:
        drafted, listed = outcome.draft_record, outcome.candidate.row
        assert drafted
        if drafted.course:
            commands.link(session, record_id, LinkType.PART_OF, _course(session, drafted, self._batch))
        if drafted.draft.kind in _IMPRESSION:
            slug, title, position = _IMPRESSION[drafted.draft.kind]
            home = commands.collection_of(session, slug, title, impression=True, position=position)
            commands.add_to_collection(session, home, record_id)
        named = [self._collection, *(outcome.description.collections if outcome.description else ()),
                 *(listed.bibliographic.collections if listed else ())]  # fmt: skip
        for name in bound_list("collections", filter(None, named)):
            commands.add_to_collection(session, commands.collection_named(session, *slug_and_title(name)), record_id)

    def _queue(self, session: Session, outcome: ImportResult) -> None:
        """The long work that a new file makes."""
        if outcome.description is None or outcome.record_id is None:
            return
        seconds = (outcome.description.duration_ms or 0) / 1000
        wanted = {
            "rendition": (_wants_renditions(outcome.description), seconds),
            "ocr": (_wants_ocr(outcome), float(outcome.description.extent or 1)),
            "transcript": (_wants_transcript(outcome), seconds),
            "again": (not self._covers, 1.0),
        }
        for task, (is_wanted, amount) in wanted.items():
            if is_wanted and (task in self._tasks or task == "again"):
                jobs.enqueue(session, task, outcome.record_id, _PRIORITY.get(task, 0), amount=amount)

    def _note_photos(self, session: Session, drafts: dict[str, RecordDraft]) -> None:
        hashes = {record_id: draft.photo_hash for record_id, draft in drafts.items() if draft.photo_hash is not None}
        if not hashes:
            return
        if self._photos is None:
            self._photos = duplicates.PhotoHashes(session, leave_out=frozenset(hashes))
        self.likely += duplicates.record_similar_photos(session, hashes, self._photos)


def slug_and_title(name: str) -> tuple[str, str]:
    """A collection as named: ASCII names are slugs themselves, others get one from their pinyin."""
    if name.isascii():
        return name.strip().lower().replace(" ", "-")[:64], name
    slug = "-".join(part for part in syllables(name) if part.isascii() and part.isalnum())
    return slug[:64] or hashlib.sha256(to_storable(name).encode()).hexdigest()[:12], name


def _original(outcome: ImportResult) -> NewAsset:
    assert outcome.description
    assert outcome.original
    return NewAsset(
        role="original",
        media_type=outcome.description.media_type,
        size=outcome.original.size,
        sha256=outcome.original.sha256,
        key=original_key(outcome.original.sha256),
        filename=str_path(Path(outcome.candidate.path.name)),
        librarians_only=outcome.description.librarians_only,
    )


def _wants_renditions(described: Description) -> bool:
    return described.format == "video" or (described.format == "audio" and not described.details.get("plays"))


def _wants_ocr(outcome: ImportResult) -> bool:
    """Scans, photos that look like a page, and pictures that the librarian calls books."""
    assert outcome.description
    called_book = outcome.draft_record is not None and outcome.draft_record.draft.kind == Kind.BOOK
    is_page = outcome.description.format == "photo" and called_book
    return is_page or bool(outcome.description.details.get("needs_ocr"))


def _wants_transcript(outcome: ImportResult) -> bool:
    assert outcome.description
    media = outcome.description.details.get("media", {})
    has_words = any(one.role == "subtitle" for one in outcome.derived) or bool(media.get("subtitles"))
    return outcome.description.format in {"video", "audio"} and bool(media.get("audio")) and not has_words


def _is_of(record: RecordView, draft: RecordDraft) -> bool:
    isbn = fields.of_draft(draft).get("isbn", [])
    return record.title == draft.title or bool(set(isbn) & set(record.isbns))


def _said(described: Bibliographic, draft: RecordDraft) -> dict[str, object]:
    """The fields that a row itself says something of; its file's own metadata does not speak again."""
    said = fields.of_draft(draft)
    spoken = {
        "title": described.title, "other_titles": described.parallel_titles or described.variant_titles,
        "creators": described.agents, "date": described.date,
        "isbn": [one.value for one in described.isbns if one.value],
        "language": described.language, "clc": described.clc, "subjects": described.topics, "series": described.series,
        "part_number": described.number, "access": described.access, "kind": described.kind,
        "publisher": described.publisher, "place": described.place, "abstract": described.abstract,
        "place_covered": described.place_covered, "time_covered": described.time_covered, "rights": described.rights,
        fields.STATEMENTS: True,
    }  # fmt: skip
    return {name: value for name, value in said.items() if spoken.get(name)}


def _course(session: Session, drafted: DraftRecord, batch_id: str) -> str:
    assert drafted.course
    title, folder = drafted.course
    found = commands.record_by_local_id(session, folder)
    if found:
        return found
    course = RecordDraft(
        kind=drafted.draft.kind,
        title=title,
        creators=drafted.draft.creators,
        details={"course": True},
        source_path=folder,
        local_id=folder,
    )
    return commands.add_record(session, course, batch_id=batch_id)
