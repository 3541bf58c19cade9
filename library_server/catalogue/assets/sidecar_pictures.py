"""Sidecar pictures: they lay next to the file of a record, its cover was made of them, and they are kept as they came.

A picture may be kept by several records, and be a record of its own as well. What one of them restricts, another that
states no access must not publish: the picture by itself takes the strictest access of the records that keep it. Where
the access of the picture is its own and stricter than that of a record that keeps it, or somebody withdrew the picture,
that record loses the picture and the cover made of it. Two records that keep the same picture do not affect each other:
it may be the picture of a series.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library_server.catalogue.assets import derivatives
from library_server.catalogue.assets.originals import IS_FILE, IS_SIDECAR_PICTURE
from library_server.catalogue.enums import AssetRole, Status, find_strictest
from library_server.catalogue.models import Asset, Record
from library_server.catalogue.records.access_provenance import SAME_BYTES, has_source
from library_server.catalogue.records.commands import NewAsset, add_asset
from library_server.catalogue.records.merges.merging import is_withdrawn_by_hand
from library_server.catalogue.records.revisions import Actor, last_change_is_by_hand, revise, save_access_statements


def is_kept(session: Session, record_id: str, sha256: str) -> bool:
    """Return whether a record has a picture, as one that it keeps or as its own file."""
    same = (Asset.record_id == record_id, Asset.role == AssetRole.ORIGINAL, Asset.sha256 == sha256)
    return session.scalar(select(Asset.id).where(*same).limit(1)) is not None


def add_pictures(session: Session, record_id: str, pictures: Iterable[NewAsset]) -> None:
    """Give a record the pictures that it does not have yet."""
    for picture in pictures:
        session.flush()
        if not is_kept(session, record_id, picture.sha256):
            add_asset(session, record_id, picture)


def are_new(session: Session, record_id: str, pictures: Iterable[NewAsset]) -> bool:
    """Return whether a record does not have one of these pictures yet."""
    return any(not is_kept(session, record_id, picture.sha256) for picture in pictures)


def find_withdrawn_keeper(session: Session, sha256: str) -> str | None:
    """Return a record that keeps a picture and was withdrawn by somebody, not with its batch or by a merge."""
    keepers = (
        select(Record).join(Asset, Asset.record_id == Record.id).where(*IS_SIDECAR_PICTURE, Asset.sha256 == sha256)
    )
    withdrawn = session.scalars(keepers.where(Record.status == Status.WITHDRAWN))
    return next((record.id for record in withdrawn if record.details.undone_batch is None), None)


def reconcile_access(session: Session, record_ids: Collection[str], by: Actor) -> list[str]:
    """Make the access of pictures agree with that of the records that keep them, as far as these records are concerned.

    Returns the ids of the records that lost their cover.
    """
    session.flush()
    theirs = select(Asset.sha256).where(Asset.record_id.in_(record_ids), Asset.role == AssetRole.ORIGINAL)
    shared = session.scalars(select(Asset.sha256).where(*IS_SIDECAR_PICTURE, Asset.sha256.in_(theirs)).distinct()).all()
    of_bytes = select(Record).join(Asset, Asset.record_id == Record.id)
    uncovered: list[str] = []
    for sha256 in shared:
        keepers = session.scalars(of_bytes.where(*IS_SIDECAR_PICTURE, Asset.sha256 == sha256)).all()
        picture = session.scalar(of_bytes.where(*IS_FILE, Asset.sha256 == sha256))
        if picture is not None:
            _restrict_access(session, picture, keepers, by)
            uncovered += _remove_covers(session, picture, keepers, sha256)
    return uncovered


def _restrict_access(session: Session, picture: Record, keepers: Collection[Record], by: Actor) -> None:
    level = str(find_strictest(*(keeper.access for keeper in keepers)))
    if _has_own_access(session, picture) or find_strictest(picture.access, level) == picture.access:
        return
    save_access_statements(
        session, picture.id, {SAME_BYTES: [picture.details.access_stated.get(SAME_BYTES), level]}, by
    )
    revise(session, picture.id, {"access": level}, by)


def _has_own_access(session: Session, picture: Record) -> bool:
    """Return whether the access of a picture is its own, not that of the records that keep it."""
    return has_source(picture.details) or last_change_is_by_hand(session, picture.id, "access")


def _remove_covers(session: Session, picture: Record, keepers: Collection[Record], sha256: str) -> Iterator[str]:
    is_withdrawn = is_withdrawn_by_hand(session, picture)
    if not is_withdrawn and SAME_BYTES in picture.details.access_stated and not _has_own_access(session, picture):
        return
    for keeper in keepers:
        if is_withdrawn or find_strictest(keeper.access, picture.access) != keeper.access:
            session.execute(
                delete(Asset).where(*IS_SIDECAR_PICTURE, Asset.record_id == keeper.id, Asset.sha256 == sha256)
            )
            derivatives.delete_pictures(session, keeper.id)
            keeper.details = replace(keeper.details, cover=None)
            yield keeper.id
