"""Derived objects as a cache: which may be dropped, in what order, and how they are restored.

What can be made again from an undamaged original alone may be dropped. Subtitles and texts stay: they are small, and
some came from sidecar files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.enums import (
    COVER_SOURCE,
    PUBLIC_COPY,
    READING_COPY,
    AssetRole,
    EntryState,
    Kind,
)
from library_server.catalogue.models import Asset, Entry, Record
from library_server.catalogue.records.commands import NewAsset, replace_asset
from storage_config.fixity.verification import Condition

_PICTURES = (AssetRole.COVER, AssetRole.THUMBNAIL, AssetRole.RENDITION)
_STORY_KINDS = (Kind.STORY, Kind.PERSON)
SEEK_PICTURE = "sprite-"


class Cost(StrEnum):
    """What it costs to make an object again: a picture takes a second, an encoded film as long as it plays."""

    PICTURE = "picture"
    ENCODED = "encoded"


@dataclass(frozen=True)
class Droppable:
    """A derived object that may be dropped; `size` in bytes."""

    asset_id: str
    key: str
    size: int


def stored_bytes(session: Session) -> int:
    """Return bytes of all derived objects that are there."""
    statement = select(func.coalesce(func.sum(Asset.size), 0)).where(
        Asset.role != AssetRole.ORIGINAL, Asset.condition == Condition.SOUND
    )
    return int(session.scalar(statement) or 0)


def find_droppable(session: Session, cost: Cost, unused_since: datetime, limit: int) -> list[Droppable]:
    """Objects that may be dropped and were not used since, the least recently used first."""
    original = aliased(Asset)
    last_used = func.coalesce(Asset.used_at, Asset.created_at)
    statement = (
        select(Asset.id, Asset.key, Asset.size)
        .join(Record, Record.id == Asset.record_id)
        .where(
            Asset.condition == Condition.SOUND,
            last_used < unused_since,
            select(original.id)
            .where(
                original.record_id == Asset.record_id,
                original.role == AssetRole.ORIGINAL,
                original.condition == Condition.SOUND,
            )
            .exists(),
            *_conditions_of(cost),
        )
        .order_by(last_used, Asset.id)
        .limit(limit)
    )
    return [Droppable(*row) for row in session.execute(statement)]


def mark_dropped(session: Session, asset_ids: Sequence[str]) -> None:
    """Note that objects are dropped; the caller deletes them after the commit."""
    session.execute(update(Asset).where(Asset.id.in_(asset_ids)).values(condition=Condition.DROPPED))


def dropped_costs(session: Session, record_id: str) -> set[Cost]:
    """Return the costs of the objects of a record that were dropped."""
    rows = session.execute(
        select(Asset.media_type, Asset.label).where(Asset.record_id == record_id, Asset.condition == Condition.DROPPED)
    )
    return {cost_of(media_type, label) for media_type, label in rows}


def restore(session: Session, record_id: str, new: NewAsset) -> bool:
    """Store the new bytes of a dropped asset under its id; returns whether such an asset was dropped."""
    asset = session.scalar(
        select(Asset).where(
            Asset.record_id == record_id,
            Asset.role == new.role,
            Asset.label == new.label,
            Asset.condition == Condition.DROPPED,
        )
    )
    if asset is None:
        return False
    asset.size, asset.sha256, asset.key = new.size, new.sha256, new.key
    asset.media_type, asset.condition = new.media_type, Condition.SOUND
    asset.filename = new.filename
    return True


def restore_or_replace(session: Session, record_id: str, new: NewAsset) -> bool:
    """Store an asset that was dropped, that is missing or whose bytes changed; returns whether anything was stored."""
    if restore(session, record_id, new):
        return True
    same = (Asset.record_id == record_id, Asset.role == new.role, Asset.label == new.label)
    if session.scalar(select(Asset.id).where(*same, Asset.sha256 == new.sha256).limit(1)) is not None:
        return False
    replace_asset(session, record_id, new)
    return True


def dropped_labels(session: Session, record_id: str) -> set[tuple[str, str]]:
    """Role and label of the assets of a record that were dropped."""
    rows = session.execute(
        select(Asset.role, Asset.label).where(Asset.record_id == record_id, Asset.condition == Condition.DROPPED)
    )
    return {(role, label) for role, label in rows}


def delete_dropped_pictures(session: Session, record_id: str) -> None:
    """Delete the rows of dropped pictures. Call it after those that are made today were restored."""
    session.execute(delete(Asset).where(*_pictures_of(record_id), Asset.condition == Condition.DROPPED))


def delete_pictures(session: Session, record_id: str) -> None:
    """Delete the rows of a record's pictures: readers no longer get them, and a sweep finds their bytes."""
    session.execute(delete(Asset).where(*_pictures_of(record_id), Asset.label != PUBLIC_COPY))


def _pictures_of(record_id: str) -> list[ColumnElement[bool]]:
    return [
        Asset.record_id == record_id,
        Asset.role.in_(_PICTURES),
        Asset.media_type.startswith("image/"),
        ~Asset.label.startswith(SEEK_PICTURE),
    ]


def request_public_copy(session: Session, record_id: str) -> None:
    """Mark the public copy of the current file as dropped, so that it is made when it is first requested.

    Call it after another version became current. A file that readers may get as it is needs no copy.
    """
    copies = (Asset.record_id == record_id, Asset.role == AssetRole.RENDITION, Asset.label == PUBLIC_COPY)
    session.execute(update(Asset).where(*copies).values(condition=Condition.DROPPED))
    session.flush()
    original = session.scalar(
        select(Asset).where(
            Asset.record_id == record_id, Asset.role == AssetRole.ORIGINAL, Asset.superseded.is_(False),
            Asset.librarians_only.is_(True),
        ).limit(1)
    )  # fmt: skip
    if original is None or session.scalar(select(Asset.id).where(*copies).limit(1)):
        return
    session.add(
        Asset(
            record_id=record_id, role=AssetRole.RENDITION, label=PUBLIC_COPY, media_type=original.media_type, size=0,
            sha256="", key=f"derivatives/{record_id}/{PUBLIC_COPY}", condition=Condition.DROPPED,
        )
    )  # fmt: skip


def note_used(session: Session, asset_ids: Sequence[str], at: datetime) -> None:
    """Record that these assets were served."""
    session.execute(update(Asset).where(Asset.id.in_(asset_ids)).values(used_at=at))


def cost_of(media_type: str, label: str) -> Cost:
    """Return the cost of making a derived file again."""
    is_picture = media_type.startswith("image/") and not label.startswith(SEEK_PICTURE)
    return Cost.PICTURE if is_picture or label == READING_COPY else Cost.ENCODED


def _conditions_of(cost: Cost) -> list[ColumnElement[bool]]:
    is_seek_picture = Asset.label.startswith(SEEK_PICTURE)
    if cost == Cost.ENCODED:
        return [
            Asset.role == AssetRole.RENDITION,
            Asset.label != READING_COPY,
            ~Asset.media_type.startswith("image/") | is_seek_picture,
        ]
    cover_source = aliased(Asset)
    has_kept = select(cover_source.id).where(
        cover_source.record_id == Asset.record_id,
        cover_source.role == AssetRole.ORIGINAL,
        cover_source.label == COVER_SOURCE,
    )
    joined = select(Entry.id).where(Entry.record_id == Asset.record_id, Entry.state == EntryState.JOINED).exists()
    return [
        Asset.role.in_(_PICTURES),
        Asset.media_type.startswith("image/"),
        ~is_seek_picture,
        Record.kind.not_in(_STORY_KINDS),
        ~joined,
        ~has_kept.exists(),
    ]
