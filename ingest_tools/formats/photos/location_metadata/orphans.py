"""GPS directories that nothing points to: left behind by programs that only removed the pointer, or inside maker notes.

They are known by their form: the reference of a latitude or longitude, then three rational numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator

from ingest_tools.formats.photos.location_metadata import tiff
from ingest_tools.formats.photos.location_metadata.edits import Blank, Doubt, Finding, PictureBytes, Region
from ingest_tools.formats.photos.tiff_directories import Header

_ENTRY = 12
_MOST, _MOST_BEFORE, _MOST_ENTRIES = 1000, 8, 64


def scan(picture: PictureBytes, region: Region, blanked: Collection[Blank]) -> Iterator[Finding]:
    """GPS directories in a region outside what is blanked because it is a location anyway."""
    bases: list[Header] | None = None
    for number, (at, order) in enumerate(_find_coordinates(picture, region)):
        if number > _MOST:
            yield Doubt("too many GPS directories")
            return
        if any(blank.is_location and blank.start <= at < blank.stop for blank in blanked):
            continue
        if bases is None:
            bases = [
                header for header in tiff.find_headers(picture, region) if header is not None and not header.is_big
            ]
        yield from _blank_values(picture, at, order, bases)


def _find_coordinates(picture: PictureBytes, region: Region) -> Iterator[tuple[int, str]]:
    """Entries of a latitude or longitude behind the entry of its reference (Exif 3.0, 4.6.7)."""
    for order, pack in (("<", "<HHI"), (">", ">HHI")):
        for tag in (2, 4):
            reference = struct.pack(pack, tag - 1, 2, 2)[:4]
            for at in picture.find_all(struct.pack(pack, tag, 5, 3), region):
                if picture.read(at - _ENTRY, at - _ENTRY + 4) == reference:
                    yield at, order


def _start(picture: PictureBytes, at: int, order: str) -> int | None:
    """Return where the directory of an entry starts: its count stands before its first entry, and its tags only
    grow.
    """
    later, start = picture.read_number(at, 2, order) or 0, None
    for before in range(1, _MOST_BEFORE):
        first = at - before * _ENTRY
        tag = picture.read_number(first, 2, order)
        if tag is None or tag >= later:
            break
        later = tag
        if before < (picture.read_number(first - 2, 2, order) or 0) <= _MOST_ENTRIES:
            start = first - 2
    return start


def _blank_values(picture: PictureBytes, at: int, order: str, bases: list[Header]) -> Iterator[Finding]:
    """Its values stand where the nearest header before it gives a latitude or longitude that can be."""
    start = _start(picture, at, order)
    offset = picture.read_number(at + 8, 4, order) or 0
    for header in reversed(bases):
        if start is None or header.base >= start or header.order != order:
            continue
        if tiff.is_coordinate(picture, header.base + offset, order):
            yield from tiff.gps_directory(picture, header, start - header.base)
            return
    yield Doubt("a GPS directory belongs to nothing")
