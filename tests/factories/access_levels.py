"""A library with a record of every kind at every access level and status, each with assets of every role."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from library_server.catalogue.details import CoverImage, Media, RecordDetails
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import PLAYABLE, Access, AssetRole, Kind, LinkType, Status
from library_server.catalogue.models import Asset, Record
from library_server.catalogue.records import commands
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from storage_config.keys import derivative_key
from tests.factories import pictures

ORIGINALS = {
    Kind.BOOK: "application/epub+zip",
    Kind.STORY: "text/markdown",
    Kind.PERSON: "text/markdown",
    Kind.PHOTO: "image/jpeg",
}
CASES = ("public", "members", "premises", "withdrawn", "merged", "merged-into-members")


@dataclass(frozen=True)
class StoredAsset:
    """An asset as it is stored: its bytes hold `marker`, or are a picture of this record alone."""

    id: str
    record_id: str
    sha256: str
    is_open: bool


@dataclass(frozen=True)
class AccessLibrary:
    """The library, its records by `<kind>-<case>`, and the marker of every stored text."""

    library: Library
    ids: dict[str, str]
    markers: dict[str, str]

    def assets(self) -> dict[str, StoredAsset]:
        """Every asset, and whether anybody may fetch it, as the catalogue says it now."""
        with self.library.database.reading() as session:
            columns = (Asset.id, Asset.record_id, Asset.sha256, Record.access, Record.status)
            rows = session.execute(select(*columns).join(Record, Record.id == Asset.record_id)).all()
        return {
            asset_id: StoredAsset(asset_id, record_id, sha256, access == Access.PUBLIC and status == Status.PUBLISHED)
            for asset_id, record_id, sha256, access, status in rows
        }

    def open_records(self) -> set[str]:
        """Ids of the records whose bytes anybody may fetch."""
        with self.library.database.reading() as session:
            chosen = select(Record.id).where(Record.status == Status.PUBLISHED, Record.access == Access.PUBLIC)
            return set(session.scalars(chosen))

    def closed_markers(self) -> dict[bytes, str]:
        """Markers that no answer to an anonymous visitor may hold, and the assets they stand in."""
        assets = self.assets()
        return {marker.encode(): asset_id for asset_id, marker in self.markers.items() if not assets[asset_id].is_open}


def build(library: Library, scratch: Path) -> AccessLibrary:
    """Fill an empty library."""
    film = pictures.film(scratch / "film.mp4", seconds=2, size="160x120").read_bytes()
    built = AccessLibrary(library, {}, {})
    with library.database.writing() as session:
        shelf = commands.get_or_create_collection(session, "walk", "各种使用范围", impression=True)
        photos = commands.get_or_create_collection(session, "photos", "天元照片", impression=True)
        for kind in Kind:
            for case in (*CASES, "kept", "kept-members"):
                record_id = commands.add_record(session, _draft(kind, case))
                built.ids[f"{kind}-{case}"] = record_id
                commands.add_to_collection(session, shelf, record_id)
                if kind == Kind.PHOTO:
                    commands.add_to_collection(session, photos, record_id)
                for new, marker in _assets(library, record_id, kind, film):
                    built.markers[commands.add_asset(session, record_id, new)] = marker
            course = built.ids[f"{kind}-public"]
            commands.add_link(session, built.ids[f"{kind}-members"], LinkType.PART_OF, course)
            commands.add_link(session, built.ids[f"{kind}-withdrawn"], LinkType.ABOUT, course)
    for kind in Kind:
        with library.database.writing() as session:
            by = Actor("test")
            commands.withdraw(session, built.ids[f"{kind}-withdrawn"], "版权到期")
            merging.merge(session, built.ids[f"{kind}-kept"], built.ids[f"{kind}-merged"], by)
            merging.merge(session, built.ids[f"{kind}-kept-members"], built.ids[f"{kind}-merged-into-members"], by)
    library.indexer.catch_up()
    return built


def _draft(kind: Kind, case: str) -> RecordDraft:
    access = {"members": Access.MEMBERS, "kept-members": Access.MEMBERS, "premises": Access.PREMISES}
    plays = kind in PLAYABLE
    details = RecordDetails(cover=CoverImage(width=240, height=320, color="#334455"), plays=plays)
    if plays and kind != Kind.AUDIO:
        details = replace(details, media=Media(video="h264", width=160, height=120))
    return RecordDraft(
        kind=kind,
        title=f"各处 {kind} {case}",
        creators=(CreatorName("陈守田", "author"),),
        date="1998",
        language="zh",
        clc="S666",
        abstract="大家都能看的简介",
        access=access.get(case, Access.PUBLIC),
        duration_ms=2000 if plays else None,
        details=details,
    )


def _assets(library: Library, record_id: str, kind: Kind, film: bytes) -> Iterator[tuple[NewAsset, str]]:
    original = ORIGINALS.get(kind, "video/mp4")
    playing = film if kind in PLAYABLE else b""
    yield _stored(library, record_id, AssetRole.ORIGINAL, "", original, playing)
    yield _stored(library, record_id, AssetRole.SUBTITLE, "zh", "text/vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\n")
    yield _stored(library, record_id, AssetRole.TEXT, "", "application/json+gzip")
    yield _stored(library, record_id, AssetRole.PAGE_IMAGE, "1.webp", "image/webp", _picture(record_id, "WEBP"))
    yield _stored(library, record_id, AssetRole.RENDITION, "1600.webp", "image/webp", _picture(record_id, "WEBP"))
    yield _stored(library, record_id, AssetRole.RENDITION, "sprites", "text/vtt", b"WEBVTT\n\n")
    yield _stored(library, record_id, AssetRole.RENDITION, "sprite-0.jpg", "image/jpeg", _picture(record_id, "JPEG"))
    cover = AssetRole.COVER if kind == Kind.BOOK else AssetRole.THUMBNAIL
    for label in ("240.webp", "480.webp"):
        yield _stored(library, record_id, cover, label, "image/webp", _picture(record_id, "WEBP"))
    if kind in PLAYABLE:
        yield _stored(library, record_id, AssetRole.RENDITION, "120p", "video/mp4", film)
        yield _stored(library, record_id, AssetRole.RENDITION, "audio", "audio/mp4", film)


def _stored(
    library: Library, record_id: str, role: str, label: str, media_type: str, data: bytes = b""
) -> tuple[NewAsset, str]:
    marker = f"only-for-those-who-may-{hashlib.sha256(f'{record_id}{role}{label}'.encode()).hexdigest()[:20]}"
    if role == AssetRole.TEXT:
        passage = {"type": "chapter", "value": "1", "label": "正文", "text": marker}
        body = gzip.compress(json.dumps({"passages": [passage]}).encode(), mtime=0)
    else:
        body = data + _free_box(marker.encode())
    key = derivative_key(record_id, f"{role}-{label or 'file'}")
    library.store.put_bytes(key, body)
    sha256 = hashlib.sha256(body).hexdigest()
    return NewAsset(role, media_type, len(body), sha256, key, label, "zh", f"{record_id}.bin"), marker


def _free_box(content: bytes) -> bytes:
    """An MP4 box of type `free` (ISO/IEC 14496-12, 8.1.2), which players skip; harmless at the end of pictures."""
    return (8 + len(content)).to_bytes(4, "big") + b"free" + content


def _picture(record_id: str, form: str) -> bytes:
    digest = hashlib.sha256(record_id.encode()).digest()
    buffer = io.BytesIO()
    Image.new("RGB", (24, 32), (digest[0], digest[1], digest[2])).save(buffer, form)
    return buffer.getvalue()
