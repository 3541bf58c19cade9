"""Location in TIFF directories: Exif 3.0 (CIPA DC-008), TIFF 6.0, BigTIFF and GeoTIFF (OGC 19-008).

A directory is read wherever a TIFF header stands, since thumbnails, previews and Photoshop's blocks carry their own.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator

from ingest_tools.formats.photos.location_metadata.coordinates.encoded_text import bytes_have_coordinates
from ingest_tools.formats.photos.location_metadata.edits import (
    Blank,
    Doubt,
    EntryRemoval,
    Finding,
    PictureBytes,
    Region,
)
from ingest_tools.formats.photos.tiff_directories import (
    HEADERS,
    SIZES,
    Directory,
    Entry,
    Header,
    read_directory,
    read_first_offset,
    read_next_offset,
)

GPS_POINTER, MAKER_NOTE, _EXIF = 0x8825, 0x927C, 0x8769
_DIRECTORIES_BELOW = frozenset({_EXIF, 0xA005, 0x014A, 0x0190})  # Exif, interoperability, SubIFDs, global parameters
# pixel scale, tie points, transformation, keys, their numbers and texts, rational polynomials (GDAL)
_GEOTIFF = frozenset({33550, 33922, 34264, 34735, 34736, 34737, 50844})
# name of the document, description, artist, copyright, comment of the user; title, comment, author, keywords and
# subject of Windows
TEXTS = frozenset({0x010D, 0x010E, 0x013B, 0x8298, 0x9286, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F})
_NO_PLACE = frozenset({0x00, 0x07, 0x12, 0x1D})  # version, time, map datum and date say nothing of a place
_MOST_CANDIDATES, _MOST_DIRECTORIES, _MOST_ENTRIES, _MOST_POINTERS = 100_000, 4096, 65_536, 64
_MOST_CARVED, _MOST_GPS, _MOST_VALUE = 512, 64, 1 << 16
_COORDINATES = frozenset({0x02, 0x04, 0x14, 0x16})
_LAST_TAG = 0x1F


def scan(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """Yield what every TIFF structure in a region says of a place."""
    is_there = region.tiff is None or picture.read(region.tiff, region.tiff + 4) in HEADERS
    if not is_there:
        yield Doubt("Exif without a header: what it points to may be outside it", is_location=False)
    for header in find_headers(picture, region):
        if header is None:
            yield Doubt("too many TIFF headers")
            return
        yield from _scan_structure(picture, header, is_known=header.base == region.tiff)


def find_headers(picture: PictureBytes, region: Region) -> Iterator[Header | None]:
    """Yield every TIFF header in a region; None where there are too many to look at."""
    seen = 0
    for magic, (order, is_big) in HEADERS.items():
        for base in picture.find_all(magic, region):
            seen += 1
            if seen > _MOST_CANDIDATES:
                yield None
                return
            yield Header(base, min(region.stop, picture.end), order, is_big)


def gps_directory(picture: PictureBytes, header: Header, offset: int) -> Iterator[Finding]:
    """Blank a GPS directory at an offset from its header, and all its values."""
    directory = read_directory(picture, header, offset, most=_MOST_GPS)
    if directory is None:
        if 0 < header.base + offset < picture.end:
            yield Doubt("a GPS directory lies outside its structure")
        return
    is_location = any(entry.tag not in _NO_PLACE for entry in directory.entries)
    if is_location and not _is_sound(picture, header, directory):
        yield Doubt("a GPS directory is damaged: what it points to may be outside it")
    for entry in directory.entries:
        if entry.size <= header.pointer_size or entry.start >= picture.end:
            continue  # in the entry itself, or nowhere
        if entry.size > _MOST_VALUE or entry.start < header.base or entry.start + entry.size > header.limit:
            yield Doubt("a GPS value lies outside its structure", is_location=is_location)
            continue
        is_value = entry.tag in _COORDINATES
        yield Blank(entry.start, entry.start + entry.size, is_location=is_location, is_value=is_value)
    length = header.count_size + len(directory.entries) * header.entry_size + header.pointer_size
    yield Blank(directory.at, min(directory.at + length, header.limit), is_location=is_location)


def is_coordinate(picture: PictureBytes, at: int, order: str) -> bool:
    """Return whether three rational numbers are degrees, minutes and seconds."""
    numbers = [picture.read_number(at + 4 * place, 4, order) for place in range(6)]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    return all(top is not None and bottom and top / bottom <= limit
               for (top, bottom), limit in zip(pairs, (180, 60, 60), strict=True))  # fmt: skip


def _is_sound(picture: PictureBytes, header: Header, directory: Directory) -> bool:
    """Return whether a GPS directory is as cameras write it: its tags are known, and its coordinates are some or all
    zero.
    """
    tags = [entry.tag for entry in directory.entries]
    if directory.count != len(tags) or len(set(tags)) < len(tags) or max(tags) > _LAST_TAG:
        return False
    if any(entry.type not in SIZES for entry in directory.entries) or len({2, 4} & set(tags)) == 1:
        return False
    if {1, 3} & set(tags) and not {2, 4} <= set(tags):
        return False
    end = directory.at + header.count_size + len(tags) * header.entry_size
    values = [entry for entry in directory.entries if entry.size > header.pointer_size]
    spans = sorted([(directory.at, end), *((entry.start, entry.start + entry.size) for entry in values)])
    if any(stop > start for (_, stop), (start, _) in itertools.pairwise(spans)):
        return False
    return all(
        entry.type in {5, 10} and entry.size == 24 and _is_zero_or_coordinate(picture, header, entry)
        for entry in directory.entries
        if entry.tag in _COORDINATES
    )


def _is_zero_or_coordinate(picture: PictureBytes, header: Header, entry: Entry) -> bool:
    raw = picture.read(entry.start, entry.start + entry.size)
    is_zero = len(raw) == entry.size and not any(any(raw[at : at + 4]) for at in range(0, len(raw), 8))
    return is_zero or is_coordinate(picture, entry.start, header.order)


def _scan_structure(picture: PictureBytes, header: Header, *, is_known: bool) -> Iterator[Finding]:
    first = read_first_offset(picture, header)
    waiting, main = deque([first]), {first}
    seen: set[int] = set()
    entries = 0
    while waiting:
        offset = waiting.popleft()
        if not offset or offset in seen:
            continue
        seen.add(offset)
        most = _MOST_ENTRIES if is_known else _MOST_CARVED
        directory = read_directory(picture, header, offset, most=most, must_be_whole=not is_known)
        is_sound = directory is not None and _is_plausible(directory)
        if is_known and not is_sound and offset in main:
            yield Doubt("damaged Exif: what it points to may be outside it", is_location=False)
        if directory is None or not (is_known or is_sound):
            continue
        entries += len(directory.entries)
        if len(seen) > _MOST_DIRECTORIES or entries > _MOST_ENTRIES:
            yield Doubt("too many TIFF directories")
            return
        yield from _scan_directory(picture, header, directory)
        main |= {
            picture.read_number(entry.start, 4, header.order) or 0 for entry in directory.entries if entry.tag == _EXIF
        }
        waiting.extend(_read_pointers(picture, header, directory))


def _scan_directory(picture: PictureBytes, header: Header, directory: Directory) -> Iterator[Finding]:
    for entry in directory.entries:
        if entry.tag == GPS_POINTER:
            offset = picture.read_number(entry.start, min(entry.size, header.pointer_size), header.order)
            gps_findings = list(gps_directory(picture, header, offset or 0))
            yield from gps_findings
            yield _make_removal(
                header, directory, entry, is_location=any(finding.is_location for finding in gps_findings)
            )
        elif entry.tag == MAKER_NOTE or entry.tag in _GEOTIFF:
            is_location = entry.tag != MAKER_NOTE
            if entry.start >= header.base and entry.start + entry.size <= header.limit:
                yield Blank(entry.start, entry.start + entry.size, is_location=is_location)
            elif is_location and entry.start < picture.end:
                yield Doubt("a geographic value lies outside its structure")
            yield _make_removal(header, directory, entry, is_location=is_location)
        elif entry.tag in TEXTS and bytes_have_coordinates(
            picture.read(entry.start, min(entry.start + entry.size, header.limit))
        ):
            yield Blank(entry.start, min(entry.start + entry.size, header.limit))


def _make_removal(header: Header, directory: Directory, entry: Entry, *, is_location: bool) -> EntryRemoval:
    return EntryRemoval(
        directory.at, entry.index, directory.count, header.order, header.count_size, header.entry_size,
        header.pointer_size, is_location,
    )  # fmt: skip


def _is_plausible(directory: Directory) -> bool:
    """Return whether bytes that happen to look like a directory are one: every entry is there, with a tag and a
    type.
    """
    is_whole = directory.count == len(directory.entries)
    return is_whole and all(entry.tag and entry.type in SIZES for entry in directory.entries)


def _read_pointers(picture: PictureBytes, header: Header, directory: Directory) -> Iterator[int]:
    for entry in directory.entries:
        if entry.tag in _DIRECTORIES_BELOW:
            size = min(SIZES.get(entry.type, 4), header.pointer_size)
            stop = min(entry.start + entry.size, entry.start + _MOST_POINTERS * size)
            for at in range(entry.start, stop, size or 4):
                yield picture.read_number(at, size, header.order) or 0
    yield read_next_offset(picture, header, directory)
