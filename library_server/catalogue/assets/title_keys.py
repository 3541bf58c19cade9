"""Keys by which records of one work are found: the title of a book with a file as an identifier of our own, and the
keys of descriptions (`fields.match_key`).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from library_server.catalogue.records import fields

SCHEME = "work"
"""The scheme of these identifiers."""
_SHORTEST_TITLE = 2
_PAGE = 1_000  # books at a time
# of the columns alone that are read here: migrations run before later ones have added others
_RECORDS = sa.table(
    "records",
    *(sa.column(name, sa.String) for name in ("id", "kind", "title", "publisher", "date_written", "match_key")),
)
_CREATORS = sa.table(
    "creators", sa.column("record_id", sa.String), sa.column("position", sa.Integer), sa.column("name")
)
_ASSETS = sa.table("assets", *(sa.column(name, sa.String) for name in ("record_id", "role")))
_IDENTIFIERS = sa.table("identifiers", *(sa.column(name, sa.String) for name in ("record_id", "scheme", "value")))


def title_key(title: str) -> str | None:
    """Return the key of a title; None where it is too short to tell books apart."""
    key = fields.bare_title(title)
    return key if len(key) >= _SHORTEST_TITLE else None


def rewrite_title_keys(connection: Connection) -> int:
    """Give every book with a file the key of its title, in place of one by an older rule; returns how many changed.

    For migrations, after the rule has changed.
    """
    changed, after = 0, ""
    has_file = sa.exists().where(_ASSETS.c.record_id == _RECORDS.c.id, _ASSETS.c.role == "original")
    books = sa.select(_RECORDS.c.id, _RECORDS.c.title).where(_RECORDS.c.kind == "book", has_file)
    while page := connection.execute(books.where(_RECORDS.c.id > after).order_by(_RECORDS.c.id).limit(_PAGE)).all():
        after = page[-1].id
        is_key = (_IDENTIFIERS.c.scheme == SCHEME, _IDENTIFIERS.c.record_id.in_([book.id for book in page]))
        stored: dict[str, set[str]] = {}
        for record_id, value in connection.execute(
            sa.select(_IDENTIFIERS.c.record_id, _IDENTIFIERS.c.value).where(*is_key)
        ):
            stored.setdefault(record_id, set()).add(value)
        keys = {book.id: title_key(book.title) for book in page}
        stale = [record_id for record_id, key in keys.items() if stored.get(record_id, set()) != ({key} - {None})]
        if stale:
            connection.execute(
                sa.delete(_IDENTIFIERS).where(_IDENTIFIERS.c.scheme == SCHEME, _IDENTIFIERS.c.record_id.in_(stale))
            )
        rows = [
            {"record_id": record_id, "scheme": SCHEME, "value": key} for record_id in stale if (key := keys[record_id])
        ]
        if rows:
            connection.execute(sa.insert(_IDENTIFIERS), rows)
        changed += len(stale)
    return changed


def rewrite_match_keys(connection: Connection) -> int:
    """Give every record the `match_key` of today's rule; returns how many changed. For migrations."""
    changed, after = 0, ""
    first = _CREATORS.c.position == 0
    columns = (_RECORDS.c.id, _RECORDS.c.kind, _RECORDS.c.title, _RECORDS.c.publisher, _RECORDS.c.date_written)
    joined = _RECORDS.outerjoin(_CREATORS, sa.and_(_CREATORS.c.record_id == _RECORDS.c.id, first))
    records = sa.select(*columns, _RECORDS.c.match_key, _CREATORS.c.name).select_from(joined)
    while page := connection.execute(records.where(_RECORDS.c.id > after).order_by(_RECORDS.c.id).limit(_PAGE)).all():
        after = page[-1].id
        rows: list[dict[str, str | None]] = []
        for record in page:
            described = {"kind": record.kind, "title": record.title, "publisher": record.publisher}
            creators = [[record.name]] if record.name else []
            key = fields.match_key(described | {"creators": creators, "date": record.date_written})
            rows += [{"record": record.id, "key": key}] if key != record.match_key else []
        if rows:
            update = sa.update(_RECORDS).where(_RECORDS.c.id == sa.bindparam("record"))
            connection.execute(update.values(match_key=sa.bindparam("key")), rows)
        changed += len(rows)
    return changed
