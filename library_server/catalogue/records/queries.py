"""Reads of records: each function runs a fixed number of queries; long lists are keyset pages."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session, load_only, selectinload

from library_server.catalogue.assets.originals import IS_FILE
from library_server.catalogue.dto import (
    AssetView,
    CollectionView,
    RecordCard,
    RecordView,
)
from library_server.catalogue.enums import Access, AssetRole, Kind, LinkType, Status
from library_server.catalogue.models import (
    Asset,
    Collection,
    CollectionRecord,
    Holding,
    Record,
    RecordLink,
)
from library_server.catalogue.parts.natural_order import part_key
from library_server.catalogue.records.views import (
    CARD_ABSTRACT,
    CARD_TITLE,
    PICTURES,
    asset_view,
    record_card,
    record_view,
)
from library_server.database.engine import collate_bytewise
from storage_config.fixity.verification import Condition

_WITH_LISTS = (selectinload(Record.creators), selectinload(Record.subjects), selectinload(Record.identifiers))
_ORIGINAL_ID = select(Asset.id).where(Asset.sha256 == bindparam("sha256"), *IS_FILE).limit(1)  # built once


def find_record(session: Session, record_id: str) -> RecordView | None:
    """Return a record with all that may be shown, of any status; None where there is none."""
    row = session.get(Record, record_id, options=_WITH_LISTS)
    return _record_views(session, [row])[record_id] if row else None


def records(session: Session, ids: AnyCollection[str]) -> dict[str, RecordView]:
    """Return records by their ids, each as `find_record` gives it; unknown ones are left out."""
    return _record_views(session, session.scalars(select(Record).where(Record.id.in_(ids)).options(*_WITH_LISTS)).all())


def _record_views(session: Session, rows: Sequence[Record]) -> dict[str, RecordView]:
    ids = [row.id for row in rows]
    assets: dict[str, list[AssetView]] = {}
    there = select(Asset).where(Asset.record_id.in_(ids), Asset.condition != Condition.DROPPED)
    for asset in session.scalars(there.order_by(Asset.id)):
        assets.setdefault(asset.record_id, []).append(asset_view(asset))
    holdings: dict[str, list[Holding]] = {}
    held = select(Holding).where(Holding.record_id.in_(ids)).order_by(collate_bytewise(session, Holding.place))
    for holding in session.scalars(held):
        holdings.setdefault(holding.record_id, []).append(holding)
    return {row.id: record_view(row, assets.get(row.id, []), holdings.get(row.id, [])) for row in rows}


def load_cards(session: Session, ids: Sequence[str]) -> list[RecordCard]:
    """Return the cards of these records in the order asked for; withdrawn and unknown ones are left out."""
    published = select(Record).where(Record.id.in_(ids), Record.status == Status.PUBLISHED)
    by_id = {card.id: card for card in _load_cards(session, published)}
    return [by_id[record_id] for record_id in ids if record_id in by_id]


def list_newest(
    session: Session, *, kinds: Iterable[Kind] = (), before: str | None = None, limit: int = 24
) -> list[RecordCard]:
    """Return the records last added, newest first; `before` is the last id of the page before (a keyset page)."""
    return _load_cards(session, newest_query(tuple(kinds), before, limit))


def newest_query(kinds: Sequence[Kind], before: str | None, limit: int) -> Select[Record]:
    """Return the statement of `list_newest`; it is a function of its own so that a test can EXPLAIN it.

    Each kind is read by the index on status, kind and id by itself: with a list of kinds, the database may walk all
    records by id until it has found enough of kinds that hardly occur.
    """
    if len(kinds) < 2:
        return _limit_page(select(Record).where(*_published_conditions(kinds)), before, limit)
    newest_of_each = [_newest_ids(kind, before, limit) for kind in kinds]
    return select(Record).where(Record.id.in_(union_all(*newest_of_each))).order_by(Record.id.desc()).limit(limit)


def _newest_ids(kind: Kind, before: str | None, limit: int) -> Select[str]:
    ids = select(Record.id).where(*_published_conditions([kind]))
    if before:
        ids = ids.where(Record.id < before)
    newest_of_kind = ids.order_by(Record.id.desc()).limit(limit).subquery()
    return select(newest_of_kind.c.id)


def in_collection(session: Session, slug: str, *, before: str | None = None, limit: int = 24) -> list[RecordCard]:
    """Return the records of a collection, newest first."""
    members = (
        select(Record)
        .join(CollectionRecord, CollectionRecord.record_id == Record.id)
        .join(Collection, Collection.id == CollectionRecord.collection_id)
        .where(Collection.slug == slug, Record.status == Status.PUBLISHED)
    )
    return _load_cards(session, _limit_page(members, before, limit))


def list_parts(session: Session, record_id: str) -> list[RecordCard]:
    """Return the parts of a record (the lectures of a course), by number; those of one number by their titles."""
    linked = (
        select(Record)
        .join(RecordLink, RecordLink.source_id == Record.id)
        .where(
            RecordLink.target_id == record_id,
            RecordLink.type == LinkType.PART_OF,
            Record.status == Status.PUBLISHED,
        )
    )
    return sorted(_load_cards(session, linked), key=lambda part: (part_key(part.part_number, part.title), part.id))


def find_parent(session: Session, record_id: str) -> RecordCard | None:
    """Return the record that a record is a part of."""
    return next(iter(_list_linked(session, record_id, LinkType.PART_OF)), None)


def list_related(session: Session, record_id: str) -> list[RecordCard]:
    """Return the records that this one is about or shows, and those that are about or show this one."""
    kinds = (LinkType.ABOUT, LinkType.SHOWS)
    outward = select(RecordLink.target_id).where(RecordLink.source_id == record_id, RecordLink.type.in_(kinds))
    inward = select(RecordLink.source_id).where(RecordLink.target_id == record_id, RecordLink.type.in_(kinds))
    records = select(Record).where(Record.id.in_(outward.union(inward)), Record.status == Status.PUBLISHED)
    return _load_cards(session, records.order_by(Record.id).limit(24))


def published_ids(session: Session, after: str, limit: int) -> list[str]:
    """Return ids of published records above `after`, ascending: the keyset walk of a rebuild."""
    ids = select(Record.id).where(Record.status == Status.PUBLISHED, Record.id > after)
    return list(session.scalars(ids.order_by(Record.id).limit(limit)))


def collection_titles(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the titles of the collections of records."""
    titles: dict[str, tuple[str, ...]] = {}
    members = (
        select(CollectionRecord.record_id, Collection.title)
        .join(Collection)
        .where(CollectionRecord.record_id.in_(ids))
        .order_by(Collection.position, Collection.slug)
    )
    for record_id, title in session.execute(members):
        titles[record_id] = (*titles.get(record_id, ()), title)
    return titles


