"""The list of every object that a snapshot names, and whether each is there.

`objects.csv.gz` has a line for each: store, bucket, key, bytes, sha256, state. On a disk the key is the path below
`objects/`; in a bucket it is the name without the part before the first slash.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import column, inspect, select, table

from library_server.catalogue.assets.objects import NamedObject
from library_server.preservation.backup.errors import BackupStopped
from library_server.preservation.backup.manifest import ObjectCounts
from library_server.preservation.backup.snapshot import open_snapshot
from library_server.preservation.reconciliation import merge_by_key
from storage_config.errors import ObjectNotFound
from storage_config.fixity.verification import Condition, check
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.settings import StorageSettings
from storage_config.stores.base import ObjectStore

HEADINGS = ("store", "bucket", "key", "bytes", "sha256", "state")
FINDINGS_KEPT = 1000
_AT_ONCE, _THREADS = 5000, 4
_ASSETS = table("assets", *map(column, ("id", "record_id", "role", "key", "sha256", "size", "condition")))


class ObjectState(StrEnum):
    """What became of an object."""

    THERE = "there"
    MISSING = "missing"
    WRONG_SIZE = "wrong_size"
    DAMAGED = "damaged"


@dataclass
class ObjectReport:
    """Counts of a check, and the first objects that are not as the database says."""

    objects: int = 0
    bytes: int = 0
    states: dict[ObjectState, int] = field(default_factory=lambda: dict.fromkeys(ObjectState, 0))
    findings: list[tuple[NamedObject, ObjectState]] = field(default_factory=list)

    def add(self, named: NamedObject, state: ObjectState) -> None:
        """Count one object."""
        self.objects += 1
        self.bytes += named.size
        self.states[state] += 1
        if state != ObjectState.THERE and len(self.findings) < FINDINGS_KEPT:
            self.findings.append((named, state))

    @property
    def counts(self) -> ObjectCounts:
        """The counts alone."""
        missing, wrong_size, damaged = (
            self.states[state] for state in (ObjectState.MISSING, ObjectState.WRONG_SIZE, ObjectState.DAMAGED)
        )
        return ObjectCounts(self.objects, self.bytes, missing, wrong_size, damaged)


def objects_in(snapshot: Path) -> Callable[[str], Iterator[NamedObject]]:
    """Return every object that a snapshot names under a prefix, by key; see
    `catalogue.assets.objects.named_objects`.
    """

    def named(prefix: str) -> Iterator[NamedObject]:
        with open_snapshot(snapshot) as connection:
            c = _ASSETS.c
            statement = select(c.key, c.sha256, c.size, c.id, c.record_id, c.role)
            statement = statement.where(c.key > prefix, c.key < prefix + "\x7f").order_by(c.key)
            if any(stored["name"] == "condition" for stored in inspect(connection).get_columns("assets")):
                statement = statement.where(c.condition != Condition.DROPPED)
            last = ""
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(statement):
                if row.key != last:  # several rows may name one object
                    last = row.key
                    yield NamedObject(*row)

    return named


def check_objects(
    snapshot: Path, store: ObjectStore, *, reading: bool = False, stopping: threading.Event | None = None
) -> Iterator[tuple[NamedObject, ObjectState]]:
    """Yield every object with its state, each key once; with `reading` all bytes are read and hashed.

    Raises `BackupStopped`, and `StoreUnusable` where the store does not answer.
    """
    objects = objects_in(snapshot)
    for prefix in (ORIGINALS, DERIVATIVES):
        merged = merge_by_key(store.list(prefix), objects(prefix))
        matches = ((named, stored.size if stored else None) for stored, named in merged if named is not None)
        states = ((named, _state_of(store, named, size)) for named, size in matches)
        for named, state in _read_through(store, states) if reading else states:
            if stopping is not None and stopping.is_set():
                raise BackupStopped
            yield named, state


def bytes_to_copy(snapshot: Path, target: ObjectStore) -> int:
    """Return bytes of the objects that a snapshot names and a store lacks."""
    matches = (match for prefix in (ORIGINALS, DERIVATIVES)
               for match in merge_by_key(target.list(prefix), objects_in(snapshot)(prefix)))  # fmt: skip
    return sum(named.size for stored, named in matches if named and (stored is None or stored.size != named.size))


def write_object_list(
    path: Path, settings: StorageSettings, states: Iterator[tuple[NamedObject, ObjectState]]
) -> ObjectReport:
    """Write the list, durable on return."""
    report = ObjectReport()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            writing = io.TextIOWrapper(packed, encoding="utf-8", newline="")
            rows = csv.writer(writing, lineterminator="\n")
            rows.writerow(HEADINGS)
            for named, state in states:
                report.add(named, state)
                bucket = _bucket_of_key(settings, named.key)
                rows.writerow((settings.storage, bucket, named.key, named.size, named.sha256, state))
            writing.flush()
            writing.detach()
        file.flush()
        os.fsync(file.fileno())
    return report


def _bucket_of_key(settings: StorageSettings, key: str) -> str:
    return f"{settings.s3_bucket_prefix}-{key.partition('/')[0]}" if settings.storage == "s3" else ""


def _state_of(store: ObjectStore, named: NamedObject, listed: int | None) -> ObjectState:
    """By the list of the store; asked again where that says otherwise, since servers may order keys differently."""
    if listed == named.size:
        return ObjectState.THERE
    try:
        return ObjectState.THERE if store.head_object(named.key).size == named.size else ObjectState.WRONG_SIZE
    except ObjectNotFound:
        return ObjectState.MISSING


def _read_through(
    store: ObjectStore, states: Iterator[tuple[NamedObject, ObjectState]]
) -> Iterator[tuple[NamedObject, ObjectState]]:
    """Hash what is there, a few at once and in the same order."""

    def read(named: NamedObject, state: ObjectState) -> ObjectState:
        if state == ObjectState.THERE and check(store, named).condition != Condition.SOUND:
            return ObjectState.DAMAGED
        return state

    threads = ThreadPoolExecutor(_THREADS)
    ahead: deque[tuple[NamedObject, Future[ObjectState]]] = deque()
    try:
        for named, state in states:
            ahead.append((named, threads.submit(read, named, state)))
            if len(ahead) > _THREADS * 2:
                first, reading = ahead.popleft()
                yield first, reading.result()
        for first, reading in ahead:
            yield first, reading.result()
    finally:
        threads.shutdown(cancel_futures=True)
