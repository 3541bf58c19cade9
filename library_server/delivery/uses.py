"""Notes which derived files are being used, so that those nobody uses are dropped first when room is short.

A file is noted once an hour in each process, and notes are written a minute's worth at a time, beside the
requests: what is sent to a reader waits for no database.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue import derivatives
from library_server.database import Database
from library_server.delivery.thinking import beside

NOTED_AGAIN, WRITTEN_EVERY = 3600.0, 60.0
NOTED_AT_MOST = 100_000
log = structlog.get_logger(__name__)


class Uses:
    """The notes of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._written = time.monotonic()
        self._lock = threading.Lock()

    def note(self, asset_id: str) -> None:
        """Somebody is being sent some of this."""
        now = time.monotonic()
        if now - self._noted.get(asset_id, -NOTED_AGAIN) < NOTED_AGAIN:
            return
        with self._lock:
            if len(self._noted) >= NOTED_AT_MOST:
                self._noted.clear()
            self._noted[asset_id] = now
            self._waiting.add(asset_id)
            if now - self._written < WRITTEN_EVERY:
                return
            self._written = now
        beside(self.write)

    def write(self) -> None:
        """Write down what waits."""
        with self._lock:
            waiting, self._waiting = sorted(self._waiting), set()
        try:
            for start in range(0, len(waiting), 500):
                with self._database.writing() as session:
                    derivatives.note_used(session, waiting[start : start + 500], datetime.now(UTC))
        except SQLAlchemyError as error:  # a note that is lost costs nothing but a guess
            log.warning("uses_not_written", error=str(error))
