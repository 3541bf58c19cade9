"""The library opened: settings, database, store, index and grants in one value that faces are given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from library_server.catalogue.migrations import migrate
from library_server.database import Database
from library_server.search.indexing import Indexer
from library_server.search.records_index import RecordsIndex
from library_server.settings import Settings
from storage_config.object_store import ObjectStore
from storage_config.stores import open_store


@dataclass(frozen=True)
class Library:
    """Everything that is open while the library runs in this process."""

    settings: Settings
    database: Database
    store: ObjectStore

    @cached_property
    def index(self) -> RecordsIndex:
        """The read side of the index of records."""
        return RecordsIndex(self.settings.index_folder)

    @cached_property
    def indexer(self) -> Indexer:
        """The write side of the index of records."""
        return Indexer(self.settings.index_folder, self.database)


def open_library(settings: Settings, *, patient: bool = True) -> Library:
    """Open the library of these settings, with its schema brought up to date; `patient` as in `open_store`."""
    database = Database(settings.database_address)
    migrate(database.engine)
    return Library(settings, database, open_store(settings, patient=patient))
