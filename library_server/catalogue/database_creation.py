"""Whether an empty database is a first start or a lost one, and how the first one is made.

A database file has its name only once it has its schema: a file of 0 bytes was never made by this program, and a
library that holds originals was not opened for the first time. Taking either for a new library would show readers
empty shelves, and would let a sweep delete what no row names any more.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, make_url, select

from library_server.catalogue.batches import repository
from library_server.catalogue.migrations import has_schema, migrate
from library_server.catalogue.models import Batch, Record
from library_server.database.engine import Database
from library_server.database.errors import DatabaseLost, RestoreUnfinished
from library_server.database.url import describe_database
from library_server.publishing import publish_if_absent
from library_server.settings import Settings
from storage_config.errors import StorageError
from storage_config.keys import ORIGINALS
from storage_config.messages import Message
from storage_config.stores.base import ObjectStore

RESTORE_MARKER = "restore.partial"


class Emptiness(Enum):
    """In what way a database is empty: the code of the sentence that says so."""

    MISSING = "file_missing"
    ZERO_BYTES = "file_of_zero_bytes"
    NO_SCHEMA = "no_schema"
    NO_RECORDS = "no_records"


def refuse_unfinished_restore(settings: Settings) -> None:
    """Raise `RestoreUnfinished` where a backup is being restored into this home, or was until that was stopped."""
    if (settings.home / RESTORE_MARKER).exists():
        raise RestoreUnfinished(home=str(settings.home))


def refuse_lost_database(settings: Settings, database: Database, store: ObjectStore) -> None:
    """Raise `DatabaseLost` where the database is empty and the library is not."""
    emptiness = find_emptiness(settings, database)
    if emptiness is None or not _was_used(settings, store, emptiness):
        return
    emptiness = find_emptiness(settings, database)  # a first start in another process may have come in between
    if emptiness is not None:
        where = describe_database(make_url(settings.database_address))
        raise DatabaseLost(emptiness=Message(emptiness.value), where=where)


def find_emptiness(settings: Settings, database: Database) -> Emptiness | None:
    """Return how the database is empty; None where it has records, or batches that were to make some."""
    path = database_file(settings)
    if path is not None:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return Emptiness.MISSING
        if size == 0:
            return Emptiness.ZERO_BYTES
    with database.engine.connect() as connection:
        if not has_schema(connection):
            return Emptiness.NO_SCHEMA
        return None if _has_rows(connection) else Emptiness.NO_RECORDS


def make_database(settings: Settings) -> None:
    """Make the SQLite file where there is none: with its schema, readable by its owner only, in one step."""
    path = database_file(settings)
    if path is None or (path.exists() and path.stat().st_size):
        return
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        database = Database(f"sqlite:///{aside}")
        try:
            migrate(database.engine)
        finally:
            database.engine.dispose()  # the last connection writes the log into the file
        with _lock(path):
            with suppress(FileNotFoundError):
                if path.stat().st_size == 0:
                    path.unlink()
            if not path.exists():  # otherwise another process was first, and the logs are its own
                _set_aside_leftover_logs(path)
            publish_if_absent(aside, path)
    finally:
        for name in (aside.name, f"{aside.name}-wal", f"{aside.name}-shm"):
            aside.with_name(name).unlink(missing_ok=True)


def _set_aside_leftover_logs(path: Path) -> None:
    """Rename the `-wal` and `-shm` files of a lost database, which SQLite would replay onto the new file.

    The files are kept for recovery. Source: sqlite.org/howtocorrupt.html, section 1.4.
    """
    for suffix in ("-wal", "-shm"):
        leftover = path.with_name(path.name + suffix)
        with suppress(FileNotFoundError):
            leftover.rename(leftover.with_name(f"{leftover.name}.lost-{secrets.token_hex(4)}"))


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one process at a time publish a database: the logs of another's must not be renamed."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def note_new_database(database: Database, actor: str) -> None:
    """Note, as a batch of nothing, that somebody began an empty catalogue over a library that had been used."""
    with database.writing() as session:
        batch = repository.open_batch(session, [], {"new_database": True}, actor)
        repository.close_batch(session, batch)


def database_file(settings: Settings) -> Path | None:
    """Return the file of an SQLite database; None for a server."""
    url = make_url(settings.database_address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _has_rows(connection: Connection) -> bool:
    return any(connection.execute(select(table.id).limit(1)).first() is not None for table in (Record, Batch))


def _was_used(settings: Settings, store: ObjectStore, emptiness: Emptiness) -> bool:
    """Return whether the library holds anything. An error of the store is ignored here; the next operation reports
    it.
    """
    if emptiness is Emptiness.ZERO_BYTES:
        return True
    if emptiness is not Emptiness.NO_RECORDS and (settings.index_folder / "current").exists():
        return True
    with suppress(StorageError):
        return next(iter(store.list(ORIGINALS)), None) is not None
    return False
