"""The boxes of HEIF (ISO/IEC 23008-12) and the chunks of WebP: what is neither picture nor known metadata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata.edits import (
    Blank,
    Cut,
    Doubt,
    Finding,
    PictureBytes,
    Region,
    Replacement,
)
from ingest_tools.formats.photos.location_metadata.heif_items import has_hidden_metadata
from ingest_tools.formats.photos.location_metadata.videos import holds_video_location

_KEPT_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"wide", b"idat"})
_KEPT_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "})
_TIMED_METADATA = (b"mett", b"metx", b"urim", b"mebx", b"camm", b"gpmd")
_PIXEL_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_MOST = 100_000


@dataclass(frozen=True)
class Part:
    """A box or a chunk: `at` is where its head stands, its body lies between `start` and `stop`."""

    kind: bytes
    at: int
    start: int
    stop: int


def heif_regions(picture: PictureBytes) -> Iterator[Region]:
    """Yield the whole file, box by box: metadata lies between the pixels."""
    for box in _read_boxes(picture):
        yield Region(box.start, box.stop)


def scan_heif(picture: PictureBytes) -> Iterator[Finding]:
    """Boxes that are not of a picture, such as the video of a motion photo, become free space.

    A sequence, such as an animated AVIF, whose tracks have metadata of their own has no copy.
    """
    for box in _read_boxes(picture):
        has_location = holds_video_location(picture, box.at, box.stop)
        if box.kind in {b"meta", b"moov"} and has_hidden_metadata(picture, Region(box.at, box.stop)):
            yield Doubt("metadata in pieces or compressed")
        if box.kind == b"moov":
            if has_location or any(picture.find(sign, box.start, box.stop) >= 0 for sign in _TIMED_METADATA):
                yield Doubt("a sequence has metadata for every picture")
        elif box.kind not in _KEPT_BOXES:
            yield Replacement(box.at + 4, b"free", is_location=False)
            yield Blank(box.start, box.stop, is_location=has_location)


def webp_regions(picture: PictureBytes) -> Iterator[Region]:
    """Everything but the compressed pixels."""
    behind = 12
    for chunk in _read_chunks(picture):
        if chunk.kind not in _PIXEL_CHUNKS:
            tiff = chunk.start + 6 if picture.read(chunk.start, chunk.start + 4) == b"Exif" else chunk.start
            yield Region(chunk.start, chunk.stop, tiff if chunk.kind == b"EXIF" else None)
        behind = chunk.stop + chunk.stop % 2
    yield Region(min(behind, picture.end), picture.end)


def scan_webp(picture: PictureBytes) -> Iterator[Finding]:
    """Chunks of unknown purpose, and what follows the file proper."""
    for chunk in _read_chunks(picture):
        if chunk.kind not in _KEPT_CHUNKS:
            yield Blank(chunk.start, chunk.stop, is_location=False)
    end = 8 + (picture.read_number(4, 4, "<") or 0)
    if end < picture.end:
        yield Cut(end, is_location=holds_video_location(picture, end, picture.end))


def _read_boxes(picture: PictureBytes) -> Iterator[Part]:
    at = 0
    for _ in range(_MOST):
        size, kind, head = picture.read_number(at, 4, ">"), picture.read(at + 4, at + 8), 8
        if size is None or len(kind) < 4:
            break
        if size == 1:
            size, head = picture.read_number(at + 8, 8, ">") or 0, 16
        stop = picture.end if size == 0 else min(picture.end, at + max(size, head))
        yield Part(kind, at, min(at + head, stop), stop)
        at = stop
    if at < picture.end:
        yield Part(b"", at, at, picture.end)


def _read_chunks(picture: PictureBytes) -> Iterator[Part]:
    at, end = 12, min(picture.end, 8 + (picture.read_number(4, 4, "<") or 0))
    for _ in range(_MOST):
        size = picture.read_number(at + 4, 4, "<")
        if size is None or at + 8 > end:
            return
        stop = min(end, at + 8 + size)
        yield Part(picture.read(at, at + 4), at, at + 8, stop)
        at = stop + stop % 2
