"""The objects that rows of the catalogue name, in pages and in the order of their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import Asset
from library_server.database.engine import Database, collate_bytewise
from storage_config.fixity.verification import Condition, ObjectRef

PAGE = 5000


@dataclass(frozen=True)
class NamedObject(ObjectRef):
    """An object that a row names, with its asset and record."""

    asset_id: str
    record_id: str
    role: str


def named_objects(database: Database, prefix: str) -> Iterator[NamedObject]:
    """Yield every object that should be there under a prefix, by key; no session is held open between pages."""
    after = prefix
    while True:
        with database.reading() as session:
            page = _load_page(session, prefix, after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].key


def objects_of(database: Database) -> Callable[[str], Iterator[NamedObject]]:
    """`named_objects` of a database, for a prefix that is given later."""
    return partial(named_objects, database)


def keys_in_use(session: Session, keys: Sequence[str]) -> set[str]:
    """Return the keys among these that a row names now."""
    return set(session.scalars(select(Asset.key).where(Asset.key.in_(keys))))


def _load_page(session: Session, prefix: str, after: str) -> list[NamedObject]:
    key = collate_bytewise(session, Asset.key)
    statement = (
        select(Asset.key, Asset.sha256, Asset.size, Asset.id, Asset.record_id, Asset.role)
        .where(key > after, key < prefix + "\x7f", Asset.condition != Condition.DROPPED)
        .order_by(key)
        .limit(PAGE)
    )
    return [NamedObject(*row) for row in session.execute(statement)]
