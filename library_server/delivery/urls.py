"""Addresses of bytes: files, covers and video, each with its grant. Relative to the host."""

from __future__ import annotations

from library_server.catalogue.dto import AssetView, RecordCard
from library_server.catalogue.enums import PLAYABLE
from library_server.delivery.authorization import issue_grant, visible_cover
from library_server.people.permissions import ANYONE, Visitor


def file_address(record: RecordCard, asset: AssetView | None, visitor: Visitor = ANYONE) -> str | None:
    """Return where the bytes of a record's asset are; None where there is none or the visitor may not fetch it.

    No grant opens an asset for librarians only.
    """
    grant = issue_grant(record, visitor) if asset and not asset.librarians_only else None
    return f"/files/{grant}/{asset.id}" if asset and grant else None


def opening_address(record: RecordCard, asset: AssetView) -> str | None:
    """Return where what an EPUB needs for its first page is; None where the visitor may not fetch it."""
    address = file_address(record, asset)
    return f"{address}/opening" if address and asset.media_type == "application/epub+zip" else None


def cover_address(card: RecordCard, width: int = 240, form: str = "webp", visitor: Visitor = ANYONE) -> str:
    """Return where a record's cover is: a real one in that width that the visitor may see, else the drawn one.

    JPEG is made when asked for.
    """
    if form == "jpg":
        return f"/covers/{card.id}.jpg"
    real = visible_cover(card, visitor)
    has = real.assets if real else {}
    asset_id = has.get(f"{width}.webp") or has.get(f"{width}.jpg")
    grant = issue_grant(card, visitor) if asset_id else None
    return f"/files/{grant}/{asset_id}" if grant else f"/covers/{card.id}.svg"


def hls_address(record: RecordCard, visitor: Visitor = ANYONE) -> str | None:
    """Return where a record's HLS playlist is; None where it does not play or the visitor may not fetch it."""
    grant = issue_grant(record, visitor) if record.kind in PLAYABLE else None
    return f"/video/{grant}/{record.id}/master.m3u8" if grant else None
