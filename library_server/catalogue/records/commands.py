"""Every write to records. Each adds an outbox row in the same transaction, so that the index hears of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from library_server.catalogue import built_in_collections
from library_server.catalogue.bounds import LIMITS, bound_details, bound_draft, bound_holding, bound_text
from library_server.catalogue.built_in_collections import BUILT_IN
from library_server.catalogue.common_fields import common_fields
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
from library_server.catalogue.models.collection_size_listeners import lock_collections
from library_server.catalogue.normalization.classification import normalize_class
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.identifiers import new_id, normalize_isbn
from library_server.catalogue.normalization.text import LONGEST_LANGUAGE, normalize_language, to_storable
from library_server.catalogue.records import fields
from storage_config.messages import CodedError


class CatalogueError(CodedError):
    """A write that cannot be done."""

    code = "catalogue_refused"


class RecordNotFound(CatalogueError):
    """No record of that id."""

    code = "record_missing"


@dataclass(frozen=True)
class NewAsset:
    """Stored bytes that shall belong to a record; `size` in bytes, `sha256` in lower-case hex."""

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
    """Catalogue a new published record; returns its id (`record_id`, where objects already bear it)."""
    record_id = record_id or new_id()
    add_records(session, {record_id: draft}, batch_id=batch_id)
    return record_id


def add_records(session: Session, drafts: Mapping[str, RecordDraft], *, batch_id: str | None = None) -> None:
    """Catalogue new published records by their ids, all in one flush: what is added next may refer to them."""
    session.add_all(_new_record(record_id, draft, batch_id) for record_id, draft in drafts.items())
    session.flush()
    if drafts:
        session.execute(insert(OutboxRow), [{"record_id": record_id, "withdrawn": False} for record_id in drafts])


def _new_record(record_id: str, given: RecordDraft, batch_id: str | None) -> Record:
    draft, _ = bound_draft(given)
    date = parse_date(draft.date) if draft.date else None
    clc = normalize_class(draft.clc) if draft.clc else None
    return Record(
        **common_fields(draft) | {"language": normalize_language(draft.language), "clc": clc},
        id=record_id,
        kind=draft.kind,
        title=draft.title,
        other_titles=list(draft.other_titles),
        date_written=draft.date,
        date_edtf=date.edtf if date else None,
        date_earliest=date.earliest if date else None,
        date_latest=date.latest if date else None,
        access=draft.access,
        downloadable=draft.downloadable,
        status=Status.PUBLISHED,
        details=draft.details,
        source_path=draft.source_path,
        match_key=fields.match_key(fields.of_draft(draft)),
        photo_hash=draft.photo_hash,
        batch_id=batch_id,
        creators=[
            Creator(position=position, name=creator.name, role=creator.role)
            for position, creator in enumerate(draft.creators)
        ],
        subjects=[Subject(position=position, term=term) for position, term in enumerate(draft.subjects)],
        identifiers=_identifiers(draft),
    )


def record_by_local_id(session: Session, local_id: str) -> str | None:
    """The record that was catalogued under a name of our own making (the folder of a course)."""
    named = select(Identifier.record_id).where(Identifier.scheme == "local", Identifier.value == _local(local_id))
    return session.scalar(named.limit(1))


def identifiers_of(draft: RecordDraft) -> set[tuple[str, str]]:
    """The scheme and value of each identifier that a record of this draft gets."""
    return {(identifier.scheme, identifier.value) for identifier in _identifiers(draft)}


def known_identifiers(session: Session, identifiers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some identifiers, by scheme and value, that records have."""
    given = set(identifiers)
    schemes, values = {scheme for scheme, _ in given}, {value for _, value in given}
    named = select(Identifier.scheme, Identifier.value)
    named = named.where(Identifier.scheme.in_(schemes), Identifier.value.in_(values))
    return {row._tuple() for row in session.execute(named)} & given


def add_asset(session: Session, record_id: str, new: NewAsset) -> str:
    """Give a record stored bytes; returns the asset's id."""
    asset = Asset(id=new_id(), record_id=record_id, **_columns(new))
    session.add(asset)
    return asset.id


def add_assets(session: Session, assets: Sequence[tuple[str, NewAsset]]) -> None:
    """Give records (by id) stored bytes, all in one statement: nulls are said, or each set of columns is its own."""
    if assets:
        session.flush()
        session.execute(
            insert(Asset).execution_options(render_nulls=True),
            [{"id": new_id(), "record_id": record_id, **_columns(new)} for record_id, new in assets],
        )


