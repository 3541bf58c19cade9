"""Writes to records, and the look-ups they need. What changes the index adds an outbox row in the same transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from library_server.catalogue import built_in_collections
from library_server.catalogue.bounds import LIMITS, bound_details, bound_draft, bound_holding, bound_text
from library_server.catalogue.built_in_collections import BUILT_IN
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import HoldingView, RecordDraft
from library_server.catalogue.enums import Access, LinkType, Status
from library_server.catalogue.models import (
    Asset,
    Collection,
    CollectionRecord,
    Creator,
    Holding,
    Identifier,
    OutboxRow,
    Record,
    RecordLink,
    Subject,
)
from library_server.catalogue.models.collection_size_listeners import add_to_sizes, lock_collections
from library_server.catalogue.normalization.identifiers import new_id
from library_server.catalogue.normalization.text import LONGEST_LANGUAGE, to_storable
from library_server.catalogue.records.new_record_rows import (
    draft_identifiers,
    hashed_id,
    insert_rows,
    new_record_rows,
)
from storage_config.messages import CodedError


class CatalogueError(CodedError):
    """Base of errors of the catalogue: a write is refused."""

    code = "catalogue_refused"


class RecordNotFound(CatalogueError):
    """No record of that id."""

    code = "record_missing"


@dataclass(frozen=True)
class NewAsset:
    """Stored bytes to be added to a record; `size` in bytes, `sha256` in lower-case hex."""

    role: str
    media_type: str
    size: int
    sha256: str
    key: str
    label: str = ""
    language: str | None = None
    filename: str | None = None
    superseded: bool = False
    machine_made: bool = False
    librarians_only: bool = False


def add_record(
    session: Session, draft: RecordDraft, *, batch_id: str | None = None, record_id: str | None = None
) -> str:
    """Catalogue a new published record; returns its id (`record_id` where keys of stored objects contain it)."""
    record_id = record_id or new_id()
    add_records(session, {record_id: draft}, batch_id=batch_id)
    return record_id


def add_records(
    session: Session, drafts: Mapping[str, RecordDraft], *, batch_id: str | None = None, is_bounded: bool = False
) -> None:
    """Catalogue new published records by their ids, in one statement for each table: what is added next may refer to
    them. `is_bounded` where the drafts went through `bound_draft` already.
    """
    records = [new_record_rows(record_id, draft if is_bounded else bound_draft(draft)[0], batch_id)
               for record_id, draft in drafts.items()]  # fmt: skip
    insert_rows(session, Record, [record.columns for record in records])
    insert_rows(session, Creator, [row for record in records for row in record.creators])
    insert_rows(session, Subject, [row for record in records for row in record.subjects])
    insert_rows(session, Identifier, [row for record in records for row in record.identifiers])
    insert_rows(session, OutboxRow, [{"record_id": record_id, "withdrawn": False} for record_id in drafts])


def find_id_by_local_id(session: Session, local_id: str) -> str | None:
    """Return the record that was catalogued under a local identifier (the folder of a course); None where there is
    none.
    """
    return records_by_local_ids(session, [local_id]).get(local_id)


def records_by_local_ids(session: Session, local_ids: Iterable[str]) -> dict[str, str]:
    """Return the records that were catalogued under local identifiers; those that no record has are left out."""
    values = {hashed_id(local_id): local_id for local_id in local_ids}
    named = select(Identifier.value, Identifier.record_id).order_by(Identifier.record_id.desc())
    rows = session.execute(named.where(Identifier.scheme == "local", Identifier.value.in_(values)))
    return {values[value]: record_id for value, record_id in rows}


def identifiers_of(draft: RecordDraft) -> set[tuple[str, str]]:
    """Return the scheme and value of each identifier that a record of this draft gets."""
    return set(draft_identifiers(draft))


def known_identifiers(session: Session, identifiers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of `identifiers`, by scheme and value, that records have."""
    given = set(identifiers)
    schemes, values = {scheme for scheme, _ in given}, {value for _, value in given}
    named = select(Identifier.scheme, Identifier.value)
    named = named.where(Identifier.scheme.in_(schemes), Identifier.value.in_(values))
    return {row._tuple() for row in session.execute(named)} & given


def add_asset(session: Session, record_id: str, new: NewAsset) -> str:
    """Add an asset to a record; returns its id."""
    asset = Asset(id=new_id(), record_id=record_id, **_asset_columns(new))
    session.add(asset)
    return asset.id


def add_assets(session: Session, assets: Sequence[tuple[str, NewAsset]]) -> None:
    """Add assets to records by their ids, in one statement."""
    rows = [{"id": new_id(), "record_id": record_id, **_asset_columns(new)} for record_id, new in assets]
    insert_rows(session, Asset, rows)


def replace_asset(session: Session, record_id: str, new: NewAsset, *, machine_made: bool = False) -> str:
    """Add an asset to a record and delete those of the same role and label; returns the id of the new one."""
    new = replace(new, machine_made=machine_made)
    session.execute(delete(Asset).where(Asset.record_id == record_id, Asset.role == new.role, Asset.label == new.label))
    return add_asset(session, record_id, new)


def set_librarians_only(session: Session, asset_id: str, librarians_only: bool) -> None:
    """Set whether an asset is for librarians only."""
    session.execute(update(Asset).where(Asset.id == asset_id).values(librarians_only=librarians_only))


