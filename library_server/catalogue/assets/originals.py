"""Originals that only librarians may fetch, such as photos that tell where they were taken."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.dto import AssetView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.models import Asset, Entry, Record
from library_server.catalogue.records.views import asset_view


def restricted_in_batch(session: Session, batch_id: str, limit: int) -> list[tuple[AssetView, str]]:
    """The originals for librarians only of the records of a batch, each with the title of its record, oldest first."""
    records = select(Entry.record_id).where(Entry.batch_id == batch_id)
    wanted = (
        select(Asset, Record.title)
        .join(Record, Record.id == Asset.record_id)
        .where(Asset.record_id.in_(records), Asset.role == AssetRole.ORIGINAL, Asset.librarians_only.is_(True))
        .order_by(Asset.id)
        .limit(limit)
    )
    return [(asset_view(found), title) for found, title in session.execute(wanted)]
