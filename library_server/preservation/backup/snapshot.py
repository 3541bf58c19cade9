"""A consistent copy of the database while others write to it: one SQLite file, whatever the database is.

SQLite is copied page by page within one read transaction (sqlite.org/backup.html); in WAL mode writers go on
meanwhile. PostgreSQL is read in one REPEATABLE READ transaction, row by row; see decision 0013 for why not `pg_dump`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, func, make_url, select

from library_server.catalogue.migrations import known_revision, upgrade
from library_server.database.engine import BUSY_MILLISECONDS, Database
from library_server.database.errors import DatabaseDamaged
from library_server.preservation.backup.errors import BackupStopped
from library_server.preservation.backup.manifest import sync_path
from library_server.preservation.backup.row_copy import copy_rows

PAGES_AT_ONCE = 8192


def database_bytes(database: Database) -> int:
    """About how many bytes a snapshot will take."""
    url = make_url(database.engine.url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        logs = path.with_name(f"{path.name}-wal")
        return path.stat().st_size + (logs.stat().st_size if logs.exists() else 0)
    with database.engine.connect() as connection:
        return int(connection.scalar(select(func.pg_database_size(func.current_database()))) or 0)


def take_snapshot(database: Database, target: Path, stopping: threading.Event) -> str:
    """Write the database as it is at this moment into a new file, durable on return. Returns its schema revision.

    Raises `SchemaTooNew`, `DatabaseDamaged` where the copy does not pass SQLite's own check, and `BackupStopped`.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with database.engine.connect() as connection:
        known_revision(connection)
    if database.engine.dialect.name == "sqlite":
        _copy_pages(Path(database.engine.url.database or ""), target, stopping)
    else:
        _copy_from_server(database, target, stopping)
    sync_path(target)
    return _checked_revision(target)


@contextmanager
def open_snapshot(snapshot: Path) -> Iterator[Connection]:
    """A connection to a snapshot that is never written to, nor locked."""
    address = f"{snapshot.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool, hide_parameters=True
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _copy_pages(source: Path, target: Path, stopping: threading.Event) -> None:
    def stop_if_asked(_status: int, _remaining: int, _total: int) -> None:
        if stopping.is_set():
            raise BackupStopped

    with closing(sqlite3.connect(source, isolation_level=None)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on nothing changes for us
        reading.backup(writing, pages=PAGES_AT_ONCE, progress=stop_if_asked)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, without logs next to it


def _copy_from_server(database: Database, target: Path, stopping: threading.Event) -> None:
    local = create_engine(URL.create("sqlite", database=str(target)), hide_parameters=True)
    try:
        with database.engine.connect() as connection:
            reading = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            revision = known_revision(reading)
            with local.begin() as writing:
                upgrade(writing, revision)
                copy_rows(reading, writing, stopping)
    finally:
        local.dispose()


def _checked_revision(target: Path) -> str:
    with open_snapshot(target) as connection:
        result = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if result != "ok":
            raise DatabaseDamaged(detail=result[:200])
        return known_revision(connection)
