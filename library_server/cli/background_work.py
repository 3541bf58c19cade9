"""Background work of the commands: the job worker, periodic tasks, and indexing while files come in."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog

from library_server.catalogue import outbox
from library_server.catalogue.assets import usage
from library_server.cli.context import scratch_folder
from library_server.jobs import queue
from library_server.jobs.regeneration import queue_first_pages
from library_server.jobs.registry import JobContext, load_handlers
from library_server.jobs.worker import Worker
from library_server.library import Library
from library_server.preservation.eviction import EvictionReport, budget_of, evict, is_over_all
from library_server.preservation.trash import purge_trash, restore_named, today
from library_server.processes.child import ChildProcess
from storage_config.errors import AccessDenied, BucketNotFound

FIRST_PAGES_AT_ONCE = 200  # PDFs of earlier versions that are queued in a quarter of an hour
INDEX_SECONDS = 3.0
INDEX_LATER_SECONDS = 15.0  # the child takes two seconds of a core to start: what is shorter is indexed at its end
INDEX_BACKLOG = 2_000  # records that wait, as of a list, for which the child is started sooner
POLL_SECONDS = 1.0
INDEXING_SECONDS = 24 * 3600.0
RETRY_LIMIT = timedelta(minutes=10)
log = structlog.get_logger(__name__)


def job_worker(library: Library, threads: int = 1) -> Worker:
    """Return a worker that knows every task; each ffmpeg has its share of the cores."""
    context = JobContext(
        library.database,
        library.store,
        scratch_folder(library),
        threads=max(1, (os.cpu_count() or 1) // threads),
        transcribe_command=library.settings.transcribe_command,
    )
    return Worker(
        library.database, library.indexer.catch_up, load_handlers(context), threads, lambda: run_periodic_tasks(library)
    )


def evict_derived_files(library: Library) -> EvictionReport:
    """Bring derived files under their budget; see `preservation.eviction`."""
    from library_server.delivery.video.hls import HlsCache  # with all of ffmpeg-python

    settings = library.settings
    cache = HlsCache.from_settings(settings)
    return evict(
        library.database,
        library.store,
        budget_of(settings),
        remuxed=cache.measure_size(),
        shrink=cache.shrink,
        stored=is_over_all(settings),
    )


def run_periodic_tasks(library: Library) -> None:
    """Evict derived files over their budget, empty the trash, remove unfinished files, count what is stored, and queue
    what PDFs of earlier versions lack.
    """
    evict_derived_files(library)
    library.store.clear_staging()
    with suppress(BucketNotFound, AccessDenied):  # on S3 only the admin identity may; the server empties it by itself
        restore_named(library.database, library.store)
        purge_trash(library.database, library.store, today())
    with library.database.reading() as session:
        counted = usage.count_usage(session)
    with library.database.writing() as session:
        usage.save_usage(session, counted)
        queue_first_pages(session, FIRST_PAGES_AT_ONCE)


@contextmanager
def index_in_background(library: Library) -> Iterator[None]:
    """Keep the index up while an ingest runs, so that little is left to index at the end.

    That is done in a child process, which is started after `INDEX_LATER_SECONDS`, or when `INDEX_BACKLOG` records wait.
    """
    over, stopped = threading.Event(), threading.Event()
    children: list[ChildProcess] = []

    def is_worth_a_child() -> bool:
        """Wait until the child is worth its start; False where the ingest ends before."""
        due = time.monotonic() + INDEX_LATER_SECONDS
        while (left := due - time.monotonic()) > 0:
            if over.wait(min(left, POLL_SECONDS)):
                return False
            with library.database.reading() as session:
                if outbox.count_backlog(session) >= INDEX_BACKLOG:
                    return True
        return True

    def catch_up() -> None:
        try:
            if not is_worth_a_child():
                return
            with ChildProcess("library_server.search.index_worker") as child:
                children.append(child)
                while True:
                    child.request(where, INDEXING_SECONDS)
                    if over.wait(INDEX_SECONDS):
                        break
                child.request(where, INDEXING_SECONDS)
        except Exception as error:  # the last round, after the ingest, meets and reports it
            if not stopped.is_set():
                log.warning("indexing_failed", error=repr(error))

    where = {"folder": str(library.settings.index_folder), "database": library.settings.database_address}
    indexing = threading.Thread(target=catch_up, daemon=True)
    indexing.start()
    try:
        yield
    except BaseException:  # the ingest was stopped: what waits is indexed by the next command or the worker
        stopped.set()
        for child in children:
            child.interrupt()
        raise
    finally:
        over.set()
        indexing.join()


def count_unfinished_jobs(library: Library) -> int:
    """Return how many jobs wait or run."""
    with library.database.reading() as session:
        return queue.count_unfinished(session)


def work_until_done(library: Library, sleep: Callable[[float], None] = time.sleep) -> None:
    """Run the waiting jobs, retries of failed ones included; another worker may run some of them.

    Jobs that were postponed because the store is away are left for a worker, and so are retries that are due later than
    `RETRY_LIMIT` after all else is done.
    """
    worker = job_worker(library)
    worker.catch_up()
    give_up = None
    while True:
        while worker.run_one():
            pass
        give_up = give_up or worker.clock() + RETRY_LIMIT
        with library.database.reading() as session:
            retry = queue.next_retry(session)
        if retry is None or retry > give_up:
            break
        sleep(max(0.0, (retry - worker.clock()).total_seconds()))
    worker.catch_up()
