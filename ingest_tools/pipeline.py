"""Plan, check, store, catalogue: one batch of ingest, resumable at any instant.

Threads read and store (the parsing itself is in child processes); one thread writes the database in
batches. Objects are stored before the rows that name them are committed, so that a crash leaves at worst
unnamed objects. Said again, the same command finds what is there by path and by SHA-256 and adds the rest.
"""

from __future__ import annotations

import hashlib
import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ingest_tools.description import Derived, Description
from ingest_tools.drafting import Drafted, draft
from ingest_tools.parsing import Parser
from ingest_tools.refusals import Refused
from ingest_tools.sources.folder import Candidate, walk
from library_server.catalogue import browsing, editing, intake, preservation
from library_server.catalogue.editing import NewAsset
from library_server.catalogue.identifiers import new_id
from library_server.catalogue.intake import EntryView
from library_server.catalogue.views import RecordDraft
from library_server.catalogue.vocabulary import BatchState, EntryState, Kind, LinkType
from library_server.database import Database
from library_server.jobs import queue as jobs
from library_server.search.pinyin import syllables
from storage_config.errors import StorageError, StoreUnusable
from storage_config.fixity import put_anew
from storage_config.layout import derivative_key, original_key
from storage_config.object_store import Digest, ObjectStore

COMMIT_ENTRIES = 64
COMMIT_SECONDS = 1.0
AHEAD = 32
_IMPRESSION = {
    Kind.STORY: ("stories", "天元故事", 1),
    Kind.PERSON: ("people", "天元人物", 2),
    Kind.PHOTO: ("photos", "天元照片", 3),
}


