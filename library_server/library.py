"""The library opened: settings, database, store, index and grants in one value that faces are given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from library_server.catalogue.database_creation import (
    find_emptiness,
    make_database,
    note_new_database,
    refuse_lost_database,
    refuse_unfinished_restore,
)
from library_server.catalogue.migrations import migrate
from library_server.database.engine import Database
from library_server.settings import Settings
from storage_config.stores.base import ObjectStore
from storage_config.stores.factory import open_store

if TYPE_CHECKING:
    from library_server.search.records.indexer import Indexer
    from library_server.search.records.snapshots import RecordIndex


@dataclass(frozen=True)
class Library:
    """Everything that is open while the library runs in this process."""

    settings: Settings
    database: Database
    store: ObjectStore

    @cached_property
    def index(self) -> RecordIndex:
        """The read side of the index of records."""
        from library_server.search.records.snapshots import RecordIndex  # a command that does not search needs no NumPy

        return RecordIndex(self.settings.index_folder)

    @cached_property
    def indexer(self) -> Indexer:
        """The write side of the index of records."""
        from library_server.search.records.indexer import Indexer

        return Indexer(self.settings.index_folder, self.database)


def open_library(settings: Settings, *, patient: bool = True, new_database: str | None = None) -> Library:
    """Open the library of these settings, with its schema brought up to date; `patient` as in `open_store`.

    `new_database` names who begins with an empty catalogue on purpose. Raises `DatabaseLost` where nobody does and
    the database is empty although the library has been used, and `RestoreUnfinished`.
    """
    refuse_unfinished_restore(settings)
    database = Database(settings.database_address)
    store = open_store(settings, patient=patient)
    if new_database is None:
        refuse_lost_database(settings, database, store)
    began_empty = new_database is not None and find_emptiness(settings, database) is not None
    make_database(settings)
    migrate(database.engine)
    if began_empty:
        note_new_database(database, new_database or "")
    return Library(settings, database, store)
