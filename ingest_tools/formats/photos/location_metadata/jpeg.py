"""JPEG (ITU-T T.81, annex B): its segments, the pictures behind the first one (CIPA DC-007), and what else follows.

Application segments of unknown purpose, and whatever follows the pictures (videos of motion photos, blocks of a maker),
cannot be shown to be free of a place. They are left out of the copy as soon as there is a location anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata import xmp
from ingest_tools.formats.photos.location_metadata.coordinates.encoded_text import bytes_have_coordinates
from ingest_tools.formats.photos.location_metadata.edits import (
    Blank,
    Cut,
    Doubt,
    Finding,
    PictureBytes,
    Region,
    Replacement,
)
from ingest_tools.formats.photos.location_metadata.text import LOCATION_NAME, SPACE
from ingest_tools.formats.photos.location_metadata.videos import holds_video_location

EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_EXIF, _COMMENT = b"Exif\0\0", 0xFE
_KEPT = {
    0xE0: (b"JFIF\0", b"JFXX\0"), 0xE1: (_EXIF, b"http://ns.adobe.com/xap/1.0/\0", EXTENDED_XMP),
    0xE2: (b"ICC_PROFILE\0", b"MPF\0"), 0xED: (b"Photoshop 3.0\0", b"Adobe_Photoshop2.5:"), 0xEE: (b"Adobe",),
}  # fmt: skip
_MARKER_BEHIND_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SEARCHED_AT_ONCE, _MOST_SEGMENTS, _MOST_PICTURES, _MOST_PADDING = 1 << 20, 20_000, 64, 1 << 16


@dataclass(frozen=True)
class Segment:
    """A marker segment: its payload lies between `start` and `stop`, and compressed pixels follow up to `behind`."""

    marker: int
    start: int
    stop: int
    behind: int


def read_segments(picture: PictureBytes) -> list[Segment]:
    """Return the segments of every picture in the file, one after the other; each ends with a segment of its own
    (EOI).
    """
    segments: list[Segment] = []
    at: int | None = 0
    for _ in range(_MOST_PICTURES):
        if at is None or len(segments) >= _MOST_SEGMENTS:
            break
        segments += _read_segments(picture, at)
        at = _next_picture(picture, segments[-1].behind)
    return segments


def find_regions(picture: PictureBytes, segments: list[Segment]) -> Iterator[Region]:
    """Everything but the compressed pixels."""
    behind = 0
    for segment in segments:
        if segment.start > behind:
            yield Region(behind, segment.start)
        head = picture.read(segment.start, segment.start + 35) if segment.marker == 0xE1 else b""
        if head != EXTENDED_XMP:  # whose parts are read together
            yield Region(segment.start, segment.stop, segment.start + 6 if head.startswith(_EXIF) else None)
        behind = segment.behind
    yield Region(min(behind, picture.end), picture.end)


def scan(picture: PictureBytes, segments: list[Segment]) -> Iterator[Finding]:
    """Extended XMP, unknown segments, and what follows the pictures."""
    yield from _extended_xmp(picture, segments)
    yield from _find_gaps(picture, segments)
    for segment in segments:
        if 0xE0 <= segment.marker <= 0xEF and not _is_kept(picture, segment):
            is_location = LOCATION_NAME.search(picture.read(segment.start, segment.stop)) is not None
            yield Blank(segment.start, segment.stop, is_location=is_location)
        elif segment.marker == _COMMENT and bytes_have_coordinates(picture.read(segment.start, segment.stop)):
            yield Blank(segment.start, segment.stop, SPACE)
    if len(segments) >= _MOST_SEGMENTS:
        yield Doubt("too many segments")
    end = segments[-1].behind
    if end < picture.end:
        yield Cut(end, is_location=holds_video_location(picture, end, picture.end))


def _find_gaps(picture: PictureBytes, segments: list[Segment]) -> Iterator[Finding]:
    """Yield bytes between segments that decoders pass over; fill bytes and the beginning of a further picture stay."""
    behind = 2
    for segment in segments:
        marker = segment.start - (2 if segment.marker == 0xD9 else 4)
        if picture.read(behind, marker).strip(b"\0\xff") not in {b"", b"\xd8"}:
            yield Blank(behind, marker, is_location=False)
        behind = segment.behind


def _is_kept(picture: PictureBytes, segment: Segment) -> bool:
    return picture.read(segment.start, segment.start + 40).startswith(_KEPT.get(segment.marker, ()))


def _next_picture(picture: PictureBytes, end: int) -> int | None:
    padded = picture.read(end, end + _MOST_PADDING)
    at = end + len(padded) - len(padded.lstrip(b"\0"))
    return at if picture.read(at, at + 3) == b"\xff\xd8\xff" else None


def _read_segments(picture: PictureBytes, start: int) -> Iterator[Segment]:
    """Yield the segments of one picture; where the file breaks off, it ends with the file."""
    at = start + 2
    for _ in range(_MOST_SEGMENTS):
        at = picture.find(b"\xff", at)  # decoders pass over garbage before a marker
        head = picture.read(at, at + 4) if at >= 0 else b""
        if len(head) < 2 or head[1] == 0xD9:
            break
        marker = head[1]
        if marker in {0x00, 0x01, 0xFF} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        stop = min(picture.end, at + 2 + max(2, int.from_bytes(head[2:4], "big")))
        behind = _behind_scan(picture, stop) if marker == 0xDA else stop
        yield Segment(marker, min(at + 4, stop), stop, behind)
        at = behind
    end = at + 2 if at >= 0 and picture.read(at, at + 2) == b"\xff\xd9" else picture.end
    yield Segment(0xD9, end, end, end)


def _behind_scan(picture: PictureBytes, start: int) -> int:
    """Return where the compressed pixels behind a scan header end: at a marker that is no restart marker."""
    for at in range(start, picture.end, _SEARCHED_AT_ONCE):
        match = _MARKER_BEHIND_SCAN.search(picture.read(at, at + _SEARCHED_AT_ONCE + 1))
        if match:
            return at + match.start()
    return picture.end


def _extended_xmp(picture: PictureBytes, segments: list[Segment]) -> Iterator[Finding]:
    """XMP in several segments (XMP specification, part 3, 1.1.3.1), put together and taken apart again.

    Its name is the MD5 of its text, so it gets a new name.
    """
    head = len(EXTENDED_XMP) + 32 + 8
    portions: dict[bytes, list[Segment]] = defaultdict(list)
    for segment in segments:
        if segment.marker == 0xE1 and picture.read(segment.start, segment.start + 35) == EXTENDED_XMP:
            portions[picture.read(segment.start + 35, segment.start + 67)].append(segment)
    for name, parts in portions.items():
        parts.sort(key=lambda part: picture.read_number(part.start + 71, 4, ">") or 0)
        text = bytearray(b"".join(picture.read(part.start + head, part.stop) for part in parts))
        ranges = _find_ranges(bytes(text))
        if not ranges:
            continue
        for start, stop in ranges:
            text[start:stop] = b" " * (stop - start)
        at = 0
        for part in parts:
            length = max(0, part.stop - part.start - head)
            yield Replacement(part.start + head, bytes(text[at : at + length]))
            at += length
        new_name = hashlib.md5(text, usedforsecurity=False).hexdigest().upper().encode()
        for region in [Region(segment.start, segment.stop) for segment in segments]:
            for place in picture.find_all(name, region):
                yield Replacement(place, new_name)


def _find_ranges(text: bytes) -> list[tuple[int, int]]:
    packets = list(xmp.find_packets(PictureBytes(bytearray(text)), Region(0, len(text))))
    if not packets and xmp.NAMES.search(text):
        return [(0, len(text))]
    return [
        (packet.start + start, packet.start + stop)
        for packet in packets
        for start, stop in xmp.find_coordinates(text[packet.start : packet.stop])
    ]
