"""The kept text of a record: passages with locators, as the ingest wrote them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

from library_server.catalogue.views import RecordView
from library_server.catalogue.vocabulary import AssetRole
from storage_config.errors import ObjectMissing
from storage_config.object_store import ObjectStore


@dataclass(frozen=True)
class TextPassage:
    """A chapter, page or cue."""

    type: str
    value: str
    label: str
    text: str


def passages_of(record: RecordView, store: ObjectStore) -> tuple[TextPassage, ...]:
    """All passages of a record, in order; none where no text was found in it."""
    kept = next(iter(record.assets_of(AssetRole.TEXT)), None)
    if kept is None:
        return ()
    try:
        with store.open(kept.key) as reading:
            body = json.loads(gzip.decompress(reading.read()))
    except ObjectMissing:
        return ()
    return tuple(TextPassage(**one) for one in body["passages"])