def chosen_ids(
    session: Session,
    *,
    kind: str | None = None,
    collection: str | None = None,
    batch: str | None = None,
    after: str = "",
    limit: int = 500,
) -> list[str]:
    """Return ids of published records above `after`, ascending, narrowed by kind, collection (slug) and batch."""
    chosen = select(Record.id).where(Record.status == Status.PUBLISHED, Record.id > after)
    if kind:
        chosen = chosen.where(Record.kind == kind)
    if batch:
        chosen = chosen.where(Record.batch_id == batch)
    if collection:
        members = select(CollectionRecord.record_id).join(Collection).where(Collection.slug == collection)
        chosen = chosen.where(Record.id.in_(members))
    return list(session.scalars(chosen.order_by(Record.id).limit(limit)))


def titles_by_slug(session: Session) -> dict[str, str]:
    """Return the title of every collection by its slug; nothing is counted."""
    return {slug: title for slug, title in session.execute(select(Collection.slug, Collection.title))}


def list_collections(session: Session) -> list[CollectionView]:
    """Return every collection, those of 天元印象 first, with how many published records each holds."""
    statement = select(Collection).order_by(Collection.impression.desc(), Collection.position, Collection.slug)
    return [_collection_view(row) for row in session.scalars(statement)]


def find_collection(session: Session, slug: str) -> CollectionView | None:
    """Return a collection, with how many published records it holds."""
    row = session.scalar(select(Collection).where(Collection.slug == slug))
    return _collection_view(row) if row else None


def _collection_view(row: Collection) -> CollectionView:
    return CollectionView(row.slug, row.title, row.description, row.impression, row.size)


def find_asset(session: Session, asset_id: str) -> AssetView | None:
    """Return an asset by its id."""
    row = session.get(Asset, asset_id)
    return asset_view(row) if row else None