@dataclass(frozen=True)
class Options:
    """What the librarian said: a collection (slug), a kind, how many workers, and whether to write at all."""

    collection: str | None = None
    kind: str | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 2)
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one candidate, ready to be written."""

    candidate: Candidate
    state: EntryState
    record_id: str | None = None
    drafted: Drafted | None = None
    description: Description | None = None
    original: Digest | None = None
    derived: tuple[NewAsset, ...] = ()
    refusal: Refused | None = None


@dataclass
class Report:
    """The sum of a batch, in entries; `bytes` is what was newly stored of originals, `seconds` wall time."""

    batch: str
    added: int = 0
    unchanged: int = 0
    joined: int = 0
    rejected: int = 0
    seconds: float = 0.0
    bytes: int = 0
    rejections: list[dict[str, str]] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """All entries."""
        return self.added + self.unchanged + self.joined + self.rejected

    def to_json(self) -> dict[str, Any]:
        """As the contract names it."""
        return {"batch": self.batch, "seen": self.seen, **{k: v for k, v in vars(self).items() if k != "batch"}}


class Ingest:
    """One batch over a catalogue and a store."""

    def __init__(self, database: Database, store: ObjectStore, scratch: Path, options: Options) -> None:
        self._database = database
        self._store = store
        self._scratch = scratch
        self._options = options
        self._claimed: set[str] = set()
        self._claims = threading.Lock()
        self._stopping = threading.Event()
        self._batch = ""

    def run(self, sources: Sequence[Path], progress: Callable[[Report], None] = lambda _: None) -> Report:
        """Take in everything under the sources; one refused file never stops the others.

        Raises `StoreUnusable` where the store is away or full: what is stored by then is kept, and the same
        command goes on from there.
        """
        started = time.monotonic()
        report = Report(self._open(sources))
        self._batch = report.batch
        state = BatchState.INTERRUPTED
        pending: list[Outcome] = []
        last = started
        try:
            for outcome in self._outcomes(sources):
                pending.append(outcome)
                if len(pending) >= COMMIT_ENTRIES or time.monotonic() - last > COMMIT_SECONDS:
                    self._commit(pending, report)
                    pending, last = [], time.monotonic()
                    report.seconds = last - started
                    progress(report)
            self._commit(pending, report)
            state = BatchState.FINISHED
        except StoreUnusable:
            self._commit(pending, report)
            raise
        finally:
            self._stopping.set()
            if not self._options.dry_run:
                with self._database.writing() as session:
                    intake.close_batch(session, report.batch, state)
        report.seconds = round(time.monotonic() - started, 3)
        progress(report)
        return report

    def _open(self, sources: Sequence[Path]) -> str:
        if self._options.dry_run:
            return "dry-run"
        options = {"collection": self._options.collection, "kind": self._options.kind}
        with self._database.writing() as session:
            return intake.open_batch(session, [str(source) for source in sources], options)

    def _outcomes(self, sources: Sequence[Path]) -> Iterator[Outcome]:
        """Candidates through the worker threads; order is that of finishing."""
        todo: queue.Queue[tuple[Candidate, str | None] | None] = queue.Queue(AHEAD)
        done: queue.Queue[Outcome | BaseException | None] = queue.Queue(AHEAD)
        workers = [threading.Thread(target=self._work, args=(todo, done), daemon=True)
                   for _ in range(self._options.workers)]  # fmt: skip
        for thread in (*workers, threading.Thread(target=self._feed, args=(sources, todo, done), daemon=True)):
            thread.start()
        finished = 0
        while finished < len(workers):
            outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                finished += 1
            else:
                yield outcome

    def _feed(
        self,
        sources: Sequence[Path],
        todo: queue.Queue[tuple[Candidate, str | None] | None],
        done: queue.Queue[Outcome | BaseException | None],
    ) -> None:
        try:
            for candidates in _several(walk(sources), AHEAD):
                known = self._taken_before(candidates)
                for candidate in candidates:
                    if self._stopping.is_set():
                        break
                    todo.put((candidate, known.get(str_path(candidate.path))))
        except BaseException as error:
            done.put(error)
        for _ in range(self._options.workers):
            todo.put(None)

    def _taken_before(self, candidates: Sequence[Candidate]) -> dict[str, str]:
        files = {str_path(one.path): one.fingerprint for one in candidates if not one.refusal}
        with self._database.reading() as session:
            return intake.taken_before(session, files)

    def _work(
        self,
        todo: queue.Queue[tuple[Candidate, str | None] | None],
        done: queue.Queue[Outcome | BaseException | None],
    ) -> None:
        try:
            with Parser() as parser, tempfile.TemporaryDirectory(dir=self._scratch) as scratch:
                while (next_one := todo.get()) is not None and not self._stopping.is_set():
                    candidate, known = next_one
                    if known is None:
                        done.put(self._take(candidate, parser, Path(scratch)))
                    else:
                        done.put(Outcome(candidate, EntryState.UNCHANGED, record_id=known))
            done.put(None)
        except BaseException as error:  # handed to the thread that reports it
            done.put(error)

    def _take(self, candidate: Candidate, parser: Parser, scratch: Path) -> Outcome:
        if candidate.refusal:
            return Outcome(candidate, EntryState.REJECTED, refusal=Refused(candidate.refusal))
        out = scratch / "out"
        out.mkdir()
        try:
            return self._describe_and_store(candidate, parser, out)
        except Refused as refusal:
            return Outcome(candidate, EntryState.REJECTED, refusal=refusal)
        except StoreUnusable:
            raise
        except StorageError as error:
            return Outcome(candidate, EntryState.REJECTED, refusal=Refused("storage_failed", str(error)))
        except OSError as error:
            return Outcome(candidate, EntryState.REJECTED, refusal=Refused("unreadable", error.strerror or ""))
        finally:
            shutil.rmtree(out, ignore_errors=True)

    def _describe_and_store(self, candidate: Candidate, parser: Parser, out: Path) -> Outcome:
        described = parser.describe(candidate.path, out, candidate.joined)
        if self._options.dry_run:
            drafted = draft(described, candidate.path, self._options.kind)
            return Outcome(candidate, EntryState.ADDED, drafted=drafted, description=described)
        before = candidate.path.stat()
        digest = self._store.put_original(candidate.path)
        if candidate.path.stat().st_mtime_ns != before.st_mtime_ns or digest.size != before.st_size:
            raise Refused("changed_while_read")
        known = self._known(digest.sha256)
        if known is not None:
            self._mend(candidate.path, digest.sha256, out)
            return Outcome(candidate, EntryState.UNCHANGED, record_id=known or None)
        record_id = new_id()
        derived = tuple(store_derived(self._store, record_id, out, one) for one in described.derived)
        return Outcome(
            candidate,
            EntryState.ADDED,
            record_id=record_id,
            drafted=draft(described, candidate.path, self._options.kind),
            description=described,
            original=digest,
            derived=derived,
        )

    def _mend(self, path: Path, sha256: str, out: Path) -> None:
        """The bytes of an original that a check found damaged or gone have come in again."""
        with self._database.reading() as session:
            lost = preservation.unsound_original(session, sha256)
        if lost is None:
            return
        sound = out / sha256
        shutil.copyfile(path, sound)
        put_anew(self._store, lost, sound)
        with self._database.writing() as session:
            preservation.note_recovery(session, lost.asset_id, f"ingest {self._batch}")

    def _known(self, sha256: str) -> str | None:
        """The record of these bytes; an empty string where a twin in this very batch has them in hand."""
        with self._database.reading() as session:
            found = browsing.original_by_sha256(session, sha256)
        if found:
            return found.record_id
        with self._claims:
            if sha256 in self._claimed:
                return ""
            self._claimed.add(sha256)
        return None

    def _commit(self, outcomes: list[Outcome], report: Report) -> None:
        if not outcomes:
            return
        try:
            self._write(outcomes)
        except IntegrityError:
            if len(outcomes) > 1:
                for outcome in outcomes:
                    self._commit([outcome], report)
                return
            # another ingest catalogued the same bytes first: theirs stands, ours is unchanged
            outcomes = [Outcome(outcomes[0].candidate, EntryState.UNCHANGED)]
            self._write(outcomes)
        for outcome in outcomes:
            _count(outcome, report)

    def _write(self, outcomes: list[Outcome]) -> None:
        if self._options.dry_run:
            return
        if any(outcome.state == EntryState.ADDED for outcome in outcomes):
            self._store.settle()
        with self._database.writing() as session:
            editing.add_records(session, _drafts(outcomes), batch_id=self._batch)
            for outcome in outcomes:
                if outcome.state == EntryState.ADDED:
                    self._give_assets(session, outcome)
                for entry in _entries(outcome):
                    intake.add_entry(session, self._batch, entry)

    def _give_assets(self, session: Session, outcome: Outcome) -> None:
        drafted, described, digest, record_id = (
            outcome.drafted, outcome.description, outcome.original, outcome.record_id)  # fmt: skip
        assert drafted
        assert described
        assert digest
        assert record_id
        original = NewAsset(
            role="original",
            media_type=described.media_type,
            size=digest.size,
            sha256=digest.sha256,
            key=original_key(digest.sha256),
            filename=str_path(Path(outcome.candidate.path.name)),
        )
        for new in (original, *outcome.derived):
            editing.add_asset(session, record_id, new)
        self._place(session, record_id, drafted, described)
        if described.details.get("plays") is False:
            jobs.enqueue(session, "rendition", record_id)

    def _place(self, session: Session, record_id: str, drafted: Drafted, described: Description) -> None:
        if drafted.course:
            course = _course(session, drafted, self._batch)
            editing.link(session, record_id, LinkType.PART_OF, course)
        if drafted.draft.kind in _IMPRESSION:
            slug, title, position = _IMPRESSION[drafted.draft.kind]
            home = editing.collection_of(session, slug, title, impression=True, position=position)
            editing.collect(session, home, record_id)
        for name in filter(None, (self._options.collection, *described.collections)):
            editing.collect(session, editing.collection_of(session, *slug_and_title(name)), record_id)


def store_derived(store: ObjectStore, record_id: str, folder: Path, derived: Derived) -> NewAsset:
    """Move a derived file of a record into the store; its name has the bytes' hash, so that addresses may be cached."""
    file = folder / derived.file
    with file.open("rb") as reading:
        sha256 = hashlib.file_digest(reading, "sha256").hexdigest()
    key = derivative_key(record_id, f"{sha256[:16]}-{derived.file}")
    stored = store.move_in(key, file)
    return NewAsset(
        role=derived.role,
        label=derived.label,
        media_type=derived.media_type,
        language=derived.language,
        size=stored.size,
        sha256=sha256,
        key=key,
    )


