"""Originals: files of records, pictures that came with them, and files that only librarians may fetch."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import COVER_SOURCE, AssetRole
from library_server.catalogue.models import Asset, Entry, Record
from library_server.catalogue.records.views import asset_view

IS_FILE = (Asset.role == AssetRole.ORIGINAL, Asset.label != COVER_SOURCE)
"""Conditions of an original that is the file of its record."""
IS_SIDECAR_PICTURE = (Asset.role == AssetRole.ORIGINAL, Asset.label == COVER_SOURCE)
"""Conditions of an original that is a picture kept with the file of its record."""


def restricted_in_batch(session: Session, batch_id: str, limit: int) -> list[tuple[AssetView, str]]:
    """Return the originals for librarians only of the records of a batch, each with the title of its record, oldest
    first.

    Photos that tell where they were taken are such originals.
    """
    records = select(Entry.record_id).where(Entry.batch_id == batch_id)
    statement = (
        select(Asset, Record.title)
        .join(Record, Record.id == Asset.record_id)
        .where(Asset.record_id.in_(records), Asset.role == AssetRole.ORIGINAL, Asset.librarians_only.is_(True))
        .order_by(Asset.id)
        .limit(limit)
    )
    return [(asset_view(asset), title) for asset, title in session.execute(statement)]
