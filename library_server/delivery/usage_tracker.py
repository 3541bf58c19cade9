"""Notes which derived files are being used, so that those nobody uses are dropped first when room is short.

A file is noted once an hour in each process, and notes are queued for the background writer a minute's worth at a
time: what is sent to a reader waits for no database.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from sqlalchemy import event
from sqlalchemy.orm import Session

from library_server.catalogue.assets import derivatives
from library_server.web.background_writer import BackgroundWriter

NOTED_AGAIN, WRITTEN_EVERY = 3600.0, 60.0
NOTED_AT_MOST = 100_000
PAGE = 500
_KEY = "uses"


class UsageTracker:
    """The notes of one process."""

    def __init__(self, writer: BackgroundWriter) -> None:
        self._writer = writer
        self._noted: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._written = time.monotonic()
        self._lock = threading.Lock()

    def record(self, asset_id: str) -> None:
        """Record that this asset is being served."""
        now = time.monotonic()
        if now - self._noted.get(asset_id, -NOTED_AGAIN) < NOTED_AGAIN:
            return
        with self._lock:
            if len(self._noted) >= NOTED_AT_MOST:
                self._noted.clear()
            self._noted[asset_id] = now
            if len(self._waiting) < NOTED_AT_MOST:
                self._waiting.add(asset_id)
            if now - self._written < WRITTEN_EVERY:
                return
            self._written = now
        self.write()

    def write(self) -> None:
        """Queue what waits for writing."""
        self._writer.submit(_KEY, self._write)

    def _write(self, session: Session) -> None:
        with self._lock:
            waiting = sorted(self._waiting)
        for start in range(0, len(waiting), PAGE):
            derivatives.note_used(session, waiting[start : start + PAGE], datetime.now(UTC))
        event.listen(session, "after_commit", lambda _session: self._forget(waiting), once=True)

    def _forget(self, written: list[str]) -> None:
        with self._lock:
            self._waiting.difference_update(written)