def original_exists(session: Session, sha256: str) -> bool:
    """Return whether an original of these bytes is catalogued; asked for every file of an ingest, so without
    its row.
    """
    return session.connection().execute(_ORIGINAL_ID, {"sha256": sha256}).first() is not None


def original_by_sha256(session: Session, sha256: str) -> AssetView | None:
    """Return the original of these bytes, wherever it was catalogued; a sidecar picture is no original file."""
    original = session.scalar(select(Asset).where(Asset.sha256 == sha256, *IS_FILE))
    return asset_view(original) if original else None


def list_playable(session: Session, limit: int = 5000) -> list[RecordCard]:
    """Return public films, lectures, performances and recordings that have an original, oldest first."""
    kinds = [Kind.FILM, Kind.LECTURE, Kind.PERFORMANCE, Kind.AUDIO]
    has_original = select(Asset.id).where(Asset.record_id == Record.id, Asset.role == AssetRole.ORIGINAL).exists()
    statement = (
        select(Record)
        .where(*_published_conditions(kinds), Record.access == Access.PUBLIC, has_original)
        .order_by(Record.id)
        .limit(limit)
    )
    return _load_cards(session, statement)


def is_empty(session: Session) -> bool:
    """Return whether readers can find no record at all; counting them would read an index from one end to the other."""
    return session.scalar(select(Record.id).where(Record.status == Status.PUBLISHED).limit(1)) is None


def count_published(session: Session) -> int:
    """Return how many records readers can find."""
    return session.scalar(select(func.count()).where(Record.status == Status.PUBLISHED)) or 0


def access_levels(session: Session, ids: AnyCollection[str]) -> dict[str, str]:
    """Return the access levels of records, by their ids."""
    levels = session.execute(select(Record.id, Record.access).where(Record.id.in_(ids)))
    return {record_id: str(access) for record_id, access in levels}


def ids_of_batch(session: Session, batch_id: str, ids: AnyCollection[str]) -> list[str]:
    """Return those of `ids` whose records a batch added."""
    return list(session.scalars(select(Record.id).where(Record.id.in_(ids), Record.batch_id == batch_id)))


def find_restriction(session: Session, record_id: str) -> str | None:
    """Return why a public grant must not open a record: its access level, or `withdrawn`, also where there is none."""
    row = session.execute(select(Record.access, Record.status).where(Record.id == record_id)).first()
    if row is None or row.status != Status.PUBLISHED:
        return str(Status.WITHDRAWN)
    return None if row.access == Access.PUBLIC else str(row.access)


def _published_conditions(kinds: Sequence[Kind]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Record.status == Status.PUBLISHED]
    if len(kinds) == 1:
        return [*conditions, Record.kind == kinds[0]]
    return [*conditions, Record.kind.in_(kinds)] if kinds else conditions


def _limit_page(statement: Select[Record], before: str | None, limit: int) -> Select[Record]:
    if before:
        statement = statement.where(Record.id < before)
    return statement.order_by(Record.id.desc()).limit(limit)


def _list_linked(session: Session, record_id: str, kind: LinkType) -> list[RecordCard]:
    statement = (
        select(Record)
        .join(RecordLink, RecordLink.target_id == Record.id)
        .where(RecordLink.source_id == record_id, RecordLink.type == kind, Record.status == Status.PUBLISHED)
    )
    return _load_cards(session, statement)


def _load_cards(session: Session, statement: Select[Record]) -> list[RecordCard]:
    """Return the cards of the records of a statement; of a title and an abstract only the beginning is read."""
    columns = (func.substr(Record.title, 1, CARD_TITLE + 1), func.substr(Record.abstract, 1, CARD_ABSTRACT + 1))
    loads = load_only(
        Record.kind, Record.date_earliest, Record.clc, Record.part_number, Record.duration_ms, Record.access,
        Record.details,
    )  # fmt: skip
    rows = session.execute(statement.options(loads, selectinload(Record.creators)).add_columns(*columns)).all()
    records = [row[0] for row in rows]
    pictures: dict[str, list[Asset]] = {}
    stored = (Asset.role.in_(PICTURES), Asset.condition != Condition.DROPPED)
    of_records = select(Asset).where(Asset.record_id.in_([record.id for record in records]), *stored)
    for picture in session.scalars(of_records) if records else ():
        pictures.setdefault(picture.record_id, []).append(picture)
    return [record_card(record, title, abstract, pictures.get(record.id, [])) for record, title, abstract in rows]
