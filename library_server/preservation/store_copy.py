"""Moves what the catalogue names from one store to another: verified one by one, resumable, the library at work.

What is there already is not sent again, so that the command may be said as often as one likes; an object is
put only when its bytes are what the catalogue says. Nothing is deleted in the store that is left.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from library_server.catalogue.assets.objects import NamedObject
from library_server.catalogue.enums import AssetRole
from library_server.preservation.reconciliation import merge_by_key
from library_server.processes.scratch import scratch_directory
from storage_config.errors import ObjectDamaged, ObjectNotFound
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.fixity.verification import fetch
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.stores.base import ObjectStore

FINDINGS_KEPT = 1000


class CopyStatus(StrEnum):
    """What became of one object."""

    THERE = "there"
    COPIED = "copied"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass
class CopyReport:
    """Counts of a copy, in objects and bytes; `findings` are the first of what could not be copied."""

    there: int = 0
    copied: int = 0
    missing: int = 0
    damaged: int = 0
    bytes: int = 0
    findings: list[tuple[NamedObject, CopyStatus]] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """All objects that were come to."""
        return self.there + self.copied + self.lacking

    @property
    def lacking(self) -> int:
        """Objects that the new store does not have."""
        return self.missing + self.damaged

    def add(self, named: NamedObject, became: CopyStatus) -> None:
        """Count one object."""
        setattr(self, became, getattr(self, became) + 1)
        if became == CopyStatus.COPIED:
            self.bytes += named.size
        elif became != CopyStatus.THERE and len(self.findings) < FINDINGS_KEPT:
            self.findings.append((named, became))


class StoreCopy:
    """A copy between two stores of one catalogue; `objects` gives what it names under a prefix, by key.

    `rate_limiter` limits reads; the new store limits its own puts.
    """

    def __init__(
        self,
        objects: Callable[[str], Iterator[NamedObject]],
        source: ObjectStore,
        target: ObjectStore,
        scratch: Path,
        *,
        workers: int = 4,
        rate_limiter: RateLimiter = UNLIMITED,
    ) -> None:
        self._objects = objects
        self._source = source
        self._target = target
        self._scratch = scratch
        self._workers = workers
        self._rate_limiter = rate_limiter
        self.stopping = threading.Event()

    def run(self, progress: Callable[[CopyReport], None] = lambda _: None) -> CopyReport:
        """Copy what the new store lacks, until all is there or `stopping` is set.

        Raises `StoreUnusable` where either store is away or full; what was copied by then stays.
        """
        moved = CopyReport()
        with scratch_directory(self._scratch) as folder:
            for named, became in self._copy_objects(self._named_objects(), Path(folder)):
                moved.add(named, became)
                if moved.seen % 64 == 0:
                    progress(moved)
        self._target.flush()
        progress(moved)
        return moved

    def find_missing(self) -> Iterator[NamedObject]:
        """Yield what the catalogue names and the new store has not, or has at another length; asked object by
        object.
        """
        for named, there in self._named_objects():
            if not there and not self._is_there(named):
                yield named

    def _named_objects(self) -> Iterator[tuple[NamedObject, bool]]:
        """Yield every object that is named, and whether the new store's list has it at its length."""
        for prefix in (ORIGINALS, DERIVATIVES):
            for stored, named in merge_by_key(self._target.list(prefix), self._objects(prefix)):
                if named is not None:
                    yield named, stored is not None and stored.size == named.size

    def _copy_objects(
        self, objects: Iterator[tuple[NamedObject, bool]], folder: Path
    ) -> Iterator[tuple[NamedObject, CopyStatus]]:
        """Copy in parallel, a few ahead of what is given out."""
        threads = ThreadPoolExecutor(self._workers)
        ahead: deque[tuple[NamedObject, Future[CopyStatus]]] = deque()
        try:
            for named, there in objects:
                if self.stopping.is_set():
                    break
                if there:
                    yield named, CopyStatus.THERE
                    continue
                ahead.append((named, threads.submit(self._copy, named, folder)))
                if len(ahead) > self._workers * 2:
                    first, copying = ahead.popleft()
                    yield first, copying.result()
            while ahead:
                first, copying = ahead.popleft()
                yield first, copying.result()
        finally:
            threads.shutdown(cancel_futures=True)

    def _copy(self, named: NamedObject, folder: Path) -> CopyStatus:
        if self._is_there(named):
            return CopyStatus.THERE
        try:
            self._put(named, folder / named.asset_id)
        except (ObjectNotFound, FileNotFoundError):
            return CopyStatus.MISSING
        except ObjectDamaged:
            return CopyStatus.DAMAGED
        return CopyStatus.COPIED

    def _put(self, named: NamedObject, spooled: Path) -> None:
        """An original that is a file here is hashed as it is put; all else is fetched and hashed before."""
        file = self._source.local_path(named.key)
        if file is not None and named.role == AssetRole.ORIGINAL:
            if self._target.put_original(file).sha256 != named.sha256:
                raise ObjectDamaged(what=named.key)
            return
        try:
            fetch(self._source, named, spooled, self._rate_limiter)
            if self._target.local_path(named.key) is not None:
                _make_durable(spooled)
            self._target.put_file(named.key, spooled)
        finally:
            spooled.unlink(missing_ok=True)

    def _is_there(self, named: NamedObject) -> bool:
        try:
            return self._target.head_object(named.key).size == named.size
        except ObjectNotFound:
            return False


def _make_durable(path: Path) -> None:
    """Before it gets its name: after a power cut, a length that agrees must mean bytes that agree."""
    with path.open("rb") as written:
        os.fsync(written.fileno())
