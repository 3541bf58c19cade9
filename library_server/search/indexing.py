"""From the outbox into the index, in batches; and the whole index made anew from the database.

One indexer at a time: a lock file in the index folder is held while writing.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage

from library_server.catalogue import browsing, outbox
from library_server.catalogue.views import RecordView
from library_server.database import Database
from library_server.search.columns import Names, columns_path, make_columns, write_aside, write_columns
from library_server.search.documents import SCHEMA, IndexedRecord, document
from library_server.search.records_index import (
    RecordsIndex,
    Snapshot,
    current_folder,
    generation_of,
    leaf_readers,
    open_whoosh,
)
from library_server.search.results import IndexUnavailable

BATCH = 2000
POSTINGS_BLOCK = 4096  # whole lists are read: in blocks of 128 most of the time went to blocks
REBUILD_MEMORY_MB = 96
UPDATE_MEMORY_MB = 32
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class IndexStatus:
    """How the index stands: records in it, rows of the outbox that wait, and whether it can be read."""

    records: int
    backlog: int
    readable: bool


@dataclass(frozen=True)
class Verification:
    """Ids that the database has and the index has not, and the other way round."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether index and database name the same records."""
        return not self.missing and not self.extra


class Indexer:
    """Writes the index of records under `root` from the catalogue in `database`."""

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.database = database
        self._found_readable: tuple[Path, str] | None = None

    def catch_up(self) -> int:
        """Index what waits in the outbox; rebuild first where the index cannot be read. Returns records done."""
        with self._alone():
            if not self._readable():
                self._rebuild(lambda _: None)
            done = 0
            while count := self._one_batch():
                done += count
            return done

    def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Make the whole index anew beside the old one, then put it in its place. Returns records indexed."""
        with self._alone():
            return self._rebuild(progress)

    def status(self) -> IndexStatus:
        """How the index stands."""
        with self.database.reading() as session:
            waiting = outbox.backlog(session)
        try:
            index = RecordsIndex(self.root).snapshot()
        except IndexUnavailable:
            return IndexStatus(0, waiting, readable=False)
        return IndexStatus(int(index.live.sum()), waiting, readable=True)

    def verify(self) -> Verification:
        """Compare the ids in the index with those in the database."""
        index = RecordsIndex(self.root).snapshot()
        indexed = {name.decode() for name in index.column("id")[index.live]}
        known = set(self._all_ids())
        return Verification(tuple(sorted(known - indexed)), tuple(sorted(indexed - known)))

    def _one_batch(self) -> int:
        with self.database.reading() as session:
            last, ids = outbox.pending(session, BATCH)
            found = browsing.for_indexing(session, ids)
        if not ids:
            return 0
        folder = current_folder(self.root)
        writer = _writer(open_whoosh(folder), UPDATE_MEMORY_MB)
        try:
            for record_id in ids:
                writer.delete_by_term("id", record_id)
            _add(writer, found)
            writer.commit()
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise
        _finish(folder, Names.read(folder))
        with self.database.writing() as session:
            outbox.strike(session, last)
        return len(ids)

    def _rebuild(self, progress: Callable[[int], None]) -> int:
        with self.database.reading() as session:
            last = outbox.newest_number(session)
        folder = self.root / f"records-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        storage: Any = FileStorage
        index = storage(str(folder)).create_index(SCHEMA)
        writer = _writer(index, REBUILD_MEMORY_MB)
        done = 0
        for ids in self._walk():
            with self.database.reading() as session:
                found = browsing.for_indexing(session, ids)
            _add(writer, found)
            done += len(ids)
            progress(done)
        writer.commit(optimize=True)
        _finish(folder, Names())
        write_aside(self.root / "current", folder.name.encode())
        with self.database.writing() as session:
            outbox.strike(session, last)
        self._remove_others(folder)
        return done

    def _walk(self) -> Iterator[list[str]]:
        after = ""
        while True:
            with self.database.reading() as session:
                ids = browsing.published_ids(session, after, BATCH)
            if not ids:
                return
            yield ids
            after = ids[-1]

    def _all_ids(self) -> Iterator[str]:
        for ids in self._walk():
            yield from ids

    def _readable(self) -> bool:
        """Whether the index can be opened; a generation that could be is not opened again at every look."""
        try:
            folder = current_folder(self.root)
            mark = folder, generation_of(folder)
            if mark != self._found_readable:
                Snapshot(folder)
                self._found_readable = mark
        except Exception as error:  # any failure to read means the same: make it anew
            if (self.root / "current").exists():  # the very first index is nothing to warn of
                log.warning("index_rebuild", why=repr(error))
            return False
        return True

    def _remove_others(self, kept: Path) -> None:
        for folder in self.root.glob("records-*"):
            if folder != kept:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "writer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _writer(index: Any, memory_mb: int) -> Any:
    codec: Any = W3Codec
    return index.writer(compound=False, limitmb=memory_mb, codec=codec(blocklimit=POSTINGS_BLOCK))


def _add(writer: Any, found: dict[str, tuple[RecordView, tuple[str, ...]]]) -> None:
    for view, slugs in found.values():
        writer.add_document(**document(IndexedRecord(view, slugs)))


def _finish(folder: Path, names: Names) -> None:
    """Write the columns of new segments, drop those of merged ones, and only then tell the readers."""
    reader = open_whoosh(folder).reader()
    segments = set()
    for leaf, _ in leaf_readers(reader):
        segment_id = leaf.segment().segment_id()
        segments.add(segment_id)
        if not columns_path(folder, segment_id).exists():
            columns = make_columns(
                (leaf.stored_fields(number)["values"] for number in range(leaf.doc_count_all())), names
            )
            write_columns(folder, segment_id, columns)
    reader.close()
    names.write(folder)
    write_aside(folder / "generation", secrets.token_hex(8).encode())
    for path in folder.glob("*.columns"):
        if path.name.split(".")[0] not in segments:
            path.unlink(missing_ok=True)
