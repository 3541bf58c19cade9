"""What the catalogue knows of sources while they are gathered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ingest_tools.sources.import_request import EarlierBatches
from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import EntryView
from library_server.database.engine import Database

_REJECTIONS_COMPARED = 20


class CataloguedBatches(EarlierBatches):
    """The batches of one catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_known(self, path: str) -> bool:
        """Return whether any batch has an entry of that path."""
        with self._database.reading() as session:
            return repository.is_known_source(session, path)

    def rejected_rows(self, path: str, fingerprints: Collection[str]) -> Sequence[EntryView]:
        """Return the rejections of a row by its path and fingerprints, the latest first."""
        with self._database.reading() as session:
            return repository.find_rejected_rows(session, path, fingerprints, limit=_REJECTIONS_COMPARED)

    def exported_rows(self, record_id: str) -> Sequence[Mapping[str, str]]:
        """Return the rows that a record is exported as; none where there is no such record."""
        from ingest_tools.pipeline.known_records import exported_record  # files need none of it, nor MARC

        with self._database.reading() as session:
            return exported_record.list_rows(session, record_id)
