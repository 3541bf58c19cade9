"""From the outbox into the index, in batches; and the whole index made anew from the database.

One indexer at a time: a lock file in the index folder is held while writing.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from whoosh.filedb.filestore import FileStorage
from whoosh.writing import NO_MERGE

from library_server.catalogue import outbox
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.search.records.checksums import (
    clear_request,
    find_damaged_files,
    has_checksums,
    is_check_requested,
)
from library_server.search.records.columns import NameDictionary, write_atomic
from library_server.search.records.document_loading import load_documents
from library_server.search.records.documents import SCHEMA
from library_server.search.records.index_writer import (
    DocumentsRejected,
    add_or_reject,
    delete_documents,
    open_writer,
    publish_generation,
    write_missing_columns,
)
from library_server.search.records.segment_merging import merge_alike, merge_all
from library_server.search.records.snapshots import RecordIndex, Snapshot, current_folder, generation_of, open_whoosh
from library_server.search.records.unindexed import read_unindexed, write_unindexed
from library_server.search.results import IndexUnavailable

BATCH = 2_000
SEGMENT = 5 * BATCH
"""Documents of one commit at most: their tokens are kept in memory, 4 KB each."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class IndexStatus:
    """How the index stands: records in it, rows of the outbox that wait, records that were left out as they cannot
    be indexed, and whether it can be read.
    """

    records: int
    backlog: int
    unindexed: int
    readable: bool


