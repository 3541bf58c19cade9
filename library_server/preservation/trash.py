"""Deleted originals are kept for a month, so that a deletion by mistake can be undone.

An original lies under `trash/<day>/` from the day it was deleted. Derived files go at once: they can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import structlog

from library_server.catalogue.assets.objects import keys_in_use
from library_server.database.engine import Database
from storage_config.errors import ObjectNotFound
from storage_config.keys import TRASH, parse_trash_key, trash_key
from storage_config.stores.base import ObjectStore

KEPT_DAYS = 30
PAGE = 500
log = structlog.get_logger(__name__)


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


def today() -> date:
    """Return the day in UTC: days are compared between machines."""
    return datetime.now(UTC).date()


def discard(store: ObjectStore, key: str, day: date) -> None:
    """Move an object into the trash. Raises `ObjectNotFound`."""
    store.move(key, trash_key(day, key))


def list_trash(store: ObjectStore) -> Iterator[TrashItem]:
    """Yield all that lies in the trash, the oldest day first; what was not put there by `discard` is passed over."""
    for stored in store.list(TRASH):
        parsed = parse_trash_key(stored.key)
        if parsed is not None:
            yield TrashItem(stored.key, parsed[1], parsed[0], stored.size)


def purge_trash(database: Database, store: ObjectStore, day: date) -> int:
    """Delete for good what has been in the trash for 30 days; returns how many objects.

    What the catalogue names is restored instead: after the database was restored from a backup, the trash may hold
    the only copy. A copy of a named object is deleted only where an object of the same size is stored in its place.
    """
    purged = restored = 0
    due = (item for item in list_trash(store) if item.purged <= day)
    while page := list(islice(due, PAGE)):
        named = {item.key for item in _find_named(database, page)}
        for item in page:
            if item.key in named and _restore(store, item):
                restored += 1
            elif item.key not in named or _is_stored(store, item):
                store.delete(item.key)
                purged += 1
    if restored:
        store.flush()
        log.warning("trash_restored", objects=restored)
    return purged


def restore_named(database: Database, store: ObjectStore) -> int:
    """Bring back what rows name again and the store lacks; returns how many objects."""
    restored = 0
    items = list_trash(store)
    while page := list(islice(items, PAGE)):
        restored += sum(_restore(store, item) for item in _find_named(database, page))
    if restored:
        store.flush()
    return restored


def _find_named(database: Database, items: Sequence[TrashItem]) -> Iterator[TrashItem]:
    with database.reading() as session:
        named = keys_in_use(session, [item.original for item in items])
    yield from (item for item in items if item.original in named)


def _restore(store: ObjectStore, item: TrashItem) -> bool:
    """Move an item back where the store lacks it; False where nothing was moved."""
    try:
        store.head_object(item.original)
    except ObjectNotFound:
        with suppress(ObjectNotFound):  # another process restored or purged it first
            store.move(item.key, item.original)
            return True
    return False


def _is_stored(store: ObjectStore, item: TrashItem) -> bool:
    with suppress(ObjectNotFound):
        return store.head_object(item.original).size == item.size
    return False
