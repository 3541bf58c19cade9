"""Views of records and assets, made of the rows that queries read."""

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


def asset_view(found: Asset) -> AssetView:
    """The view of an asset row."""
    return AssetView(
        found.id,
        found.record_id,
        found.role,
        found.label,
        found.media_type,
        found.language,
        found.size,
        found.sha256,
        found.key,
        found.filename,
        in_utc(found.created_at),
        found.superseded,
        found.machine_made,
        found.librarians_only,
    )


def record_card(found: Record, title: str, abstract: str | None, pictures: Sequence[Asset | AssetView]) -> RecordCard:
    """The card of a record row, of which only the beginnings of title and abstract were read."""
    return _shortened(RecordCard(**_card_fields(found, title, abstract, pictures)))


def _shortened(card: RecordCard) -> RecordCard:
    """A card for lists: rows stored before fields were bounded may hold a title of a megabyte."""
    return replace(
        card,
        title=shorten(card.title, CARD_TITLE),
        creators=tuple(shorten(name, CARD_NAME) for name in card.creators[:CARD_NAMES]),
        abstract=shorten(card.abstract, CARD_ABSTRACT) if card.abstract else card.abstract,
    )


def _card_fields(
    found: Record, title: str, abstract: str | None, pictures: Sequence[Asset | AssetView]
) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": Kind(found.kind),
        "title": title,
        "creators": tuple(creator.name for creator in found.creators),
        "year": found.date_earliest // 10_000 if found.date_earliest else None,
        "abstract": abstract,
        "clc": found.clc,
        "part_number": found.part_number,
        "duration_ms": found.duration_ms,
        "access": Access(found.access),
        "cover": _cover(found.details.cover, pictures),
    }


def _cover(image: CoverImage | None, pictures: Sequence[Asset | AssetView]) -> Cover | None:
    if image is None or not pictures:
        return None
    return Cover({picture.label: picture.id for picture in pictures}, image.width, image.height, image.color)


def record_view(found: Record, assets: list[AssetView], holdings: Sequence[Holding]) -> RecordView:
    """The view of a record row with all that may be shown of it."""
    pictures = [asset for asset in assets if asset.role in PICTURES]
    return RecordView(
        **_card_fields(found, found.title, found.abstract, pictures) | common_fields(found),
        other_titles=tuple(found.other_titles),
        credits=tuple(CreatorName(creator.name, creator.role) for creator in found.creators),
        date_written=found.date_written,
        date_edtf=found.date_edtf,
        date_earliest=found.date_earliest,
        isbns=tuple(one.value for one in found.identifiers if one.scheme == "isbn"),
        subjects=tuple(subject.term for subject in found.subjects),
        downloadable=found.downloadable,
        status=Status(found.status),
        withdrawn_reason=found.withdrawn_reason,
        details=found.details.without_private(),
        added=found.created_at,
        assets=tuple(assets),
        holdings=tuple(HoldingView(one.place, one.shelf_mark, one.copies) for one in holdings),
    )
