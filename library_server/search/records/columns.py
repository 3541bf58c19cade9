"""Compact columns stored with each index segment, for facets, filters and sort orders counted by numpy.

A segment's columns are one memory-mapped file, column after column, a value a document in the order of
Whoosh's document numbers: all processes share the pages, and counting a facet touches only its own.
Names (of creators, collections, languages) are numbers into one append-only list a field, stored with
the segments.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from library_server.catalogue.enums import Kind

CREATOR_SLOTS = 4
COLLECTION_SLOTS = 4
ROW = np.dtype(
    [
        ("id", "S16"),
        ("newest", "u8"),
        ("kind", "u1"),
        ("year", "i2"),
        ("date", "i4"),
        ("class", "S1"),
        ("language", "u2"),
        ("creator", "i4", (CREATOR_SLOTS,)),
        ("collection", "i4", (COLLECTION_SLOTS,)),
        ("title_key", "S24"),
        ("title_head", "u8"),
        ("title_length", "u1"),
    ]
)
KINDS = tuple(str(kind) for kind in Kind)
NAMED = ("language", "creator", "collection")
NO_VALUE = 0
FIRST_DAY, LAST_DAY = -9999_12_31, 9999_12_31
_MAGIC = b"TYCOLS2\n"
_ALIGNMENT = 16
_AT_ONCE = 5_000

Columns = Mapping[str, npt.NDArray[Any]]


class NameDictionary:
    """Append-only lists of the names that columns refer to; number 0 means nothing.

    There are as many as the catalogue has creators. A list is written again only if names were added.
    """

    def __init__(self, lists: dict[str, list[str]] | None = None) -> None:
        self.lists = lists or {field: [""] for field in NAMED}
        self._has_grown = False
        self._numbers = {
            field: {name: number for number, name in enumerate(names)} for field, names in self.lists.items()
        }

    @classmethod
    def read(cls, folder: Path) -> NameDictionary:
        """Return the lists kept in `folder`; empty ones where nothing is kept yet."""
        path = folder / "names.json"
        return cls(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    def write(self, folder: Path) -> None:
        """Keep the lists, in one step, where names were added since they were read or kept."""
        if self._has_grown:
            write_atomic(folder / "names.json", json.dumps(self.lists, ensure_ascii=False).encode())
            self._has_grown = False

    def get_number(self, field: str, name: str) -> int:
        """Return the number of a name, given now where it is new."""
        numbers = self._numbers[field]
        if name not in numbers:
            numbers[name] = len(self.lists[field])
            self.lists[field].append(name)
            self._has_grown = True
        return numbers[name]

    def find(self, field: str, name: str) -> int:
        """Return the number of a known name; -1 for an unknown one."""
        return self._numbers[field].get(name, -1)


def make_columns(all_values: Iterable[tuple[Any, ...]], names: NameDictionary) -> Columns:
    """Return the columns of one segment from the values stored with its documents.

    They are made of some documents at a time: as Python objects they take ten times as much memory as in columns.
    """
    parts, rest = [np.empty(0, ROW)], iter(all_values)
    while some := list(islice(rest, _AT_ONCE)):
        parts.append(np.array([_encode_row(values, names) for values in some], dtype=ROW))
    rows = np.concatenate(parts)
    return {name: np.ascontiguousarray(rows[name]) for name in _column_names()}


def check_values(values: tuple[Any, ...]) -> None:
    """Raise where the values of a document cannot be kept in columns."""
    np.array([_encode_row(values, NameDictionary())], dtype=ROW)


def _encode_row(values: tuple[Any, ...], names: NameDictionary) -> tuple[Any, ...]:
    record_id, kind, date, clc, language, creators, collections, title_key, title_length = values
    date = date if FIRST_DAY <= date <= LAST_DAY else NO_VALUE  # segments of earlier releases hold any number
    return (
        record_id.encode(),
        prefix_number(record_id),
        KINDS.index(kind),
        date // 10_000,
        date,
        clc.encode(),
        names.get_number("language", language) if language else NO_VALUE,
        _fill_slots([names.get_number("creator", name) for name in creators], CREATOR_SLOTS),
        _fill_slots([names.get_number("collection", slug) for slug in collections], COLLECTION_SLOTS),
        title_key.encode(),
        prefix_number(title_key),
        min(title_length, 255),
    )


def prefix_number(text: str) -> int:
    """Return the first eight characters (ASCII) as a number that sorts as they do."""
    return int.from_bytes(text.encode()[:8].ljust(8, b"\0"), "big")


def _column_names() -> tuple[str, ...]:
    return ROW.names or ()


def _fill_slots(numbers: list[int], width: int) -> list[int]:
    return (numbers + [NO_VALUE] * width)[:width]


def columns_path(folder: Path, segment_id: str) -> Path:
    """Return where the columns of a segment are kept."""
    return folder / f"{segment_id}.columns"


def write_columns(folder: Path, segment_id: str, columns: Columns) -> None:
    """Keep the columns of a segment, in one step: a mark, the number of documents, then each column."""
    parts = [_MAGIC, len(columns["id"]).to_bytes(8, "little")]
    for name in _column_names():
        data = columns[name].tobytes()
        parts += [data, bytes(-len(data) % _ALIGNMENT)]
    write_atomic(columns_path(folder, segment_id), b"".join(parts))


def read_columns(folder: Path, segment_id: str) -> Columns:
    """Return the columns of a segment, mapped into memory. Raises `OSError` or `ValueError` where damaged."""
    data = np.asarray(np.memmap(columns_path(folder, segment_id), np.uint8, "r"))
    if bytes(data[:8]) != _MAGIC:
        raise ValueError(f"columns of segment {segment_id} are of another release")
    count, place = int.from_bytes(bytes(data[8:16]), "little"), 16
    columns = {}
    for name in _column_names():
        kind = ROW[name]
        size = kind.itemsize * count
        columns[name] = data[place : place + size].view(kind.base).reshape(count, *kind.shape)
        place += size + -size % _ALIGNMENT
    if place != len(data):
        raise ValueError(f"columns of segment {segment_id} are cut short")
    return columns


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a small file in one step."""
    aside = path.with_name(path.name + ".tmp")
    aside.write_bytes(data)
    os.replace(aside, path)
