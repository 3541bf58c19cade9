"""Which objects the catalogue names, asked a page at a time: what a sweep compares the store with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import Asset
from library_server.database import Database
from storage_config.errors import ObjectMissing
from storage_config.object_store import ObjectStore

PAGE = 500
_SWEPT = ("originals/", "derivatives/")


@dataclass
class Sweep:
    """Keys of objects that no row names, keys of rows whose object is gone, and the bytes of the former."""

    unnamed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    bytes: int = 0


def sweep(database: Database, store: ObjectStore) -> Sweep:
    """Compare store and catalogue; memory holds a page of names and the findings."""
    found = Sweep()
    for prefix in _SWEPT:
        page: dict[str, int] = {}
        for stored in store.list(prefix):
            page[stored.key] = stored.size
            if len(page) == PAGE:
                _compare(database, page, found)
                page = {}
        _compare(database, page, found)
    with database.reading() as session:
        for key in _all_keys(session):
            try:
                store.head(key)
            except ObjectMissing:
                found.missing.append(key)
    return found


def _compare(database: Database, page: dict[str, int], found: Sweep) -> None:
    with database.reading() as session:
        named = _named(session, list(page))
    for key, size in page.items():
        if key not in named:
            found.unnamed.append(key)
            found.bytes += size


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