def replace_asset(session: Session, record_id: str, new: NewAsset, *, machine_made: bool = False) -> str:
    """Give a record derived bytes in the place of those of the same role and label."""
    new = replace(new, machine_made=machine_made)
    session.execute(delete(Asset).where(Asset.record_id == record_id, Asset.role == new.role, Asset.label == new.label))
    return add_asset(session, record_id, new)


def set_librarians_only(session: Session, asset_id: str, librarians_only: bool) -> None:
    """Say whether an asset is for librarians only."""
    session.execute(update(Asset).where(Asset.id == asset_id).values(librarians_only=librarians_only))


def add_holding(session: Session, record_id: str, holding: HoldingView, *, is_new: bool = False) -> None:
    """Note printed copies at a place; `is_new` where the record was added in this transaction, so is in the outbox."""
    session.add(Holding(record_id=record_id, **vars(bound_holding(holding))))
    if not is_new:
        enqueue_reindex(session, record_id)


def link(session: Session, source_id: str, kind: LinkType, target_id: str) -> None:
    """Link one record to another; saying it again changes nothing."""
    session.merge(RecordLink(source_id=source_id, type=kind, target_id=target_id))


def collection_of(
    session: Session,
    slug: str,
    title: str | None = None,
    description: str | None = None,
    *,
    impression: bool = False,
    position: int = 100,
) -> str:
    """The id of the collection of that slug, made now where it is new; a built-in one is made as it is built in."""
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


def collection_named(session: Session, slug: str, title: str) -> str:
    """The id of the collection of that title, made now where it is new; a slug that another title has gets a mark."""
    if built_in := built_in_collections.named(title):
        return collection_of(session, built_in.slug)
    has_name = (Collection.title == title) | (Collection.slug == title)
    if collection := _find_or_lock(session, select(Collection).where(has_name).limit(1)):
        return collection.id
    if slug in BUILT_IN or session.scalar(select(Collection.id).where(Collection.slug == slug)):
        slug = f"{slug[:58]}-{hashlib.sha256(title.encode()).hexdigest()[:5]}"
    return collection_of(session, slug, title)


def _find_or_lock(session: Session, statement: Select[Collection]) -> Collection | None:
    """The collection that a statement finds; where there is none, no other transaction can make it from then on."""
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
    """Put records that were added in this transaction into collections: pairs of collection and record, each once."""
    session.add_all(
        CollectionRecord(collection_id=collection_id, record_id=record_id) for collection_id, record_id in members
    )


def withdraw(session: Session, record_id: str, reason: str) -> None:
    """Take a record out of public view; its page answers 410; see `withdrawal` for who is told the reason."""
    record = existing(session, record_id)
    record.status, record.withdrawn_reason = Status.WITHDRAWN, bound_text("withdrawn_reason", reason)
    enqueue_reindex(session, record_id, withdrawn=True)


def set_access(session: Session, record_id: str, access: Access) -> None:
    """Say who may fetch the bytes of a record."""
    existing(session, record_id).access = access
    enqueue_reindex(session, record_id)


def update_details(session: Session, record_id: str, newer: RecordDetails) -> None:
    """Set those details of a record that `newer` states, and keep the others."""
    record = existing(session, record_id)
    record.details = record.details.updated(bound_details(newer))


def enqueue_reindex(session: Session, record_id: str, *, withdrawn: bool = False) -> None:
    """Tell the indexer of a change, in this transaction; `withdrawn` where the record went out of public view."""
    session.add(OutboxRow(record_id=record_id, withdrawn=withdrawn))


def _identifiers(draft: RecordDraft) -> list[Identifier]:
    isbn = normalize_isbn(draft.isbn) if draft.isbn else None
    identifiers = [Identifier(scheme="isbn", value=isbn)] if isbn else []
    if draft.local_id:
        identifiers.append(Identifier(scheme="local", value=_local(draft.local_id)))
    return identifiers


def _columns(new: NewAsset) -> dict[str, object]:
    """An asset's values, as long as their columns are."""
    language = to_storable(new.language)[:LONGEST_LANGUAGE] if new.language else None
    filename = to_storable(new.filename)[: LIMITS["path"]] if new.filename else None
    kept = replace(new, label=to_storable(new.label)[: LIMITS["label"]], language=language, filename=filename,
                   media_type=to_storable(new.media_type)[: LIMITS["media_type"]])  # fmt: skip
    return vars(kept)


def _local(text: str) -> str:
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


def existing(session: Session, record_id: str) -> Record:
    """The row of a record, for what writes to it. Raises `RecordNotFound`."""
    record = session.get(Record, record_id)
    if record is None:
        raise RecordNotFound(record=record_id)
    return record
