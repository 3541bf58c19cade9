"""What a store holds."""

from __future__ import annotations

from storage_config.stores.base import ObjectStore


def content(store: ObjectStore, key: str) -> bytes:
    """All bytes of an object."""
    with store.open(key) as reading:
        return reading.read()
