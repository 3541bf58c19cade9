"""Which records a public grant does not open: those with an access level, and withdrawn ones.

The state of a record is one lookup by primary key, kept as long as nothing was committed to the database. Whether
something was is asked every two seconds in a thread of its own; that costs microseconds whatever the size of the
catalogue: `PRAGMA data_version` on SQLite (https://www.sqlite.org/pragma.html#pragma_data_version), the text of
`pg_current_snapshot()` on PostgreSQL, which changes with every transaction that begins or ends.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from typing import NamedTuple

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.web.threadpool import ThreadPool

CHECK_SECONDS, STALE_SECONDS, WAIT_SECONDS = 2.0, 4.0, 1.0
KEPT = 50_000
_TOKEN = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT CAST(pg_current_snapshot() AS text)"}
log = structlog.get_logger(__name__)


class _Known(NamedTuple):
    """A state, and the version of the database that it was read at."""

    version: int
    state: str | None


class Restrictions:
    """The states of the records that one process is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._states: OrderedDict[str, _Known] = OrderedDict()
        self._version = 0
        self._token: str | None = None
        self._connection: Connection | None = None
        self._checked_at = float("-inf")
        self._lock = threading.Lock()
        self._thread = ThreadPool(1)

    def get(self, record_id: str) -> str | None:
        """`withdrawn`, or the access level; None for a public record. At most `STALE_SECONDS` old.

        While the database fails, the state last known holds. Raises `SQLAlchemyError` where none is known.
        """
        version, known = self.read_version(), self._states.get(record_id)
        if known is not None and known.version == version:
            return known.state
        try:
            state = self._thread.run(self._look_up, record_id)
        except SQLAlchemyError as error:
            if known is None:
                raise
            log.warning("restriction_not_read", record=record_id, error=str(error))
            return known.state
        self._states[record_id] = _Known(version, state)
        self._states.move_to_end(record_id)
        if len(self._states) > KEPT:
            self._states.popitem(last=False)
        return state

    def read_version(self) -> int:
        """Return a number that changes with whatever is committed to the database, at most `STALE_SECONDS` late."""
        self._follow_changes()
        return self._version

    def _look_up(self, record_id: str) -> str | None:
        with self._database.reading() as session:
            return queries.find_restriction(session, record_id)

    def _follow_changes(self) -> None:
        """Ask for changes where that was not done lately. One request asks; others wait only for a stale answer."""
        age = time.monotonic() - self._checked_at
        if age < CHECK_SECONDS:
            return
        if not self._lock.acquire(timeout=WAIT_SECONDS if age > STALE_SECONDS else 0):
            return
        try:
            started = time.monotonic()
            if started - self._checked_at >= CHECK_SECONDS:
                self._thread.run(self.check)
                self._checked_at = started  # not before: until then the others must see that the answer is stale
        finally:
            self._lock.release()

    def check(self) -> bool:
        """Ask the database whether anything was committed; returns whether what is known may be out of date."""
        try:
            token = self._read_token()
        except SQLAlchemyError as error:
            log.warning("restrictions_not_checked", error=str(error))
            self._disconnect()
            return False
        if token == self._token:
            return False
        self._token = token
        self._version += 1
        return True

    def _disconnect(self) -> None:
        """Forget the token with the connection: the tokens of two connections are not comparable."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
                self._connection.close()
        self._connection = self._token = None

    def _read_token(self) -> str:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return str(self._connection.exec_driver_sql(_TOKEN[self._database.engine.dialect.name]).scalar_one())
