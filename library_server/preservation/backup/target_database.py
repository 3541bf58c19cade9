"""The database that a backup is restored into: an SQLite file, or a database of a PostgreSQL server.

Either is replaced in one step: the file by a rename, the rows on the server by one transaction. What was there before
is set aside and never deleted: files in a folder, tables in a schema, both named `before-restore-` and the time.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, inspect, text

from library_server.catalogue.database_creation import database_file, find_emptiness
from library_server.catalogue.migrations import known_revision, migrate, upgrade
from library_server.database.engine import Database
from library_server.database.errors import explain_database_error
from library_server.preservation.backup import folders
from library_server.preservation.backup.errors import BackupError
from library_server.preservation.backup.manifest import sync_path
from library_server.preservation.backup.row_copy import copy_rows
from library_server.preservation.backup.snapshot import open_snapshot
from library_server.publishing import publish_if_absent
from library_server.settings import Settings

T = TypeVar("T")
_BUSY_SECONDS = 2.0
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'tianyuan' AND pid <> pg_backend_pid()"
)


class TargetDatabase(Protocol):
    """A database that is to hold what a snapshot holds."""

    def refuse_use(self) -> None:
        """Raise `BackupError` where a server or worker has the database open."""
        ...

    def replace(self, snapshot: Path, aside: str, stopping: threading.Event) -> str | None:
        """Put the rows of a snapshot in the place of those that are there, with the newest schema.

        Returns where the old ones are now; None where there were none.
        """
        ...


def open_target(settings: Settings) -> TargetDatabase:
    """Return the database of these settings."""
    path = database_file(settings)
    return _SQLiteTarget(path) if path is not None else _PostgreSQLTarget(settings.database_address)


def has_records(settings: Settings) -> bool:
    """Return whether the database of these settings holds a catalogue; one that is damaged may do so."""
    path = database_file(settings)
    if path is not None and (not path.exists() or not path.stat().st_size):
        return False
    database = Database(settings.database_address)
    try:
        return find_emptiness(settings, database) is None
    except Exception as error:
        if path is None or explain_database_error(error) is None:
            raise
        return True
    finally:
        database.engine.dispose()


class _SQLiteTarget:
    def __init__(self, path: Path) -> None:
        self._path = path

    def refuse_use(self) -> None:
        """SQLite leaves WAL mode only where no other connection is open (sqlite.org/wal.html)."""
        if not self._path.exists() or not self._path.stat().st_size:
            return
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise BackupError("library_in_use", where=str(self._path)) from error
        except sqlite3.DatabaseError:
            return  # damaged: it is set aside as it is

    def replace(self, snapshot: Path, aside: str, stopping: threading.Event) -> str | None:
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob(f".{self._path.name}.restored-*"):
            left.unlink()
        folders.check_room(folder, snapshot.stat().st_size * 2)  # a migration may write all of it again
        staged = self._path.with_name(f".{self._path.name}.restored-{secrets.token_hex(8)}")
        shutil.copyfile(snapshot, staged)
        os.chmod(staged, 0o600)
        database = Database(f"sqlite:///{staged}")
        try:
            migrate(database.engine)
        finally:
            database.engine.dispose()  # the last connection writes the log into the file
        sync_path(staged)
        old = [*folder.glob(f"{self._path.name}-*"), *([self._path] if self._path.exists() else [])]
        for path in old:
            (folder / aside).mkdir(mode=0o700, exist_ok=True)
            path.rename(folder / aside / path.name)
        publish_if_absent(staged, self._path)
        moved_file = folder / aside / self._path.name
        return str(moved_file) if moved_file.exists() else None


class _PostgreSQLTarget:
    def __init__(self, url: str) -> None:
        self._url = url

    def refuse_use(self) -> None:
        def ask(connection: Connection) -> None:
            if connection.scalar(_OTHERS):
                raise BackupError("library_in_use", where=str(connection.engine.url.database))

        self._on_engine(lambda engine: _with_connection(engine, ask))

    def replace(self, snapshot: Path, aside: str, stopping: threading.Event) -> str | None:
        def replace(engine: Engine) -> str | None:
            with open_snapshot(snapshot) as source, engine.begin() as target:
                renamed = _rename_schema(target, aside.replace("-", "_").lower())
                upgrade(target, known_revision(source))
                copy_rows(source, target, stopping)
                upgrade(target)
                return renamed

        return self._on_engine(replace)

    def _on_engine(self, work: Callable[[Engine], T]) -> T:
        database = Database(self._url)
        try:
            return work(database.engine)
        finally:
            database.engine.dispose()


def _rename_schema(connection: Connection, name: str) -> str | None:
    """Keep the tables that are there under another schema, where there are any."""
    schema = str(connection.scalar(text("SELECT current_schema()")))
    if not inspect(connection).get_table_names():
        return None
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"ALTER SCHEMA {quote(schema)} RENAME TO {quote(name)}"))
    connection.execute(text(f"CREATE SCHEMA {quote(schema)}"))
    return name


def _with_connection(engine: Engine, ask: Callable[[Connection], None]) -> None:
    with engine.connect() as connection:
        ask(connection)
