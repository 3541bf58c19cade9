"""The details of a record: what is known of its file and has no column, as typed values.

They are JSON in the database and in the answers of parser children only; see `stored_json`. A field of `RecordDetails`
that is None is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from library_server.catalogue.stored_json import StoredJson

_PRIVATE = "gps"
_SEEK_PICTURE_SIDE = 160


@dataclass(frozen=True, kw_only=True)
class CoverImage(StoredJson):
    """The picture that a cover was made of: its upright size in pixels, its average colour as `#rrggbb`."""

    width: int
    height: int
    color: str


@dataclass(frozen=True, kw_only=True)
class AudioTrack(StoredJson):
    """One of several sound tracks: its language (BCP 47, `und` where unknown) and its title or an empty text."""

    language: str
    title: str


@dataclass(frozen=True, kw_only=True)
class SubtitleTrack(StoredJson):
    """Subtitles inside a film; `index` counts its subtitle streams, those that are pictures too.

    `purpose` is `forced`, `sdh` or empty.
    """

    index: int
    language: str
    title: str
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class Media(StoredJson):
    """The streams of a film or recording: codecs, the size as shown, `rate` in frames and `bits` a second.

    `tracks` are the sound tracks where there are several; `picture` and `sounds` the numbers of what is shown and heard
    among the streams of pictures and of sound in the file.
    """

    video: str | None = None
    width: int = 0
    height: int = 0
    rate: float | None = None
    interlaced: bool = False
    hdr: bool = False
    audio: str | None = None
    channels: int | None = None
    bits: int | None = None
    tracks: tuple[AudioTrack, ...] = ()
    subtitles: tuple[SubtitleTrack, ...] = ()
    picture: int = 0
    sounds: tuple[int, ...] = ()

    def audio_index(self, track: int) -> int:
        """Return the number, among the streams of sound in the file, of a sound track."""
        return self.sounds[track] if track < len(self.sounds) else track

    @property
    def seek_picture_size(self) -> tuple[int, int]:
        """Width and height, in pixels, of one of the pictures by which people jump in a film."""
        width, height = self.width or 16, self.height or 9
        if width >= height:
            return _SEEK_PICTURE_SIDE, max(2, round(_SEEK_PICTURE_SIDE * height / width / 2) * 2)
        return max(2, round(_SEEK_PICTURE_SIDE * width / height / 2) * 2), _SEEK_PICTURE_SIDE


class Chapter(NamedTuple):
    """A chapter of a film or recording: where it begins, in milliseconds, and its title or an empty text."""

    start_ms: int
    title: str


@dataclass(frozen=True, kw_only=True)
class OcrSummary(StoredJson):
    """What OCR read: pages, mean confidence of their characters (0 to 1), and the numbers of pages to look at."""

    pages: int
    confidence: float
    unsure: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Position(StoredJson):
    """Where a photo was taken, in degrees."""

    latitude: float
    longitude: float


class PageRun(NamedTuple):
    """Pages of a PDF that follow each other and have one size, in points as they are shown."""

    pages: int
    width: int
    height: int


class TitleParts(NamedTuple):
    """A title as a catalogue card divides it."""

    title: str
    other_titles: tuple[str, ...]
    part_number: str
    part_name: str


class AgentStatement(NamedTuple):
    """The word that a card has for what somebody did, and whether that is a body."""

    name: str
    relator: str
    corporate: bool


class PrintedIsbn(NamedTuple):
    """An ISBN as a card prints it."""

    value: str
    binding: str
    price: str


@dataclass(frozen=True, kw_only=True)
class Statements(StoredJson):
    """What a catalogue card says that has no field in the catalogue; see `exchange.bibliographic`.

    `topics` are the types of subject headings by their terms, `series` the parts of each series statement, `barcodes`
    those of the copies by their place. `isbns` and `clc` are kept where there are several, or more is said of one.
    """

    edition: str = ""
    pages: str = ""
    illustrations: str = ""
    size: str = ""
    accompanying: str = ""
    original_language: str = ""
    country: str = ""
    agency: str = ""
    control_number: str = ""
    notes: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    is_component_part: bool = False
    urls: tuple[str, ...] = ()
    responsibility: tuple[str, ...] = ()
    parallel_titles: tuple[str, ...] = ()
    title: TitleParts | None = None
    agents: tuple[AgentStatement, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    series: tuple[tuple[str, ...], ...] = ()
    isbns: tuple[PrintedIsbn, ...] = ()
    clc: tuple[str, ...] = ()
    barcodes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RecordDetails(StoredJson):
    """All details of a record.

    `plays` says that browsers play the original as it is, `chapters` are those of a film or recording, `page_sizes`
    those of a PDF where they are known, `needs_ocr` says that pages are pictures. `photo_hash` is the perceptual hash
    in hex, `gps` is never shown to readers. `version` is of the EPUB format, `encoding` and `characters` are of a text.
    `access_stated` holds the access level that each source stated last, by a hash of its path. `undone_batch` is the
    undone batch which had added the record, until its file comes in again.
    """

    format: str | None = None
    cover: CoverImage | None = None
    media: Media = Media()
    plays: bool | None = None
    chapters: tuple[Chapter, ...] = ()
    page_sizes: tuple[PageRun, ...] = ()
    needs_ocr: bool | None = None
    ocr: OcrSummary | None = None
    photo_hash: str | None = None
    camera: str | None = None
    gps: Position | None = None
    version: str | None = None
    encoding: str | None = None
    characters: int | None = None
    course: bool | None = None
    statements: Statements = Statements()
    access_stated: Mapping[str, str] = field(default_factory=dict)
    undone_batch: str | None = None

    def merge(self, newer: RecordDetails) -> RecordDetails:
        """These details, with what newer ones state in the place of what was known."""
        return RecordDetails.from_json({**self.to_json(), **newer.to_json()})

    def without_private(self) -> RecordDetails:
        """Return what readers may see: not where a photo was taken, in whatever form that is stored."""
        return replace(self, gps=None, extra={name: value for name, value in self.extra.items() if name != _PRIVATE})
