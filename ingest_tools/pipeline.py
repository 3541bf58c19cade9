"""Plan, check, store, catalogue: one batch of ingest, resumable at any instant.

Threads read and store (the parsing itself is in child processes); one thread writes the database in
batches. Objects are stored before the rows that name them are committed, so that a crash leaves at worst
unnamed objects. Said again, the same command finds what is there by path and by SHA-256 and adds the rest.
"""

from __future__ import annotations

import os
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from ingest_tools.outcomes import Outcome, Report
from ingest_tools.parsing import Parser
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.gathering import Wanted, gather
from ingest_tools.taking import Known, Taker, look_up
from ingest_tools.writing import Writer
from library_server.catalogue import intake
from library_server.catalogue.revising import By
from library_server.catalogue.vocabulary import BatchState, EntryState
from library_server.database import Database
from storage_config.errors import StoreUnusable
from storage_config.object_store import ObjectStore

COMMIT_ENTRIES = 64
COMMIT_SECONDS = 1.0
AHEAD = 32
ALL_TASKS = frozenset({"rendition", "ocr"})


@dataclass(frozen=True)
class Options:
    """What the librarian said.

    `collection` (slug or name) and `kind` are for all of it, `manifest` is a list that describes the files, `only`
    the entries to take again, `tasks` the kinds of long work that this library can do. Without `covers`, pictures
    are left to the queue. `actor` is who says it.
    """

    collection: str | None = None
    kind: str | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 2)
    dry_run: bool = False
    manifest: Path | None = None
    only: frozenset[str] | None = None
    tasks: frozenset[str] = ALL_TASKS
    covers: bool = True
    actor: str = "ingest"


_Ask = queue.Queue[tuple[Candidate, Known] | None]
_Answer = queue.Queue[Outcome | BaseException | None]


class Ingest:
    """One batch over a catalogue and a store."""

    def __init__(self, database: Database, store: ObjectStore, scratch: Path, options: Options) -> None:
        self._database = database
        self._store = store
        self._scratch = scratch
        self._options = options
        self._stopping = threading.Event()

    def run(self, sources: Sequence[Path], progress: Callable[[Report], None] = lambda _: None) -> Report:
        """Take in everything under the sources; one refused file never stops the others.

        Raises `StoreUnusable` where the store is away or full: what is stored by then is kept, and the same
        command goes on from there.
        """
        started = time.monotonic()
        report = Report(self._open(sources))
        writer = Writer(By(self._options.actor, report.batch), self._options.collection, self._options.tasks,
                        covers=self._options.covers)  # fmt: skip
        taker = Taker(self._database, self._store, report.batch, self._options.kind, dry_run=self._options.dry_run,
                      covers=self._options.covers)  # fmt: skip
        state = BatchState.INTERRUPTED
        pending: list[Outcome] = []
        last = started
        try:
            for outcome in self._outcomes(sources, taker):
                pending.append(outcome)
                if len(pending) >= COMMIT_ENTRIES or time.monotonic() - last > COMMIT_SECONDS:
                    self._commit(writer, pending, report)
                    pending, last = [], time.monotonic()
                    report.seconds = last - started
                    progress(report)
            self._commit(writer, pending, report)
            state = BatchState.FINISHED
        except StoreUnusable:
            self._commit(writer, pending, report)
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
        options = {"collection": self._options.collection, "kind": self._options.kind,
                   "manifest": str(self._options.manifest) if self._options.manifest else None}  # fmt: skip
        with self._database.writing() as session:
            return intake.open_batch(session, [str(source) for source in sources], options, self._options.actor)

    def _outcomes(self, sources: Sequence[Path], taker: Taker) -> Iterator[Outcome]:
        """Candidates through the worker threads; order is that of finishing."""
        todo: _Ask = queue.Queue(AHEAD)
        done: _Answer = queue.Queue(AHEAD)
        workers = [threading.Thread(target=self._work, args=(taker, todo, done), daemon=True)
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

    def _feed(self, sources: Sequence[Path], todo: _Ask, done: _Answer) -> None:
        wanted = Wanted(sources, self._options.manifest, self._options.only, self._is_known_source)
        try:
            for candidates in _several(gather(wanted), AHEAD):
                with self._database.reading() as session:
                    known = look_up(session, candidates)
                for candidate in candidates:
                    if self._stopping.is_set():
                        break
                    todo.put((candidate, known))
        except BaseException as error:
            done.put(error)
        for _ in range(self._options.workers):
            todo.put(None)

    def _is_known_source(self, path: str) -> bool:
        with self._database.reading() as session:
            return intake.is_known_source(session, path)

    def _work(self, taker: Taker, todo: _Ask, done: _Answer) -> None:
        try:
            with Parser() as parser, tempfile.TemporaryDirectory(dir=self._scratch) as scratch:
                while (next_one := todo.get()) is not None and not self._stopping.is_set():
                    done.put(taker.take(*next_one, parser, Path(scratch)))
            done.put(None)
        except BaseException as error:  # handed to the thread that reports it
            done.put(error)

    def _commit(self, writer: Writer, outcomes: list[Outcome], report: Report) -> None:
        if not outcomes:
            return
        if not self._options.dry_run:
            try:
                outcomes = self._write(writer, outcomes)
            except IntegrityError:
                if len(outcomes) > 1:
                    for outcome in outcomes:
                        self._commit(writer, [outcome], report)
                    return
                # another ingest catalogued the same bytes first: theirs stands, ours is unchanged
                outcomes = self._write(writer, [Outcome(outcomes[0].candidate, EntryState.UNCHANGED)])
        report.likely = writer.likely
        for outcome in outcomes:
            report.count(outcome)

    def _write(self, writer: Writer, outcomes: list[Outcome]) -> list[Outcome]:
        if any(outcome.original for outcome in outcomes):
            self._store.settle()
        with self._database.writing() as session:
            written = writer.write(session, outcomes)
        return [replace(one, derived=()) for one in written]


def _several(candidates: Iterator[Candidate], count: int) -> Iterator[list[Candidate]]:
    while several := list(islice(candidates, count)):
        yield several