@dataclass(frozen=True)
class Verification:
    """Ids that the database has and the index has not, and the other way round.

    `unindexed` has the records, all of them missing, that cannot be indexed, with the reason; `damaged` the files of
    the index that hold other bytes than were written.
    """

    missing: tuple[str, ...]
    extra: tuple[str, ...]
    unindexed: dict[str, str]
    damaged: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether index and database name the same records, and every file of the index is as it was written."""
        return not self.missing and not self.extra and not self.damaged


class _Batch(NamedTuple):
    """Records that wait in the outbox, and the numbers of their rows."""

    row_numbers: list[int]
    ids: list[str]


class Indexer:
    """Writes the index of records under `root` from the catalogue in `database`."""

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.database = database
        self._found_readable: tuple[Path, str] | None = None
        self._names: NameDictionary | None = None

    def catch_up(self) -> int:
        """Index what waits in the outbox; rebuild first where the index cannot be read.

        Returns how many records waited, without those of a rebuild.
        """
        with self._lock():
            if not self._is_readable():
                self._rebuild(lambda _: None)
            folder, names, done = current_folder(self.root), self._take_names(), 0
            while (batch := self._read_outbox()).ids:
                names = names or NameDictionary.read(folder)
                self._index(folder, names, batch)
                done += len(batch.ids)
            return done

    def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Build a new index in its own folder, then switch to it. Returns how many records are in it."""
        with self._lock():
            return self._rebuild(progress)

    def get_status(self) -> IndexStatus:
        """Return how the index stands."""
        with self.database.reading() as session:
            waiting = outbox.count_backlog(session)
        try:
            index = RecordIndex(self.root).get_snapshot()
        except IndexUnavailable:
            return IndexStatus(0, waiting, 0, readable=False)
        return IndexStatus(int(index.live.sum()), waiting, len(read_unindexed(index.folder)), readable=True)

    def verify(self) -> Verification:
        """Compare the ids in the index with those in the database, and its files with their checksums."""
        index = RecordIndex(self.root).get_snapshot()
        indexed = {name.decode() for name in index.read_column("id")[index.live]}
        known = set(self._all_ids())
        unindexed = {name: reason for name, reason in read_unindexed(index.folder).items() if name in known - indexed}
        damaged = find_damaged_files(index.folder)
        return Verification(tuple(sorted(known - indexed)), tuple(sorted(indexed - known)), unindexed, damaged)

    def _read_outbox(self) -> _Batch:
        with self.database.reading() as session:
            return _Batch(*outbox.load_pending(session, SEGMENT))

    def _index(self, folder: Path, names: NameDictionary, batch: _Batch) -> None:
        """Index a batch as one generation, and remove it from the outbox."""
        failures = self._without_refused(lambda refused: self._update(folder, names, batch.ids, refused))
        indexed = set(batch.ids)
        left_out = {name: reason for name, reason in read_unindexed(folder).items() if name not in indexed}
        write_unindexed(folder, left_out | failures)
        publish_generation(folder, names)
        with self.database.writing() as session:
            outbox.delete_rows(session, batch.row_numbers)

    def _update(
        self, folder: Path, names: NameDictionary, ids: Sequence[str], refused: Mapping[str, str]
    ) -> dict[str, str]:
        """Put records into the index in the place of all that it has of them, in one commit; returns what failed."""
        failures = dict(refused)
        write_missing_columns(folder, names)
        with open_writer(open_whoosh(folder)) as writer:
            delete_documents(writer, folder, ids)
            for some in _split_batches(ids):
                failures |= self._add(writer, some, refused)
            writer.commit(mergetype=merge_alike)
        return failures

    def _add(self, writer: Any, ids: Sequence[str], refused: Mapping[str, str]) -> dict[str, str]:
        loaded = load_documents(self.database, [record_id for record_id in ids if record_id not in refused])
        add_or_reject(writer, loaded.documents)
        return loaded.failures

    def _without_refused(self, write: Callable[[Mapping[str, str]], dict[str, str]]) -> dict[str, str]:
        """Start over without the records that the index writer refuses."""
        refused: dict[str, str] = {}
        while True:
            try:
                return write(refused)
            except DocumentsRejected as rejection:
                refused |= rejection.failures

    def _rebuild(self, progress: Callable[[int], None]) -> int:
        with self.database.reading() as session:
            row_numbers = outbox.list_numbers(session)
        self._remove_others(self._current_folder())  # what a rebuild that was killed has left
        folder = self.root / f"records-{secrets.token_hex(4)}"
        try:
            done = self._fill(folder, progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        write_atomic(self.root / "current", folder.name.encode())
        with self.database.writing() as session:
            outbox.delete_rows(session, row_numbers)
        self._remove_others(folder)
        return done

    def _fill(self, folder: Path, progress: Callable[[int], None]) -> int:
        """Make a whole index in a new folder."""
        failures = self._without_refused(lambda refused: self._fill_without(refused, folder, progress))
        write_unindexed(folder, failures)
        publish_generation(folder, NameDictionary())
        return int(open_whoosh(folder).doc_count())

    def _fill_without(
        self, refused: Mapping[str, str], folder: Path, progress: Callable[[int], None]
    ) -> dict[str, str]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        storage: Any = FileStorage
        index = storage(str(folder)).create_index(SCHEMA)
        failures, done = dict(refused), 0
        walk = self._walk()
        while some := list(islice(walk, SEGMENT // BATCH)):
            with open_writer(index) as writer:
                for ids in some:
                    failures |= self._add(writer, ids, refused)
                    done += len(ids)
                    progress(done)
                writer.commit(mergetype=NO_MERGE)
        if done > SEGMENT:
            with open_writer(index) as writer:
                writer.commit(mergetype=merge_all)
        return failures

    def _current_folder(self) -> Path | None:
        try:
            return current_folder(self.root)
        except IndexUnavailable:
            return None

    def _walk(self) -> Iterator[list[str]]:
        after = ""
        while True:
            with self.database.reading() as session:
                ids = queries.published_ids(session, after, BATCH)
            if not ids:
                return
            yield ids
            after = ids[-1]

    def _all_ids(self) -> Iterator[str]:
        for ids in self._walk():
            yield from ids

    def _is_readable(self) -> bool:
        """Return whether the index can be opened. A generation that was opened once is not opened again."""
        try:
            folder = current_folder(self.root)
            mark = folder, generation_of(folder)
            if mark != self._found_readable:
                self._names = Snapshot(folder).names
                self._found_readable = mark
            if is_check_requested(folder):
                _check_files(folder)
        except Exception as error:  # any failure to read means the same: make it anew
            self._names = None
            if (self.root / "current").exists():  # the very first index is nothing to warn of
                log.warning("index_rebuild", why=repr(error))
            return False
        return True

    def _take_names(self) -> NameDictionary | None:
        """Return the names that `_is_readable` read; they are not kept, since they are as many as the creators of a
        library.
        """
        names, self._names = self._names, None
        return names

    def _remove_others(self, folder_in_use: Path | None) -> None:
        for folder in self.root.glob("records-*"):
            if folder != folder_in_use:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "writer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _split_batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _check_files(folder: Path) -> None:
    """Check the files of an index on which a search failed. Raises `IndexUnavailable` where they are damaged."""
    damaged = find_damaged_files(folder)
    if damaged or not has_checksums(folder):
        raise IndexUnavailable("index_files_damaged", detail=", ".join(damaged) or "no checksums")
    clear_request(folder)
