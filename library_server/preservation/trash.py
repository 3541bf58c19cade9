"""Deleted originals are kept for a month, so that a deletion by mistake can be undone.

An original lies under `trash/<day>/` from the day it was deleted. Derived files go at once: they can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from library_server.catalogue.objects import still_named
from library_server.database import Database
from storage_config.errors import ObjectMissing
from storage_config.layout import TRASH, parse_trash_key, trash_key
from storage_config.object_store import ObjectStore

KEPT_DAYS = 30
PAGE = 500


@dataclass(frozen=True)
class TrashItem:
    """A deleted object: its key in the trash, its key before, the day of its deletion (UTC), its bytes."""

    key: str
    original: str
    deleted: date
    size: int

    @property
    def purged(self) -> date:
        """The first day on which it is deleted for good: 30 whole days lie between."""
        return self.deleted + timedelta(days=KEPT_DAYS + 1)


@dataclass
class TrashCount:
    """What lies in the trash."""

    objects: int = 0
    bytes: int = 0
    oldest: date | None = None


def today() -> date:
    """The day in UTC: days are compared between machines."""
    return datetime.now(UTC).date()


def discard(store: ObjectStore, key: str, day: date) -> None:
    """Move an object into the trash. Raises `ObjectMissing`."""
    store.move(key, trash_key(day, key))


def list_trash(store: ObjectStore) -> Iterator[TrashItem]:
    """All that lies in the trash, the oldest day first; what was not put there by `discard` is passed over."""
    for stored in store.list(TRASH):
        parsed = parse_trash_key(stored.key)
        if parsed is not None:
            yield TrashItem(stored.key, parsed[1], parsed[0], stored.size)


def count_trash(store: ObjectStore) -> TrashCount:
    """Objects and bytes in the trash, and the oldest day."""
    counted = TrashCount()
    for item in list_trash(store):
        counted.objects += 1
        counted.bytes += item.size
        counted.oldest = min(counted.oldest or item.deleted, item.deleted)
    return counted


def purge_trash(store: ObjectStore, day: date) -> int:
    """Delete for good what has lain in the trash for 30 days; returns how many objects."""
    purged = 0
    for item in list_trash(store):
        if item.purged <= day:
            store.delete(item.key)
            purged += 1
    return purged


def restore_named(database: Database, store: ObjectStore) -> int:
    """Bring back what rows name again and the store lacks; returns how many objects."""
    restored = 0
    items = list_trash(store)
    while page := list(islice(items, PAGE)):
        restored += sum(_restore(store, item) for item in _named(database, page))
    if restored:
        store.settle()
    return restored


def _named(database: Database, items: Sequence[TrashItem]) -> Iterator[TrashItem]:
    with database.reading() as session:
        named = still_named(session, [item.original for item in items])
    yield from (item for item in items if item.original in named)


def _restore(store: ObjectStore, item: TrashItem) -> bool:
    try:
        store.head(item.original)
    except ObjectMissing:
        store.move(item.key, item.original)
        return True
    return False
