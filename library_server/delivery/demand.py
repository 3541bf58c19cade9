"""Queues dropped derived files again when a reader opens their record, and moves waiting jobs to the front."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

from sqlalchemy.orm import Session

from library_server.catalogue.assets.derivatives import Cost
from library_server.jobs import queue
from library_server.jobs.regeneration import tasks_for_dropped
from library_server.web.background_writer import BackgroundWriter

NOTED_AGAIN_SECONDS = 30.0
KEPT = 10_000


class Demand:
    """What readers of one process wanted lately; the same is written once in half a minute."""

    def __init__(self, writer: BackgroundWriter) -> None:
        self._writer = writer
        self._noted: dict[str, float] = {}

    def note_dropped(self, record_id: str, dropped: Iterable[Cost]) -> None:
        """A reader opened a record whose derived files were dropped to make room."""
        self._record(f"dropped:{record_id}", record_id, frozenset(dropped))

    def note_waiting(self, record_id: str) -> None:
        """A reader opened a record that does not play yet."""
        self._record(f"waiting:{record_id}", record_id, frozenset())

    def _record(self, key: str, record_id: str, dropped: frozenset[Cost]) -> None:
        now = time.monotonic()
        if now - self._noted.get(key, -NOTED_AGAIN_SECONDS) < NOTED_AGAIN_SECONDS:
            return
        if len(self._noted) >= KEPT:
            self._noted.clear()
        write = partial(_enqueue, record_id, dropped) if dropped else partial(_prioritize, record_id)
        if self._writer.submit(key, write):
            self._noted[key] = now


def _enqueue(record_id: str, dropped: frozenset[Cost], session: Session) -> None:
    for task in tasks_for_dropped(session, record_id, dropped):
        queue.enqueue(session, task, record_id, queue.PRIORITY_INTERACTIVE)


def _prioritize(record_id: str, session: Session) -> None:
    queue.prioritize(session, record_id)
