"""The store against the catalogue: objects that no row names, and rows whose object is gone.

Both sides come in the order of keys and are merged, so that memory holds a page of each whatever their number.
Every discrepancy is checked again before it is reported, because an ingest may be running and servers may order keys
differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from library_server.catalogue.assets.objects import NamedObject, keys_in_use, named_objects
from library_server.database.engine import Database
from storage_config.errors import ObjectNotFound
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.stores.base import ObjectStore, StoredObject

ASKED_AT_ONCE = 500
Discrepancy = StoredObject | NamedObject


class KeyMatch(NamedTuple):
    """One key: the object stored under it, the row that names it, or both."""

    stored: StoredObject | None
    named: NamedObject | None


@dataclass
class Share:
    """What is stored under one prefix, and how much of it no row names; `oldest` in seconds since the epoch."""

    objects: int = 0
    bytes: int = 0
    unnamed: int = 0
    unnamed_bytes: int = 0
    oldest: float = float("inf")

    @property
    def is_mostly_named(self) -> bool:
        """Whether rows name at least half of what is stored, by count and by bytes."""
        return self.unnamed * 2 <= self.objects and self.unnamed_bytes * 2 <= self.bytes


@dataclass
class SweepReport:
    """Counts of a sweep, by prefix and in all."""

    missing: int = 0
    shares: dict[str, Share] = field(default_factory=lambda: {prefix: Share() for prefix in (ORIGINALS, DERIVATIVES)})

    @property
    def objects(self) -> int:
        """All objects that are stored."""
        return sum(share.objects for share in self.shares.values())

    @property
    def unnamed(self) -> int:
        """Objects that no row names."""
        return sum(share.unnamed for share in self.shares.values())

    @property
    def bytes(self) -> int:
        """Bytes of unnamed objects."""
        return sum(share.unnamed_bytes for share in self.shares.values())


def sweep(database: Database, store: ObjectStore, counts: SweepReport) -> Iterator[Discrepancy]:
    """Give every unnamed object and every row without one, counting on the way; holds none, and changes nothing."""
    for prefix, share in counts.shares.items():
        for discrepancy in _compare_share(database, store, prefix, share):
            if isinstance(discrepancy, NamedObject):
                counts.missing += 1
            else:
                share.unnamed += 1
                share.unnamed_bytes += discrepancy.size
            yield discrepancy


def count_unnamed(database: Database, store: ObjectStore, prefix: str) -> int:
    """Return how many objects under a prefix no row names."""
    discrepancies = _compare_share(database, store, prefix, Share())
    return sum(isinstance(item, StoredObject) for item in discrepancies)


def _compare_share(database: Database, store: ObjectStore, prefix: str, share: Share) -> Iterator[Discrepancy]:
    unnamed: list[StoredObject] = []
    for stored, named in merge_by_key(store.list(prefix), named_objects(database, prefix)):
        if stored is not None:
            share.objects += 1
            share.bytes += stored.size
            share.oldest = min(share.oldest, stored.modified)
        if named is None and stored is not None:
            unnamed.append(stored)
            if len(unnamed) == ASKED_AT_ONCE:
                yield from _still_unnamed(database, unnamed)
                unnamed = []
        elif stored is None and named is not None and _is_gone(database, store, named):
            yield named
    yield from _still_unnamed(database, unnamed)


def merge_by_key(stored: Iterator[StoredObject], named: Iterator[NamedObject]) -> Iterator[KeyMatch]:
    """Merge two iterators that are ordered by key; several rows may name one key."""
    stored_object, row = next(stored, None), next(named, None)
    while stored_object is not None or row is not None:
        if row is None or (stored_object is not None and stored_object.key < row.key):
            yield KeyMatch(stored_object, None)
            stored_object = next(stored, None)
        elif stored_object is None or row.key < stored_object.key:
            yield KeyMatch(None, row)
            row = next(named, None)
        else:
            yield KeyMatch(stored_object, row)
            key = stored_object.key
            stored_object = next(stored, None)
            while row is not None and row.key == key:
                row = next(named, None)


def _still_unnamed(database: Database, objects: list[StoredObject]) -> Iterator[StoredObject]:
    with database.reading() as session:
        named = keys_in_use(session, [item.key for item in objects])
    yield from (item for item in objects if item.key not in named)


def _is_gone(database: Database, store: ObjectStore, named: NamedObject) -> bool:
    try:
        store.head_object(named.key)
    except ObjectNotFound:
        with database.reading() as session:
            return bool(keys_in_use(session, [named.key]))
    return False
