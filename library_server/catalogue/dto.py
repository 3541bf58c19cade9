"""The frozen values that cross the catalogue's border, coming in (drafts) and going out (views)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from library_server.catalogue.common_fields import CommonFields
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import COVER_SOURCE, PUBLIC_COPY, READING_COPY, Access, AssetRole, Kind, Status

STATEMENTS = "statements"  # in the details of a record: what a catalogue card says besides its fields


@dataclass(frozen=True)
class CreatorName:
    """A creator as named, with a role of `CreatorRole`."""

    name: str
    role: str


@dataclass(frozen=True)
class RecordDraft(CommonFields):
    """What is known of a record before it is catalogued. `date` is as written; ISBN and CLC as found."""

    kind: Kind
    title: str
    other_titles: tuple[str, ...] = ()
    creators: tuple[CreatorName, ...] = ()
    date: str | None = None
    isbn: str | None = None
    subjects: tuple[str, ...] = ()
    access: Access = Access.PUBLIC
    downloadable: bool = True
    details: RecordDetails = field(default_factory=RecordDetails)
    source_path: str | None = None
    local_id: str | None = None
    photo_hash: int | None = None


@dataclass(frozen=True)
class AssetView:
    """One stored object of a record; `size` in bytes, `key` its place in the store.

    No grant opens one that is `librarians_only`.
    """

    id: str
    record_id: str
    role: str
    label: str
    media_type: str
    language: str | None
    size: int
    sha256: str
    key: str
    filename: str | None
    created_at: datetime
    superseded: bool = False
    machine_made: bool = False
    librarians_only: bool = False


@dataclass(frozen=True)
class HoldingView:
    """Printed copies at a place."""

    place: str
    shelf_mark: str | None
    copies: int


@dataclass(frozen=True)
class Cover:
    """A record's real cover: asset ids by size and format, its proportions and average colour."""

    assets: dict[str, str]
    width: int
    height: int
    color: str


@dataclass(frozen=True)
class RecordCard:
    """What a list shows of a record."""

    id: str
    kind: Kind
    title: str
    creators: tuple[str, ...]
    year: int | None
    abstract: str | None
    clc: str | None
    part_number: int | None
    duration_ms: int | None
    access: Access
    cover: Cover | None


@dataclass(frozen=True)
class RecordView(CommonFields, RecordCard):
    """All of one record that may be shown. GPS positions stay in the catalogue."""

    other_titles: tuple[str, ...]
    credits: tuple[CreatorName, ...]
    date_written: str | None
    date_edtf: str | None
    date_earliest: int | None
    isbns: tuple[str, ...]
    subjects: tuple[str, ...]
    downloadable: bool
    status: Status
    withdrawn_reason: str | None
    details: RecordDetails
    added: datetime
    assets: tuple[AssetView, ...]
    holdings: tuple[HoldingView, ...]

    def assets_of(self, role: str) -> tuple[AssetView, ...]:
        """Return the record's assets of one role, in the order of their making."""
        return tuple(asset for asset in self.assets if asset.role == role)

    @property
    def original(self) -> AssetView | None:
        """The file that came in, in its newest version, where the record has one."""
        return next((asset for asset in self.assets_of("original") if not asset.superseded), None)

    @property
    def downloadable_file(self) -> AssetView | None:
        """The file that readers may fetch: the original, or its public copy where it is for librarians only."""
        original = self.original
        if original is None or not original.librarians_only:
            return original
        return next((asset for asset in self.assets_of(AssetRole.RENDITION) if asset.label == PUBLIC_COPY), None)

    @property
    def other_formats(self) -> tuple[AssetView, ...]:
        """The files of `earlier` in another format than the original: the same book as PDF, EPUB or text."""
        original = self.original
        return tuple(asset for asset in self.earlier if original and asset.media_type != original.media_type)

    @property
    def reading_copy(self) -> AssetView | None:
        """The EPUB or PDF that the reader page opens in the place of the original, where the record has one."""
        return next((asset for asset in self.assets_of(AssetRole.RENDITION) if asset.label == READING_COPY), None)

    @property
    def earlier(self) -> tuple[AssetView, ...]:
        """Earlier versions of the file, and those of records that were merged into this one."""
        return tuple(asset for asset in self.assets_of("original") if asset.superseded and asset.label != COVER_SOURCE)


@dataclass(frozen=True)
class CollectionView:
    """A collection, with how many published records it holds."""

    slug: str
    title: str
    description: str | None
    impression: bool
    size: int
