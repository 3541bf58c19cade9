"""Database writes that a request causes and does not wait for, such as "this film is wanted".

A request only queues the write. One thread of this process does it, outside of any request, and tries again where
the database is busy or away, at most `ATTEMPTS` times. The queue is bounded; what does not fit is dropped: the
next request queues it again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from library_server.database.engine import Database
from library_server.database.errors import DatabaseBusy, DatabaseUnreachable, explain_database_error
from library_server.web.threadpool import ThreadPool

CAPACITY = 1000
RETRY_SECONDS, RETRY_AT_MOST, ATTEMPTS = 1.0, 30.0, 100
log = structlog.get_logger(__name__)
Write = Callable[[Session], object]


class _Queued(NamedTuple):
    """A write that waits, and how often it was tried."""

    write: Write
    attempts: int = 0


class BackgroundWriter:
    """Queued writes of one process, each in a transaction of its own, oldest first."""

    def __init__(self, database: Database, capacity: int = CAPACITY) -> None:
        self._database = database
        self._capacity = capacity
        self._queue: OrderedDict[str, _Queued] = OrderedDict()
        self._changed = threading.Condition()
        self._is_running = False
        self._thread = ThreadPool(1)

    def submit(self, key: str, write: Write) -> bool:
        """Queue a write and return at once; False where the queue is full and the write was dropped.

        A write with the same `key` that still waits is replaced.
        """
        with self._changed:
            if key not in self._queue and len(self._queue) >= self._capacity:
                return False
            self._queue[key] = _Queued(write)
            if self._is_running:
                return True
            self._is_running = True
        self._thread.spawn(self._run)
        return True

    def join(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is queued or being written, at most `timeout` seconds; returns whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_running, timeout)

    def _run(self) -> None:
        pause = RETRY_SECONDS
        while (entry := self._take_next()) is not None:
            key, queued = entry
            if self._execute(key, queued):
                pause = RETRY_SECONDS
            else:
                self._put_back(key, queued._replace(attempts=queued.attempts + 1))
                time.sleep(pause)
                pause = min(pause * 2, RETRY_AT_MOST)

    def _take_next(self) -> tuple[str, _Queued] | None:
        with self._changed:
            if self._queue:
                return self._queue.popitem(last=False)
            self._is_running = False
            self._changed.notify_all()
            return None

    def _put_back(self, key: str, queued: _Queued) -> None:
        """Queue a write again at its place, unless a newer one with its key has come."""
        with self._changed:
            if key not in self._queue:
                self._queue[key] = queued
                self._queue.move_to_end(key, last=False)

    def _execute(self, key: str, queued: _Queued) -> bool:
        """Write in one transaction. False where it may succeed later; a write that cannot succeed is logged."""
        try:
            with self._database.writing() as session:
                queued.write(session)
        except Exception as error:  # the thread must live: it serves every later write
            if _may_succeed_later(error) and queued.attempts + 1 < ATTEMPTS:
                log.warning("background_write_postponed", key=key, error=str(error))
                return False
            log.error("background_write_failed", key=key, exc_info=error)
        return True


def _may_succeed_later(error: Exception) -> bool:
    """Return whether the database as a whole was busy or away, or the connection was lost."""
    if not isinstance(error, SQLAlchemyError):
        return False
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(explain_database_error(error), DatabaseBusy | DatabaseUnreachable)
