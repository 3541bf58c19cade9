"""Versions of the file of a record: readers get the current one, and earlier ones are kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from library_server.catalogue.assets.derivatives import request_public_copy
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.models import Asset
from library_server.catalogue.records.commands import NewAsset, add_asset, enqueue_reindex, update_details
from library_server.catalogue.records.revisions import Actor, add_revision


def add_version(
    session: Session,
    record_id: str,
    original: NewAsset,
    derived: Sequence[NewAsset],
    details: RecordDetails,
    by: Actor,
) -> str:
    """Add a newer original to a record, and replace its derived objects with those of the new original.

    Returns the id of the new asset. The rows of the earlier derived objects are deleted; a sweep deletes their bytes.
    """
    superseded_id = _supersede_originals(session, record_id)
    session.execute(delete(Asset).where(Asset.record_id == record_id, Asset.role != AssetRole.ORIGINAL))
    asset_id = add_asset(session, record_id, original)
    for new in derived:
        add_asset(session, record_id, new)
    update_details(session, record_id, details)
    add_revision(session, record_id, "version", by, {"original": [superseded_id, asset_id]})
    enqueue_reindex(session, record_id)
    return asset_id


def restore_version(session: Session, asset_id: str, record_id: str, by: Actor) -> None:
    """Make an earlier version current again, because its file was ingested again."""
    superseded_id = _supersede_originals(session, record_id)
    session.execute(update(Asset).where(Asset.id == asset_id).values(superseded=False))
    request_public_copy(session, record_id)
    add_revision(session, record_id, "version", by, {"original": [superseded_id, asset_id]})
    enqueue_reindex(session, record_id)


def _supersede_originals(session: Session, record_id: str) -> str | None:
    """Make the originals of a record earlier versions; returns the id of the one that was current."""
    originals = (Asset.record_id == record_id, Asset.role == AssetRole.ORIGINAL)
    current = select(Asset.id).where(*originals, Asset.superseded.is_(False)).order_by(Asset.id).limit(1)
    current_id = session.scalar(current)
    session.execute(update(Asset).where(*originals).values(superseded=True))
    return current_id
