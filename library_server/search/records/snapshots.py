"""The index of records, read side: Whoosh finds the postings, numpy combines, counts and sorts them.

The index lives in a folder that `current` names, so that a rebuilt one takes over in one step. A reader
keeps its snapshot until `generation` changes; commits never block it.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import IndexReader, TermNotFound

from library_server.search.records.checksums import request_check
from library_server.search.records.columns import ROW, Columns, NameDictionary, make_columns, read_columns
from library_server.search.records.documents import SCHEMA
from library_server.search.records.postings import DocNumbers, read_document_numbers
from library_server.search.results import IndexUnavailable

_FileIndex: Any = FileIndex
_FileStorage: Any = FileStorage
CACHED_IDS = 4_000_000
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Segment:
    """One segment: its Whoosh reader, its first document number, and its columns."""

    reader: IndexReader
    offset: int
    columns: Columns


class Snapshot:
    """One generation of the index, read by many threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generation = generation_of(folder)
        self.names = NameDictionary.read(folder)
        reader = open_whoosh(folder).reader()
        weakref.finalize(self, reader.close)  # threads may still search a snapshot that was replaced
        self.leaves = [self._make_segment(leaf, offset) for leaf, offset in leaf_readers(reader)]
        self.size = sum(len(leaf.columns["id"]) for leaf in self.leaves)
        self.live = self._find_live()
        self._cache: OrderedDict[tuple[str, str], DocNumbers] = OrderedDict()
        self._cached = 0
        self._lock = threading.Lock()

    def find_documents(self, field: str, token: str) -> DocNumbers:
        """Return the document numbers, ascending, filed under a token of a field (deleted ones included)."""
        key = (field, token)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            collected = [self._read_postings(leaf, field, token) for leaf in self.leaves]
            ids: DocNumbers = np.concatenate(collected) if collected else np.empty(0, np.int32)
            self._remember(key, ids)
            return ids

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return the tokens of a field that begin with a prefix, at most `limit`, in order."""
        collected: set[str] = set()
        with self._lock:
            for leaf in self.leaves:
                for number, token in enumerate(leaf.reader.expand_prefix(field, prefix)):
                    if number >= limit:
                        break
                    collected.add(token.decode() if isinstance(token, bytes) else token)
        return sorted(collected)[:limit]

    def read_column(self, name: str, ids: DocNumbers | None = None) -> Any:
        """Return values of a column for these document numbers (ascending), or for all of them."""
        if not self.leaves:
            return np.empty((0, *ROW[name].shape), ROW[name].base)
        if ids is None or len(ids) == self.size:
            parts = [leaf.columns[name] for leaf in self.leaves]
        else:
            bounds = np.searchsorted(ids, [leaf.offset for leaf in self.leaves[1:]])
            parts = [
                leaf.columns[name][part - leaf.offset]
                for leaf, part in zip(self.leaves, np.split(ids, bounds), strict=True)
            ]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _make_segment(self, reader: IndexReader, offset: int) -> Segment:
        segment: Any = reader.segment()
        try:
            columns = read_columns(self.folder, segment.segment_id())
        except FileNotFoundError:  # a commit whose columns are not written yet
            columns = columns_of_segment(reader, self.names)
        if len(columns["id"]) != reader.doc_count_all():
            raise IndexUnavailable("index_unreadable", detail="columns and segment differ in length")
        return Segment(reader, offset, columns)

    def _find_live(self) -> npt.NDArray[np.bool_]:
        live = np.ones(self.size, dtype=bool)
        for leaf in self.leaves:
            segment: Any = leaf.reader.segment()
            for number in segment.deleted_docs():
                live[leaf.offset + number] = False
        return live

    def _read_postings(self, leaf: Segment, field: str, token: str) -> DocNumbers:
        try:
            matcher = leaf.reader.postings(field, token)
        except TermNotFound:
            return np.empty(0, np.int32)
        return read_document_numbers(matcher) + np.int32(leaf.offset)

    def _remember(self, key: tuple[str, str], ids: DocNumbers) -> None:
        self._cache[key] = ids
        self._cached += len(ids) + 1
        while self._cached > CACHED_IDS and len(self._cache) > 1:
            self._cached -= len(self._cache.popitem(last=False)[1]) + 1


def columns_of_segment(reader: Any, names: NameDictionary) -> Columns:
    """Return the columns of a segment, made of its stored fields; deleted documents have their row too."""
    stored = (reader.stored_fields(number) for number in range(reader.doc_count_all()))
    return make_columns((fields["values"] for fields in stored), names)


def open_whoosh(folder: Path) -> Any:
    """Return the Whoosh index in a folder, opened with our own schema: a stored one is a pickle."""
    return _FileIndex(_FileStorage(str(folder)), schema=SCHEMA)


def leaf_readers(reader: Any) -> list[tuple[Any, int]]:
    """Return the readers of the segments with their first document numbers; of an empty index none."""
    return list(reader.leaf_readers()) if reader.doc_count_all() else []


class RecordIndex:
    """The newest snapshot, opened when first asked for; every search looks whether there is a newer one (20 µs)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def get_snapshot(self) -> Snapshot:
        """Return the newest snapshot. Raises `IndexUnavailable` where there is none that can be read."""
        with self._lock:
            folder = current_folder(self._root)
            if self._is_stale(folder):
                self._snapshot = _open_snapshot(folder)
            assert self._snapshot is not None
            return self._snapshot

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Give the newest snapshot to one search.

        Raises `IndexUnavailable` where there is none, and where the search fails: damaged postings make Whoosh raise
        anything. The files are then checked by the indexer, which rebuilds a damaged index.
        """
        snapshot = self.get_snapshot()
        try:
            yield snapshot
        except IndexUnavailable:
            raise
        except Exception as error:
            log.error("search_failed", index=snapshot.folder.name, exc_info=error)
            with suppress(OSError):
                request_check(snapshot.folder)
            raise IndexUnavailable("index_unreadable", detail=repr(error)) from error

    def _is_stale(self, folder: Path) -> bool:
        current = self._snapshot
        return current is None or current.folder != folder or current.generation != generation_of(folder)


def _open_snapshot(folder: Path) -> Snapshot:
    try:
        return Snapshot(folder)
    except IndexUnavailable:
        raise
    except Exception as error:  # whatever a damaged file makes Whoosh raise
        raise IndexUnavailable("index_unreadable", detail=str(error)) from error


def current_folder(root: Path) -> Path:
    """Return the folder of the index in force. Raises `IndexUnavailable` where none was made yet."""
    try:
        return root / (root / "current").read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise IndexUnavailable("index_not_built") from error


def generation_of(folder: Path) -> str:
    """Return a mark that changes with every finished commit."""
    try:
        return (folder / "generation").read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise IndexUnavailable("index_incomplete") from error
