"""Runs jobs and keeps the index up with the outbox, until told to stop.

The index is looked after twice a second in a thread of its own, so that a reader sees a new record within
five seconds; jobs are claimed one at a time by each of the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue.models.records import now
from library_server.database.engine import Database
from library_server.database.errors import DatabaseUnusable
from library_server.jobs import queue
from library_server.jobs.queue import JobView
from storage_config.errors import StoreUnusable

INDEX_SECONDS, JOB_SECONDS, PERIODIC_SECONDS = 0.5, 1.0, 900.0
HEARTBEAT_SECONDS = 30.0
log = structlog.get_logger(__name__)
Progress = Callable[[float], None]
Task = Callable[[JobView, Progress], None]


class JobFailed(Exception):
    """A job that cannot be done, however often it is tried; the message is for people."""

    code = "job_failed"


class JobAttemptFailed(Exception):
    """An attempt that failed; the job is tried again later. The message is for people."""

    code = "job_attempt_failed"


@dataclass(frozen=True)
class Worker:
    """Threads over one database: `catch_up` indexes what waits, `tasks` are what jobs may ask for.

    `run_periodic` is called every quarter of an hour. `clock` gives the time in UTC.
    """

    database: Database
    catch_up: Callable[[], int]
    tasks: Mapping[str, Task]
    threads: int = 1
    run_periodic: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = now

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set; a job under way is finished first."""
        workers = [threading.Thread(target=self._index, args=(stopping,))]
        workers.append(threading.Thread(target=self._repeat_periodic, args=(stopping,)))
        workers += [threading.Thread(target=self._work, args=(stopping,)) for _ in range(self.threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def run_one(self) -> bool:
        """Run the next job, if one waits."""
        with self.database.writing() as session:
            job = queue.claim(session, self.clock())
        if job is None:
            return False
        started = time.monotonic()
        try:
            with self._heartbeat(job):
                self.tasks[job.task](job, lambda share: self._report(job, share))
        except StoreUnusable as error:
            log.warning("job_postponed", job=job.id, task=job.task, code=error.code, error=str(error))
            with self.database.writing() as session:
                queue.postpone(session, job, str(error), self.clock())
        except JobFailed as error:
            log.warning("job_failed", job=job.id, task=job.task, error=str(error))
            with self.database.writing() as session:
                queue.fail(session, job, str(error), self.clock(), retry=False)
        except Exception as error:  # a failed job is tried again later, the worker goes on
            log.warning("job_attempt_failed", job=job.id, task=job.task, error=repr(error))
            with self.database.writing() as session:
                queue.fail(session, job, str(error), self.clock())
        else:
            with self.database.writing() as session:
                queue.finish(session, job, time.monotonic() - started)
        return True

    @contextmanager
    def _heartbeat(self, job: JobView) -> Iterator[None]:
        """Give a sign of life while a task works, however long its steps: a silent job is taken for dead."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(HEARTBEAT_SECONDS):
                try:
                    with self.database.writing() as session:
                        queue.heartbeat(session, job, self.clock())
                except (SQLAlchemyError, DatabaseUnusable) as error:
                    log.warning("heartbeat_failed", job=job.id, error=repr(error))

        beating = threading.Thread(target=beat, daemon=True)
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()

    def _report(self, job: JobView, share: float) -> None:
        with self.database.writing() as session:
            queue.report(session, job, share, self.clock())

    def _index(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self.catch_up()
            except Exception as error:  # the next round tries again; readers keep the old snapshot
                log.error("indexing_failed", exc_info=error)
                stopping.wait(INDEX_SECONDS * 10)
            stopping.wait(INDEX_SECONDS)

    def _repeat_periodic(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self.run_periodic()
            except Exception as error:  # logged; the next round tries again
                log.error("periodic_tasks_failed", exc_info=error)
            stopping.wait(PERIODIC_SECONDS)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                idle = not self.run_one()
            except (
                SQLAlchemyError,
                DatabaseUnusable,
            ) as error:  # the database is away: its jobs are taken up again when it is back
                log.error("database_failed", error=repr(error))
                stopping.wait(JOB_SECONDS * 10)
                continue
            if idle:
                stopping.wait(JOB_SECONDS)
