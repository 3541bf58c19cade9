"""Pictures that lay beside the file of a record: its cover was made of them, and they are kept as they came."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete
from sqlalchemy.orm import Session

from library_server.catalogue.enums import COVER_SOURCE, AssetRole
from library_server.catalogue.models import Asset
from library_server.catalogue.records import queries
from library_server.catalogue.records.commands import NewAsset, add_asset


def keep(session: Session, record_id: str, pictures: Iterable[NewAsset]) -> None:
    """Give a record the pictures whose bytes are no original in the library yet."""
    for picture in pictures:
        session.flush()
        if not queries.original_exists(session, picture.sha256):
            add_asset(session, record_id, picture)


def release(session: Session, sha256s: Collection[str]) -> None:
    """Detach pictures that become records of their own."""
    kept = (Asset.role == AssetRole.ORIGINAL, Asset.label == COVER_SOURCE, Asset.sha256.in_(sha256s))
    session.execute(delete(Asset).where(*kept))
