"""Views of records and assets, made of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from library_server.catalogue.bounds import shorten
from library_server.catalogue.common_fields import common_fields
from library_server.catalogue.details import CoverImage
from library_server.catalogue.dto import AssetView, Cover, CreatorName, HoldingView, RecordCard, RecordView
from library_server.catalogue.enums import Access, AssetRole, Kind, Status
from library_server.catalogue.models import Asset, Holding, Record
from library_server.catalogue.models.records import in_utc

PICTURES = (AssetRole.COVER, AssetRole.THUMBNAIL)
CARD_TITLE, CARD_NAME, CARD_NAMES, CARD_ABSTRACT = 500, 200, 50, 5000


def asset_view(asset: Asset) -> AssetView:
    """Return the view of an asset row."""
    return AssetView(
        asset.id,
        asset.record_id,
        asset.role,
        asset.label,
        asset.media_type,
        asset.language,
        asset.size,
        asset.sha256,
        asset.key,
        asset.filename,
        in_utc(asset.created_at),
        asset.superseded,
        asset.machine_made,
        asset.librarians_only,
    )


def record_card(record: Record, title: str, abstract: str | None, pictures: Sequence[Asset | AssetView]) -> RecordCard:
    """Return the card of a record row, of which only the beginnings of title and abstract were read."""
    return _shorten(RecordCard(**_card_fields(record, title, abstract, pictures)))


def _shorten(card: RecordCard) -> RecordCard:
    """Return a card for lists: rows stored before fields were bounded may hold a title of a megabyte."""
    return replace(
        card,
        title=shorten(card.title, CARD_TITLE),
        creators=tuple(shorten(name, CARD_NAME) for name in card.creators[:CARD_NAMES]),
        abstract=shorten(card.abstract, CARD_ABSTRACT) if card.abstract else card.abstract,
    )


def _card_fields(
    record: Record, title: str, abstract: str | None, pictures: Sequence[Asset | AssetView]
) -> dict[str, Any]:
    return {
        "id": record.id,
        "kind": Kind(record.kind),
        "title": title,
        "creators": tuple(creator.name for creator in record.creators),
        "year": record.date_earliest // 10_000 if record.date_earliest else None,
        "abstract": abstract,
        "clc": record.clc,
        "part_number": record.part_number,
        "duration_ms": record.duration_ms,
        "access": Access(record.access),
        "cover": _make_cover(record.details.cover, pictures),
    }


def _make_cover(image: CoverImage | None, pictures: Sequence[Asset | AssetView]) -> Cover | None:
    if image is None or not pictures:
        return None
    return Cover({picture.label: picture.id for picture in pictures}, image.width, image.height, image.color)


def record_view(record: Record, assets: list[AssetView], holdings: Sequence[Holding]) -> RecordView:
    """Return the view of a record row with all that may be shown of it."""
    pictures = [asset for asset in assets if asset.role in PICTURES]
    return RecordView(
        **_card_fields(record, record.title, record.abstract, pictures) | common_fields(record),
        other_titles=tuple(record.other_titles),
        credits=tuple(CreatorName(creator.name, creator.role) for creator in record.creators),
        date_written=record.date_written,
        date_edtf=record.date_edtf,
        date_earliest=record.date_earliest,
        isbns=tuple(identifier.value for identifier in record.identifiers if identifier.scheme == "isbn"),
        subjects=tuple(subject.term for subject in record.subjects),
        downloadable=record.downloadable,
        status=Status(record.status),
        withdrawn_reason=record.withdrawn_reason,
        details=record.details.without_private(),
        added=record.created_at,
        assets=tuple(assets),
        holdings=tuple(HoldingView(holding.place, holding.shelf_mark, holding.copies) for holding in holdings),
    )