def slug_and_title(name: str) -> tuple[str, str]:
    """A collection as named: ASCII names are slugs themselves, others get one from their pinyin."""
    if name.isascii():
        return name.strip().lower().replace(" ", "-"), name
    slug = "-".join(part for part in syllables(name) if part.isascii() and part.isalnum())
    return slug[:64] or hashlib.sha256(name.encode()).hexdigest()[:12], name


def str_path(path: Path) -> str:
    """A path as text that any database keeps: bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _several(candidates: Iterator[Candidate], count: int) -> Iterator[list[Candidate]]:
    while several := list(islice(candidates, count)):
        yield several


def _drafts(outcomes: Sequence[Outcome]) -> dict[str, RecordDraft]:
    return {one.record_id: one.drafted.draft for one in outcomes
            if one.state == EntryState.ADDED and one.record_id and one.drafted}  # fmt: skip


def _course(session: Session, drafted: Drafted, batch_id: str) -> str:
    assert drafted.course
    title, folder = drafted.course
    found = editing.record_by_local_id(session, folder)
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
    return editing.add_record(session, course, batch_id=batch_id)


def _entries(outcome: Outcome) -> Iterator[EntryView]:
    candidate, refusal = outcome.candidate, outcome.refusal
    yield EntryView(
        path=str_path(candidate.path),
        fingerprint=candidate.fingerprint,
        size=candidate.size,
        state=outcome.state,
        code=refusal.code if refusal else None,
        reason=refusal.reason if refusal else None,
        record_id=outcome.record_id,
    )
    for beside in candidate.joined:
        state = EntryState.JOINED if outcome.state == EntryState.ADDED else outcome.state
        yield EntryView(str_path(beside), "", 0, state, refusal.code if refusal else None,
                        refusal.reason if refusal else None, outcome.record_id)  # fmt: skip


def _count(outcome: Outcome, report: Report) -> None:
    for entry in _entries(outcome):
        setattr(report, entry.state, getattr(report, entry.state) + 1)
        if entry.state == EntryState.REJECTED:
            report.rejections.append({"path": entry.path, "code": entry.code or "", "reason": entry.reason or ""})
    if outcome.original:
        report.bytes += outcome.original.size
