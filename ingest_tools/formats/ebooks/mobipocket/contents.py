"""The contents of a Mobipocket book: where chapters begin in its text, in bytes, and what they are called.

They stand in an index (NCX), whose entries have tags (MobileRead wiki, MOBI, "INDX record"), and in older books in a
page of links that the guide names.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from ingest_tools.formats.ebooks.binding import CHAPTERS_LIMIT
from ingest_tools.formats.ebooks.mobipocket.database import PalmDatabase
from ingest_tools.formats.ebooks.mobipocket.header import NONE, BookHeader
from library_server.catalogue.normalization.text import normalize

_RECORDS_LIMIT, _LABEL_LIMIT, _LABELS_LIMIT, _PAGE_LIMIT, _BACK = 64, 200, 20_000, 400_000, 300
_CONTENTS = "目录"
_OFFSET, _LABEL = 1, 3  # tags of an entry
_IDXT_AT, _COUNT_AT, _LABEL_RECORDS_AT = 20, 24, 52
_REFERENCE: Final = re.compile(rb"<reference\b([^<>]{0,500})>", re.IGNORECASE)
_IS_CONTENTS: Final = re.compile(rb"\btype\s*=\s*[\"']?toc\b", re.IGNORECASE)
_FILE_POSITION: Final = re.compile(rb"\bfilepos\s*=\s*[\"']?(\d{1,10})", re.IGNORECASE)
_LINK: Final = re.compile(
    rb"<a\b[^<>]{0,300}?\bfilepos\s*=\s*[\"']?(\d{1,10})[^<>]{0,300}>(.{0,1000}?)</a\s*>", re.IGNORECASE | re.DOTALL
)
_PAGE_BREAK: Final = re.compile(rb"<\s*(?:mbp:)?pagebreak", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,1000}>")


class Entry(NamedTuple):
    """Where a chapter begins, in bytes of the text, and its label."""

    offset: int
    label: str


class _IndexTag(NamedTuple):
    tag: int
    values: int  # of which each entry has as many
    mask: int
    is_end: int


def read_contents(database: PalmDatabase, header: BookHeader, data: bytes) -> list[Entry]:
    """Return the entries in the order of the text, one for each place; none where there are fewer than two."""
    try:
        index = _read_index(database, header) if header.contents_index != NONE else iter(())
        entries = list(islice(index, CHAPTERS_LIMIT))
    except (struct.error, IndexError):  # a damaged index names no chapter
        entries = []
    page = None if header.is_kf8 else _find_page(data)
    if page is not None:
        entries = entries or list(islice(_read_page(data, page, header), CHAPTERS_LIMIT))
        entries += [Entry(page, _CONTENTS)] if entries and all(entry.offset != page for entry in entries) else []
    places: dict[int, str] = {}
    for offset, written in sorted(entries, key=lambda entry: entry.offset):
        label = normalize(html.unescape(_TAG.sub("", written)))[:_LABEL_LIMIT]
        if label and offset < len(data) and (place := _find_boundary(data, offset)) is not None:
            # a part and its first chapter begin at one place
            places[place] = f"{places[place]} {label}" if places.get(place, label) != label else label
    return [Entry(*item) for item in sorted(places.items())] if len(places) > 1 else []


def _find_boundary(data: bytes, offset: int) -> int | None:
    """Return the place of an entry, or before it where the tag begins, or the text ends, that it lies in."""
    start = max(0, offset - _BACK)
    opened, closed = data.rfind(b"<", start, offset + 1), data.rfind(b">", start, offset)
    if opened > closed:
        return opened
    return closed + 1 if closed >= 0 else None


def _find_page(data: bytes) -> int | None:
    """Return where the page of contents begins that the guide names."""
    for reference in _REFERENCE.finditer(data):
        position = _FILE_POSITION.search(reference[1])
        if position is not None and _IS_CONTENTS.search(reference[1]):
            return int(position[1])
    return None


def _read_page(data: bytes, start: int, header: BookHeader) -> Iterator[Entry]:
    """Yield the links of a page of contents."""
    end = _PAGE_BREAK.search(data, start + 1, start + _PAGE_LIMIT)
    for link in _LINK.finditer(data[start : end.start() if end else start + _PAGE_LIMIT]):
        yield Entry(int(link[1]), header.decode(link[2]))


def _read_index(database: PalmDatabase, header: BookHeader) -> Iterator[Entry]:
    """Yield the entries of the index. Raises `struct.error` and `IndexError` where it is damaged."""
    first = header.start + header.contents_index
    main = database.read_record(first)
    if main[:4] != b"INDX":
        return
    count, label_count = (min(_number(main, at), _RECORDS_LIMIT) for at in (_COUNT_AT, _LABEL_RECORDS_AT))
    tags_at = _number(main, 4)
    if main[tags_at : tags_at + 4] != b"TAGX":
        return
    end, control_bytes = tags_at + _number(main, tags_at + 4), _number(main, tags_at + 8)
    tags = [_IndexTag(*main[at : at + 4]) for at in range(tags_at + 12, min(end, len(main) - 3), 4)]
    labels: dict[int, bytes] = {}
    for number in range(label_count):
        record = database.read_record(first + count + 1 + number)
        labels |= {number * 0x10000 + at: text for at, text in _read_labels(record)}
    for number in range(count):
        for values in _read_entries(database.read_record(first + 1 + number), tags, control_bytes):
            offsets, label_places = values.get(_OFFSET), values.get(_LABEL)
            if offsets and label_places and label_places[0] in labels:
                yield Entry(offsets[0], header.decode(labels[label_places[0]]))


def _read_labels(record: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_LABELS_LIMIT):
        if at >= len(record):
            return
        start = at
        length, at = _read_varying(record, at)
        yield start, record[at : at + length]
        at += length


def _read_entries(record: bytes, tags: list[_IndexTag], control_bytes: int) -> Iterator[dict[int, list[int]]]:
    """Yield the values of each entry in a record, by their tags."""
    if record[:4] != b"INDX":
        return
    places = _number(record, _IDXT_AT)
    for number in range(min(_number(record, _COUNT_AT), CHAPTERS_LIMIT)):
        (at,) = struct.unpack_from(">H", record, places + 4 + 2 * number)
        start = at + 1 + record[at]
        yield _read_values(record, start, start + control_bytes, tags)


def _read_values(record: bytes, control: int, at: int, tags: list[_IndexTag]) -> dict[int, list[int]]:
    wanted: list[tuple[_IndexTag, int, bool]] = []  # how many values each tag has, or how many bytes of them
    for tag in tags:
        if tag.is_end & 1:
            control += 1
            continue
        bits = record[control] & tag.mask
        if bits == tag.mask and tag.mask.bit_count() > 1:
            size, at = _read_varying(record, at)
            wanted.append((tag, size, True))
        elif tag.mask:
            shift = (tag.mask & -tag.mask).bit_length() - 1
            wanted.append((tag, (bits >> shift) * tag.values, False))
    values: dict[int, list[int]] = {}
    for tag, size, in_bytes in wanted:
        end = at + size
        taken = values.setdefault(tag.tag, [])
        while at < end if in_bytes else len(taken) < size:
            value, at = _read_varying(record, at)
            taken.append(value)
    return values


def _read_varying(record: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the last of which has its highest bit set, and where it ends."""
    value = 0
    for place in range(at, at + 4):
        value = value << 7 | record[place] & 0x7F
        if record[place] & 0x80:
            return value, place + 1
    return value, at + 4


def _number(record: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", record, at)[0])