def add_holding(session: Session, record_id: str, holding: HoldingView) -> None:
    """Add a holding: printed copies at a place."""
    session.add(Holding(record_id=record_id, **vars(bound_holding(holding))))
    enqueue_reindex(session, record_id)


def add_new_holdings(session: Session, holdings: Iterable[tuple[str, HoldingView]]) -> None:
    """Add holdings to records, by their ids, that were added in this transaction."""
    rows = [{"record_id": record_id, **vars(bound_holding(holding))} for record_id, holding in holdings]
    insert_rows(session, Holding, rows)


def add_link(session: Session, source_id: str, kind: LinkType, target_id: str) -> None:
    """Link one record to another; a second call changes nothing."""
    session.merge(RecordLink(source_id=source_id, type=kind, target_id=target_id))


def get_or_create_collection(
    session: Session,
    slug: str,
    title: str | None = None,
    description: str | None = None,
    *,
    impression: bool = False,
    position: int = 100,
) -> str:
    """Return the id of the collection of that slug, which is made if there is none; a built-in one with its own
    title.
    """
    collection = _find_or_lock(session, select(Collection).where(Collection.slug == slug))
    if collection is None:
        if built_in := BUILT_IN.get(slug):
            title, impression, position = built_in.title, True, built_in.position
        collection = Collection(
            slug=slug,
            title=title or slug,
            description=description,
            impression=impression,
            position=position,
        )
        session.add(collection)
        session.flush()
    return collection.id


def get_or_create_named_collection(session: Session, slug: str, title: str) -> str:
    """Return the id of the collection of that title, made now where it is new; a slug of another title gets a
    suffix.
    """
    if built_in := built_in_collections.find_built_in(title):
        return get_or_create_collection(session, built_in.slug)
    has_name = (Collection.title == title) | (Collection.slug == title)
    if collection := _find_or_lock(session, select(Collection).where(has_name).limit(1)):
        return collection.id
    if slug in BUILT_IN or session.scalar(select(Collection.id).where(Collection.slug == slug)):
        slug = f"{slug[:58]}-{hashlib.sha256(title.encode()).hexdigest()[:5]}"
    return get_or_create_collection(session, slug, title)


def _find_or_lock(session: Session, statement: Select[Collection]) -> Collection | None:
    """Return the collection that a statement finds; where there is none, no other transaction can make it from then
    on.
    """
    collection = session.scalar(statement)
    if collection is None:
        lock_collections(session)
        collection = session.scalar(statement)
    return collection


def add_to_collection(session: Session, collection_id: str, record_id: str) -> None:
    """Put a record into a collection; saying it again changes nothing."""
    if session.get(CollectionRecord, (collection_id, record_id)) is None:
        session.add(CollectionRecord(collection_id=collection_id, record_id=record_id))
        enqueue_reindex(session, record_id)


def remove_from_collection(session: Session, collection_id: str, record_id: str) -> None:
    """Take a record out of a collection."""
    if (member := session.get(CollectionRecord, (collection_id, record_id))) is not None:
        session.delete(member)
        enqueue_reindex(session, record_id)


def add_new_to_collections(session: Session, members: Iterable[tuple[str, str]]) -> None:
    """Add records that were added in this transaction to collections: pairs of collection and record, each once."""
    rows = [{"collection_id": collection_id, "record_id": record_id} for collection_id, record_id in members]
    if rows:
        lock_collections(session)
        insert_rows(session, CollectionRecord, rows)
        add_to_sizes(session, Counter(row["collection_id"] for row in rows))


def withdraw(session: Session, record_id: str, reason: str) -> None:
    """Take a record out of public view; its page answers 410; see `withdrawal` for who is told the reason."""
    record = get_record(session, record_id)
    record.status, record.withdrawn_reason = Status.WITHDRAWN, bound_text("withdrawn_reason", reason)
    enqueue_reindex(session, record_id, withdrawn=True)


def set_access(session: Session, record_id: str, access: Access) -> None:
    """Set who may fetch the bytes of a record."""
    get_record(session, record_id).access = access
    enqueue_reindex(session, record_id)


def update_details(session: Session, record_id: str, newer: RecordDetails) -> None:
    """Set the details that `newer` has, and keep the others."""
    record = get_record(session, record_id)
    record.details = record.details.merge(bound_details(newer))


def enqueue_reindex(session: Session, record_id: str, *, withdrawn: bool = False) -> None:
    """Add an outbox row for the index in this transaction; `withdrawn` where the record went out of public view."""
    session.add(OutboxRow(record_id=record_id, withdrawn=withdrawn))


def _asset_columns(new: NewAsset) -> dict[str, object]:
    """Return the values of an asset by column, at most as long as the columns."""
    language = to_storable(new.language)[:LONGEST_LANGUAGE] if new.language else None
    filename = to_storable(new.filename)[: LIMITS["path"]] if new.filename else None
    bounded = replace(new, label=to_storable(new.label)[: LIMITS["label"]], language=language, filename=filename,
                   media_type=to_storable(new.media_type)[: LIMITS["media_type"]])  # fmt: skip
    return vars(bounded)


def get_record(session: Session, record_id: str) -> Record:
    """Return the row of a record, to be changed. Raises `RecordNotFound`."""
    record = session.get(Record, record_id)
    if record is None:
        raise RecordNotFound(record=record_id)
    return record
