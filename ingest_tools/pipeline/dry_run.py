"""What a dry run writes to: a copy of the catalogue, thrown away at its end, and a store that keeps nothing.

So a dry run does all that the run itself would do, and counts what that would count.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, insert, select

from library_server.catalogue.migrations import migrate
from library_server.database.engine import Base, Database
from storage_config.stores.base import Digest, ObjectStore, StoredObject

_ROWS_AT_ONCE = 1000
_READING = frozenset({"open", "head_object", "list", "local_path", "presigned_url"})


def hashing_store(store: ObjectStore) -> ObjectStore:
    """Return a store that reads what another one holds, and hashes and forgets what is put."""
    return cast(ObjectStore, _HashingStore(store))


class _HashingStore:
    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put_original(self, source: Path, *, durable: bool = True) -> Digest:
        """Hash a file."""
        with source.open("rb") as reading:
            return Digest(hashlib.file_digest(reading, "sha256").hexdigest(), reading.tell())

    def put_file(self, key: str, source: Path) -> StoredObject:
        """Measure a file of ours."""
        return StoredObject(key, source.stat().st_size, time.time())

    def put_bytes(self, key: str, data: bytes) -> StoredObject:
        """Measure bytes."""
        return StoredObject(key, len(data), time.time())

    def flush(self) -> None:
        """Do nothing: nothing was stored that has to become durable."""

    def __getattr__(self, name: str) -> object:
        """Return a method that reads; what writes or deletes is none of a dry run."""
        if name not in _READING:
            raise AttributeError(name)
        return getattr(self._store, name)


@contextmanager
def copied_catalogue(database: Database, scratch: Path) -> Iterator[Database]:
    """Open a copy of a catalogue in the folder `scratch`, which the caller removes afterwards."""
    path = scratch / "dry-run.sqlite3"
    if database.engine.dialect.name == "sqlite":
        with (
            closing(sqlite3.connect(str(database.engine.url.database))) as source,
            closing(sqlite3.connect(path)) as to,
        ):
            source.backup(to)
    copy = Database(f"sqlite:///{path}")
    try:
        if database.engine.dialect.name != "sqlite":
            _copy_rows(database, copy)
        yield copy
    finally:
        copy.engine.dispose()


def _copy_rows(database: Database, copy: Database) -> None:
    """Copy every row of a database server, table by table."""
    migrate(copy.engine)
    with database.engine.connect() as source, copy.engine.begin() as target:
        target.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for table in Base.metadata.sorted_tables:
            _copy_table(table, source.execution_options(yield_per=_ROWS_AT_ONCE), target)


def _copy_table(table: Table, source: Connection, target: Connection) -> None:
    target.execute(table.delete())
    for rows in source.execute(select(table)).mappings().partitions(_ROWS_AT_ONCE):
        target.execute(insert(table), [dict(row) for row in rows])
