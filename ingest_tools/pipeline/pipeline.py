"""Discover, look up, describe, store, write: one batch of ingest, resumable at any instant.

Threads read and store (the parsing itself is in child processes); one thread writes the database in
batches. Objects are stored before the rows that name them are committed, so that a crash leaves at worst
unnamed objects. Run again, the same command finds what is there by path and by SHA-256 and adds the rest.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any, TypeVar

import structlog

from ingest_tools.parser_pool import Parser
from ingest_tools.pipeline.catalogue_writer import CatalogueWriter
from ingest_tools.pipeline.committer import Committer
from ingest_tools.pipeline.dry_run import copied_catalogue, hashing_store
from ingest_tools.pipeline.importer import ExtractedFile, FileImporter
from ingest_tools.pipeline.known_records.batch_options import BatchOptions
from ingest_tools.pipeline.known_records.earlier_batches import CataloguedBatches
from ingest_tools.pipeline.known_records.look_up import look_up
from ingest_tools.pipeline.known_records.prior_imports import PriorImports
from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.results import DRY_RUN, REJECTIONS_LISTED, ImportResult, IngestReport, StageTimer
from ingest_tools.sources.discovery import discover
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.import_request import ImportRequest
from ingest_tools.sources.packs.unpacking import Unpacker
from ingest_tools.sources.works.film_extras import describe_skipped
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import BatchState
from library_server.catalogue.records.revisions import Actor
from library_server.database.engine import Database
from library_server.processes.scratch import scratch_directory
from storage_config.errors import StoreUnusable
from storage_config.stores.base import ObjectStore

COMMIT_ENTRIES = 512
COMMIT_SECONDS = 1.0
QUEUE_SIZE = 32
LOOK_UP_SIZE, FIRST_LOOK_UPS = 256, (8, 32)  # the first are read while the next are discovered
POLL_SECONDS, JOIN_SECONDS = 0.2, 10.0
log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_Due = queue.Queue[tuple[Candidate, PriorImports] | None]
_Read = queue.Queue[ExtractedFile | None]
_Done = queue.Queue[ImportResult | BaseException | None]


class Ingest:
    """One batch over a catalogue and a store."""

    def __init__(
        self, database: Database, store: ObjectStore, scratch: Path, options: Options, parsers: Sequence[Parser] = ()
    ) -> None:
        """Prepare a batch. `parsers` may have been started ahead; one for each worker is made where there are fewer."""
        missing = options.workers - len(parsers)
        self._parsers = [*parsers, *(Parser() for _ in range(missing))]
        self._database = database
        self._store = store
        self._scratch = scratch
        self._options = options
        self._stopping = threading.Event()

    def run(self, sources: Sequence[Path], progress: Callable[[IngestReport], None] = lambda _: None) -> IngestReport:
        """Take in everything under the sources; one refused file never stops the others.

        Raises `StoreUnusable` where the store is away or full: what is stored by then is kept, and the same
        command goes on from there.
        """
        if not self._options.dry_run:
            return self._run(sources, progress)
        with scratch_directory(self._scratch) as scratch, copied_catalogue(self._database, Path(scratch)) as copy:
            store = hashing_store(self._store)
            report = Ingest(copy, store, self._scratch, self._options, self._parsers)._run(sources, progress)
        report.batch = DRY_RUN
        return report

    def _run(self, sources: Sequence[Path], progress: Callable[[IngestReport], None]) -> IngestReport:
        report = IngestReport(self._open(sources), frozenset(map(str_path, sources)))
        with scratch_directory(self._scratch) as scratch, closing(Unpacker(Path(scratch))) as unpacker:
            importer = FileImporter(
                self._database, self._store, Path(scratch), self._options.kind,
                dry_run=self._options.dry_run, covers=self._options.covers,
            )  # fmt: skip
            self._import_sources(sources, importer, report, progress, unpacker)
        progress(report)
        return report

    def _import_sources(
        self,
        sources: Sequence[Path],
        importer: FileImporter,
        report: IngestReport,
        progress: Callable[[IngestReport], None],
        unpacker: Unpacker,
    ) -> None:
        started = time.monotonic()
        actor = Actor(self._options.actor, report.batch)
        options = BatchOptions(self._options.collection, self._options.kind)
        writer = CatalogueWriter(actor, options, self._options.tasks)
        committer = Committer(self._database, self._store, writer, report)
        timer = StageTimer(report.stages)
        state = BatchState.INTERRUPTED
        pending: list[ImportResult] = []
        last = started
        try:
            skipped: list[Path] = []
            for candidates in self._iter_rounds(sources, importer, unpacker, skipped):
                with closing(self._run_threads(candidates, importer, timer)) as results:
                    for result in results:
                        if result is not None:
                            pending.append(result)
                        if len(pending) >= COMMIT_ENTRIES or time.monotonic() - last > COMMIT_SECONDS:
                            # taken from `pending` first: a commit that fails midway has written some of it
                            batch, pending = pending, []
                            committer.commit(batch)
                            last = time.monotonic()
                            report.seconds = last - started
                            progress(report)
                batch, pending = pending, []
                committer.commit(batch)
            report.skipped = describe_skipped(skipped[:REJECTIONS_LISTED])
            state = BatchState.FINISHED
        except StoreUnusable:
            committer.commit(pending)
            raise
        finally:
            self._stopping.set()
            self._close(report, state)
        report.seconds = round(time.monotonic() - started, 3)

    def _close(self, report: IngestReport, state: BatchState) -> None:
        try:
            with self._database.writing() as session:
                repository.close_batch(session, report.batch, state, shortened=bool(report.shortened))
        except Exception as error:
            if state == BatchState.FINISHED:
                raise
            # what interrupted the batch is being raised, and says more
            log.warning("batch_not_closed", batch=report.batch, error=repr(error))

    def _open(self, sources: Sequence[Path]) -> str:
        options = {
            "collection": self._options.collection,
            "kind": self._options.kind,
            "manifest": str(self._options.manifest) if self._options.manifest else None,
            "inside": str(self._options.inside) if self._options.inside else None,
        }
        with self._database.writing() as session:
            return repository.open_batch(session, [str(source) for source in sources], options, self._options.actor)

    def _iter_rounds(
        self, sources: Sequence[Path], importer: FileImporter, unpacker: Unpacker, skipped: list[Path]
    ) -> Iterator[Generator[Candidate, None, None]]:
        """Yield all candidates; then, with those written, the ones that waited for a twin with the same bytes."""
        options = self._options
        yield discover(
            ImportRequest(
                sources,
                options.manifest,
                options.only,
                CataloguedBatches(self._database),
                options.inside,
                options.protected,
                unpacker,
                skipped,
            )
        )
        while postponed := importer.take_postponed():
            yield (candidate for candidate in postponed)

    def _run_threads(
        self, candidates: Generator[Candidate, None, None], importer: FileImporter, timer: StageTimer
    ) -> Generator[ImportResult | None, None, None]:
        """Pass candidates through the threads that describe and those that store; yield the results as they finish.

        None is yielded where nothing was finished for `COMMIT_SECONDS`.
        """
        due: _Due = queue.Queue(QUEUE_SIZE)
        read: _Read = queue.Queue(QUEUE_SIZE)
        done: _Done = queue.Queue(COMMIT_ENTRIES)
        count = len(self._parsers)
        self._stopping.clear()
        steps: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(self._feed, (candidates, importer, due, done))]
        steps += [(self._describe, (importer, due, read, done, timer, parser)) for parser in self._parsers]
        steps += [(self._store_extracted, (importer, read, done, timer))] * count
        threads = [threading.Thread(target=step, args=arguments, daemon=True) for step, arguments in steps]
        for thread in threads:
            thread.start()
        try:
            yield from self._results_until_done(done, count)
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(JOIN_SECONDS)
            while not read.empty():
                if (extracted := read.get()) is not None:
                    importer.discard(extracted)

    def _results_until_done(self, done: _Done, count: int) -> Iterator[ImportResult | None]:
        while count:
            try:
                result = done.get(timeout=POLL_SECONDS)
            except queue.Empty:
                yield None
                continue
            if isinstance(result, BaseException):
                raise result
            if result is None:
                count -= 1
            else:
                yield result

    def _feed(
        self, candidates: Generator[Candidate, None, None], importer: FileImporter, due: _Due, done: _Done
    ) -> None:
        """Give each candidate to the threads that describe; what reads the sources is closed when the batch stops."""
        try:
            with closing(candidates):
                for chunk in _split_chunks(candidates):
                    for candidate, known in look_up(self._database, chunk):
                        decided = importer.decide(candidate, known) if isinstance(known, PriorImports) else known
                        is_put = self._put(done, decided) if decided is not None else self._put(due, (candidate, known))
                        if not is_put:
                            return
        except BaseException as error:
            self._put(done, error)
        for _ in self._parsers:
            self._put(due, None)

    def _describe(
        self, importer: FileImporter, due: _Due, read: _Read, done: _Done, timer: StageTimer, parser: Parser
    ) -> None:
        try:
            with parser:
                while (request := self._take_next(due)) is not None:
                    started = time.monotonic()
                    extracted = importer.describe(*request, parser)
                    timer.add("describe", time.monotonic() - started)
                    if not isinstance(extracted, ExtractedFile):
                        self._put(done, extracted)
                    elif not self._put(read, extracted):
                        importer.discard(extracted)
        except BaseException as error:  # handed to the thread that reports it
            self._put(done, error)
        self._put(read, None)

    def _store_extracted(self, importer: FileImporter, read: _Read, done: _Done, timer: StageTimer) -> None:
        try:
            while (extracted := self._take_next(read)) is not None:
                started = time.monotonic()
                result = importer.store(extracted)
                timer.add("store", time.monotonic() - started)
                if result is not None:
                    self._put(done, result)
        except BaseException as error:  # handed to the thread that reports it
            self._put(done, error)
        self._put(done, None)

    def _put(self, items: queue.Queue[Any], item: Any) -> bool:
        """Put into a queue that may be full; False where all is being stopped."""
        while not self._stopping.is_set():
            try:
                items.put(item, timeout=POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def _take_next(self, items: queue.Queue[_T | None]) -> _T | None:
        """Return the next of a queue; None at its end, and where all is being stopped."""
        while not self._stopping.is_set():
            try:
                return items.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
        return None


def _split_chunks(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    for size in chain(FIRST_LOOK_UPS, repeat(LOOK_UP_SIZE)):
        chunk = list(islice(candidates, size))
        if not chunk:
            return
        yield chunk
