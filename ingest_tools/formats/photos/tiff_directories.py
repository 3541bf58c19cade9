"""The directories of a TIFF: TIFF 6.0, and BigTIFF with offsets of 8 bytes; in both orders of bytes.

Whoever walks from one directory to the next keeps in mind those that were seen, and bounds their number.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata.edits import PictureBytes

HEADERS = {b"II*\x00": ("<", False), b"MM\x00*": (">", False), b"II+\x00": ("<", True), b"MM\x00+": (">", True)}
"""The order of bytes of each header, and whether it is of a BigTIFF."""
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""


@dataclass(frozen=True)
class Header:
    """A TIFF header at `base`; offsets count from there, and nothing of it lies behind `limit`."""

    base: int
    limit: int
    order: str
    is_big: bool

    @property
    def count_size(self) -> int:
        """Bytes of the number of entries."""
        return 8 if self.is_big else 2

    @property
    def entry_size(self) -> int:
        """Bytes of one entry."""
        return 20 if self.is_big else 12

    @property
    def pointer_size(self) -> int:
        """Bytes of an offset."""
        return 8 if self.is_big else 4


@dataclass(frozen=True)
class Entry:
    """One entry of a directory: its value is in the file at `start`, which may lie anywhere; `size` in bytes."""

    index: int
    tag: int
    type: int
    start: int
    size: int


@dataclass(frozen=True)
class Directory:
    """A directory at `at` (absolute) that says it has `count` entries, and those that could be read."""

    at: int
    count: int
    entries: tuple[Entry, ...]


def read_header(picture: PictureBytes) -> Header | None:
    """Return the header of a file; None where it is no TIFF."""
    known = HEADERS.get(picture.read(0, 4))
    return Header(0, picture.end, *known) if known is not None else None


def read_first_offset(picture: PictureBytes, header: Header) -> int:
    """Return where the first directory is, from its header; 0 where there is none."""
    if not header.is_big:
        return picture.read_number(header.base + 4, 4, header.order) or 0
    is_sound = picture.read_number(header.base + 4, 4, header.order) in {8, 0x0008_0000}
    return (picture.read_number(header.base + 8, 8, header.order) or 0) if is_sound else 0


def read_next_offset(picture: PictureBytes, header: Header, directory: Directory) -> int:
    """Return where the directory behind another is, from their header; 0 where there is none."""
    behind = directory.at + header.count_size + directory.count * header.entry_size
    return picture.read_number(behind, header.pointer_size, header.order) or 0


def read_directory(
    picture: PictureBytes, header: Header, offset: int, *, most: int, must_be_whole: bool = False
) -> Directory | None:
    """Return the directory at an offset from its header, with at most so many entries; None where there is none, or
    where it has to be whole and is not.
    """
    at = header.base + offset
    count = picture.read_number(at, header.count_size, header.order)
    if not count or offset < 4 or at + header.count_size > header.limit:
        return None
    if must_be_whole and (count > most or at + header.count_size + count * header.entry_size > header.limit):
        return None
    raw = picture.read(at + header.count_size, min(at + header.count_size + min(count, most) * header.entry_size,
                                                   header.limit))  # fmt: skip
    form = f"{header.order}HH{'QQ' if header.is_big else 'II'}"
    rows = struct.iter_unpack(form, raw[: len(raw) // header.entry_size * header.entry_size])
    entries = []
    for index, (tag, kind, number, value) in enumerate(rows):
        size = SIZES.get(kind, 1) * number
        inline = at + header.count_size + (index + 1) * header.entry_size - header.pointer_size
        start = inline if size <= header.pointer_size else header.base + value
        entries.append(Entry(index, tag, kind, start, size))
    return Directory(at, count, tuple(entries))


def read_chain(picture: PictureBytes, header: Header, *, most: int, most_entries: int) -> Iterator[Directory]:
    """Yield the directories of a file one after the other, at most so many; those behind a damaged one are left out."""
    offset, seen = read_first_offset(picture, header), set[int]()
    while offset and offset not in seen and len(seen) < most:
        seen.add(offset)
        directory = read_directory(picture, header, offset, most=most_entries, must_be_whole=True)
        if directory is None:
            return
        yield directory
        offset = read_next_offset(picture, header, directory)


def first_values(picture: PictureBytes, header: Header, directory: Directory) -> dict[int, int]:
    """Return the first value of each entry as a number, by its tag."""
    return {
        entry.tag: picture.read_number(entry.start, SIZES.get(entry.type, 1), header.order) or 0
        for entry in directory.entries
    }
