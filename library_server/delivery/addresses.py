"""Addresses of bytes: files, covers and video, each with its grant. Relative to the host."""

from __future__ import annotations

from library_server.catalogue.views import AssetView, RecordCard, RecordView
from library_server.catalogue.vocabulary import PLAYABLE, Access
from library_server.delivery.context import delivery
from library_server.people.permissions import Visitor, may_fetch


def file_address(asset: AssetView, access: Access) -> str:
    """Where an asset's bytes are."""
    return f"/files/{delivery().grants.issue(asset.record_id, access)}/{asset.id}"


def cover_address(card: RecordCard, width: int = 240, form: str = "webp") -> str:
    """Where a record's cover is: a real one in that width, else the drawn one; JPEG is made when asked for."""
    has = card.cover.assets if card.cover else {}
    asset_id = has.get(f"{width}.webp") or has.get(f"{width}.jpg")
    if form == "jpg":
        return f"/covers/{card.id}.jpg"
    if asset_id is None:
        return f"/covers/{card.id}.svg"
    return f"/files/{delivery().grants.issue(card.id)}/{asset_id}"


def hls_address(record: RecordView | RecordCard, visitor: Visitor) -> str | None:
    """Where a record's HLS playlist is; None where it does not play or the visitor may not fetch it."""
    if record.kind not in PLAYABLE or not may_fetch(record.access, visitor):
        return None
    return f"/video/{delivery().grants.issue(record.id, record.access)}/{record.id}/master.m3u8"
