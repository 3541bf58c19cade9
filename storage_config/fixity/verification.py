"""Fixity of one object: its SHA-256 computed again, and its repair from another store."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from storage_config.errors import ObjectDamaged, ObjectNotFound, StorageError, StoreUnusable
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.keys import damaged_key
from storage_config.messages import Message
from storage_config.stores.base import ObjectStore

CHUNK = 1 << 20


class Condition(StrEnum):
    """What a check found; or that a derived object was deleted to make room, until it is requested."""

    SOUND = "sound"
    DAMAGED = "damaged"
    MISSING = "missing"
    DROPPED = "dropped"


class CheckCancelled(Exception):
    """The check was cancelled before its end; it has no result."""


@dataclass(frozen=True)
class ObjectRef:
    """An object as the catalogue names it: SHA-256 in lower-case hex, size in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class FixityResult:
    """The result of a check, the bytes read, and how the object differs where it does."""

    condition: Condition
    read: int
    difference: Message | None = None


def check(
    store: ObjectStore,
    reference: ObjectRef,
    rate_limiter: RateLimiter = UNLIMITED,
    stopping: threading.Event | None = None,
) -> FixityResult:
    """Read the whole object and compare its SHA-256.

    Raises `CheckCancelled`, and `StoreUnusable` where the store as a whole cannot be used: that is no result.
    """
    try:
        with store.open(reference.key, 0, reference.size or None) as reading:
            sha256, size = _hash(reading, None, rate_limiter, stopping)
    except ObjectNotFound:
        return FixityResult(Condition.MISSING, 0, Message("object_gone"))
    except StoreUnusable:
        raise
    except ObjectDamaged as error:
        return FixityResult(Condition.DAMAGED, 0, error.message)
    except (OSError, StorageError) as error:
        return FixityResult(Condition.DAMAGED, 0, Message("object_unreadable", {"detail": str(error)}))
    if sha256 == reference.sha256:
        return FixityResult(Condition.SOUND, size)
    if size != reference.size:
        difference = Message("length_differs", {"size": size, "expected": reference.size})
    else:
        difference = Message("bytes_changed", {"sha256": sha256})
    return FixityResult(Condition.DAMAGED, size, difference)


def repair(
    store: ObjectStore, good: ObjectStore, reference: ObjectRef, scratch: Path, rate_limiter: RateLimiter = UNLIMITED
) -> None:
    """Replace the object by its copy in the store `good`; see `replace_object`.

    Raises `ObjectNotFound` or `ObjectDamaged` where the copy in `good` is no better.
    """
    spooled = scratch / reference.sha256
    try:
        fetch(good, reference, spooled, rate_limiter)
        replace_object(store, reference, spooled)
    finally:
        spooled.unlink(missing_ok=True)


def replace_object(store: ObjectStore, reference: ObjectRef, sound: Path) -> None:
    """Replace the stored object by the file `sound`, keep a copy of the damaged one, and read the new one back.

    The file is deleted. Raises `ObjectDamaged` where the store returns other bytes than were put.
    """
    _keep_damaged(store, reference)
    store.put_file(reference.key, sound)
    store.flush()
    result = check(store, reference)
    if result.condition != Condition.SOUND:
        raise ObjectDamaged("still_damaged", what=reference.key, detail=str(result.difference))


def _keep_damaged(store: ObjectStore, reference: ObjectRef) -> None:
    """Copy a damaged object, which may show why it was damaged; one that cannot be copied is lost."""
    try:
        store.copy(reference.key, damaged_key(reference.sha256))
    except StoreUnusable:
        raise
    except (StorageError, OSError):
        return


def fetch(store: ObjectStore, reference: ObjectRef, target: Path, rate_limiter: RateLimiter = UNLIMITED) -> None:
    """Copy an object to a file of this machine. Raises `ObjectDamaged` where it is not what the catalogue names."""
    with store.open(reference.key, 0, reference.size or None) as reading, target.open("wb") as writing:
        sha256, size = _hash(reading, writing, rate_limiter, None)
    if (sha256, size) != (reference.sha256, reference.size):
        raise ObjectDamaged(what=reference.key)


def _hash(
    reading: BinaryIO, writing: BinaryIO | None, rate_limiter: RateLimiter, stopping: threading.Event | None
) -> tuple[str, int]:
    hashing, size = hashlib.sha256(), 0
    while piece := reading.read(CHUNK):
        if stopping is not None and stopping.is_set():
            raise CheckCancelled
        rate_limiter.acquire(len(piece))
        hashing.update(piece)
        size += len(piece)
        if writing is not None:
            writing.write(piece)
    return hashing.hexdigest(), size
