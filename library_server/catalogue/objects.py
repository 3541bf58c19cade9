"""Which objects the catalogue names, asked a page at a time: what a sweep compares the store with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import Asset
from library_server.database import Database
from storage_config.errors import ObjectMissing
from storage_config.object_store import ObjectStore, StoredObject

PAGE = 500
_SWEPT = ("originals/", "derivatives/")


@dataclass
class Sweep:
    """Keys of objects that no row names, keys of rows whose object is gone; bytes and deletions of the former."""

    unnamed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    bytes: int = 0
    deleted: int = 0


def sweep(database: Database, store: ObjectStore, *, delete_older_than: float | None = None) -> Sweep:
    """Compare store and catalogue; memory holds a page of names and the findings.

    Unnamed objects are deleted where they are older than `delete_older_than` seconds: younger ones may belong
    to an ingest that has not come to its rows yet.
    """
    found = Sweep()
    for prefix in _SWEPT:
        page: dict[str, StoredObject] = {}
        for stored in store.list(prefix):
            page[stored.key] = stored
            if len(page) == PAGE:
                _compare(database, page, found)
                _delete(store, page, found, delete_older_than)
                page = {}
        _compare(database, page, found)
        _delete(store, page, found, delete_older_than)
    with database.reading() as session:
        for key in _all_keys(session):
            try:
                store.head(key)
            except ObjectMissing:
                found.missing.append(key)
    return found


def _compare(database: Database, page: dict[str, StoredObject], found: Sweep) -> None:
    """Note the objects of a page that no row names, and leave only those in it."""
    with database.reading() as session:
        named = _named(session, list(page))
    for key in named:
        del page[key]
    found.unnamed.extend(page)
    found.bytes += sum(stored.size for stored in page.values())


def _delete(store: ObjectStore, unnamed: dict[str, StoredObject], found: Sweep, older_than: float | None) -> None:
    if older_than is None:
        return
    for stored in unnamed.values():
        if stored.modified <= time.time() - older_than:
            store.delete(stored.key)
            found.deleted += 1


def _named(session: Session, keys: Sequence[str]) -> set[str]:
    return set(session.scalars(select(Asset.key).where(Asset.key.in_(keys))))


def _all_keys(session: Session) -> Iterator[str]:
    after = ""
    while True:
        rows = session.execute(select(Asset.id, Asset.key).where(Asset.id > after).order_by(Asset.id).limit(PAGE)).all()
        if not rows:
            return
        yield from (key for _, key in rows)
        after = rows[-1][0]
