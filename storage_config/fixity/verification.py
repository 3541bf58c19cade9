"""Whether stored bytes are still what they were: re-hashing one object, and mending it from another store."""

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
    """What a check found; or that a derived object was dropped to make room, until somebody asks for it."""

    SOUND = "sound"
    DAMAGED = "damaged"
    MISSING = "missing"
    DROPPED = "dropped"


class CheckCancelled(Exception):
    """The check was called off before it came to an end; it says nothing about the object."""


@dataclass(frozen=True)
class ObjectRef:
    """An object as the catalogue names it: SHA-256 in lower-case hex, size in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class FixityResult:
    """What a check found, how many bytes it read, and in what the object differs where it does."""

    condition: Condition
    read: int
    difference: Message | None = None


def check(
    store: ObjectStore, reference: ObjectRef, pace: RateLimiter = UNLIMITED, stopping: threading.Event | None = None
) -> FixityResult:
    """Read the whole object and compare its SHA-256.

    Raises `CheckCancelled`, and `StoreUnusable` where the store as a whole cannot be asked: that is no finding.
    """
    try:
        with store.open(reference.key, 0, reference.size or None) as reading:
            sha256, size = _hash(reading, None, pace, stopping)
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
    store: ObjectStore, good: ObjectStore, reference: ObjectRef, scratch: Path, pace: RateLimiter = UNLIMITED
) -> None:
    """Put the object anew from `good`; see `replace_object`.

    Raises `ObjectNotFound` or `ObjectDamaged` where the copy in `good` is no better.
    """
    spooled = scratch / reference.sha256
    try:
        fetch(good, reference, spooled, pace)
        replace_object(store, reference, spooled)
    finally:
        spooled.unlink(missing_ok=True)


def replace_object(store: ObjectStore, reference: ObjectRef, sound: Path) -> None:
    """Put a sound file of ours in the place of what is stored, keep that aside, and read back what was put.

    The file is used up. Raises `ObjectDamaged` where the store gives back other bytes than it was given.
    """
    _keep_aside(store, reference)
    store.put_file(reference.key, sound)
    store.flush()
    result = check(store, reference)
    if result.condition != Condition.SOUND:
        raise ObjectDamaged("still_damaged", what=reference.key, detail=str(result.difference))


def _keep_aside(store: ObjectStore, reference: ObjectRef) -> None:
    """What is damaged may still tell why; what cannot even be copied is given up."""
    try:
        store.copy(reference.key, damaged_key(reference.sha256))
    except StoreUnusable:
        raise
    except (StorageError, OSError):
        return


def fetch(store: ObjectStore, reference: ObjectRef, target: Path, pace: RateLimiter = UNLIMITED) -> None:
    """Copy an object to a file of this machine. Raises `ObjectDamaged` where it is not what the catalogue names."""
    with store.open(reference.key, 0, reference.size or None) as reading, target.open("wb") as writing:
        sha256, size = _hash(reading, writing, pace, None)
    if (sha256, size) != (reference.sha256, reference.size):
        raise ObjectDamaged(what=reference.key)


def _hash(
    reading: BinaryIO, writing: BinaryIO | None, pace: RateLimiter, stopping: threading.Event | None
) -> tuple[str, int]:
    hashing, size = hashlib.sha256(), 0
    while piece := reading.read(CHUNK):
        if stopping is not None and stopping.is_set():
            raise CheckCancelled
        pace.acquire(len(piece))
        hashing.update(piece)
        size += len(piece)
        if writing is not None:
            writing.write(piece)
    return hashing.hexdigest(), size
