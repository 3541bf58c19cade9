"""The kept text of a record, as the ingest wrote it."""

from __future__ import annotations

from ingest_tools.formats import passages
from ingest_tools.formats.passages import Passage
from library_server.catalogue.views import RecordView
from library_server.catalogue.vocabulary import AssetRole
from storage_config.errors import ObjectMissing
from storage_config.object_store import ObjectStore


def passages_of(record: RecordView, store: ObjectStore) -> tuple[Passage, ...]:
    """All passages of a record, in order; none where no text was found in it."""
    kept = next(iter(record.assets_of(AssetRole.TEXT)), None)
    if kept is None:
        return ()
    try:
        with store.open(kept.key) as reading:
            return tuple(passages.read(reading.read()))
    except ObjectMissing:
        return ()
