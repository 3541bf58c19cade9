"""Metadata items of HEIF and AVIF that cannot be read where they stand (ISO/IEC 14496-12, 8.11.3 and 8.11.6).

Exif and XMP are found by their own form, which needs them in one piece: an item in several extents, made of other
items, or compressed may hide a location from every search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata.edits import PictureBytes, Region

_METADATA = frozenset({b"Exif", b"mime", b"uri "})
_MOST_ITEMS = 10_000
_FULL_BOX = 4  # version and flags
_LONG_COUNT, _LONG_IDS, _WITH_TYPE = 1, 3, 2  # the versions that brought them


@dataclass
class _Cursor:
    """Reads numbers one after the other; `failed` is set when the box is over."""

    picture: PictureBytes
    at: int
    stop: int
    failed: bool = False

    def read_number(self, size: int) -> int:
        value = self.picture.read_number(self.at, size, ">") if size else 0
        self.at += size
        self.failed = self.failed or value is None or self.at > self.stop
        return value or 0

    def read_text(self) -> bytes:
        end = self.picture.find(b"\0", self.at, self.stop)
        text = self.picture.read(self.at, end if end >= 0 else self.stop)
        self.at = end + 1 if end >= 0 else self.stop
        return text


def has_hidden_metadata(picture: PictureBytes, region: Region) -> bool:
    """Return whether a region, from `meta` or `moov`, has metadata items that are split or compressed, or damaged
    lists.
    """
    metadata: set[int] = set()
    for at in picture.find_all(b"iinf", region):
        items = _metadata_items(picture, at, region.stop)
        if items is None:
            return True
        metadata |= items
    return bool(metadata) and any(
        _is_split(picture, at, region.stop, metadata) for at in picture.find_all(b"iloc", region)
    )


def _box_end(picture: PictureBytes, at: int, limit: int) -> int:
    return min(limit, at - 4 + (picture.read_number(at - 4, 4, ">") or 0))


def _metadata_items(picture: PictureBytes, at: int, limit: int) -> set[int] | None:
    """Return the numbers of the items that are metadata; None if one is compressed or untyped, or the list damaged."""
    stop = _box_end(picture, at, limit)
    version = picture.read_number(at + 4, 1, ">") or 0
    cursor = _Cursor(picture, at + 4 + _FULL_BOX, stop)
    count = cursor.read_number(4 if version >= _LONG_COUNT else 2)
    items: set[int] = set()
    if count > _MOST_ITEMS:
        return None
    for _ in range(count):
        start = cursor.at
        size, kind = cursor.read_number(4), picture.read(cursor.at, cursor.at + 4)
        entry = _Cursor(picture, start + 8, min(stop, start + size))
        entry_version = entry.read_number(1)
        entry.at += 3
        if kind != b"infe" or size <= _FULL_BOX or entry.failed or entry_version < _WITH_TYPE:
            return None
        number = entry.read_number(4 if entry_version >= _LONG_IDS else 2)
        entry.at += 2  # protection
        item_type = picture.read(entry.at, entry.at + 4)
        entry.at += 4
        if item_type in _METADATA:
            items.add(number)
        if item_type == b"mime" and _is_compressed(entry):
            return None
        cursor.at = start + size
    return items


def _is_compressed(entry: _Cursor) -> bool:
    entry.read_text()  # its name
    entry.read_text()  # its media type
    return bool(entry.read_text())


def _is_split(picture: PictureBytes, at: int, limit: int, metadata: set[int]) -> bool:
    version = picture.read_number(at + 4, 1, ">") or 0
    cursor = _Cursor(picture, at + 4 + _FULL_BOX, _box_end(picture, at, limit))
    offset_and_length, base_and_index = cursor.read_number(1), cursor.read_number(1)
    count = cursor.read_number(2 if version < 2 else 4)
    if count > _MOST_ITEMS:
        return True
    extent = sum(_extent_sizes(offset_and_length, base_and_index, version))
    for _ in range(count):
        item = cursor.read_number(2 if version < 2 else 4)
        method = cursor.read_number(2) & 0x0F if version else 0
        cursor.at += 2 + (base_and_index >> 4)  # data reference, base offset
        extents = cursor.read_number(2)
        if cursor.failed or (item in metadata and (extents > 1 or method > 1)):
            return True
        cursor.at += extents * extent
    return cursor.failed


def _extent_sizes(offset_and_length: int, base_and_index: int, version: int) -> Iterator[int]:
    yield offset_and_length >> 4
    yield offset_and_length & 0x0F
    yield base_and_index & 0x0F if version else 0
