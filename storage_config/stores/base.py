"""The protocol of object stores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class StoredObject:
    """One stored object: its key, length in bytes and time of writing (seconds since the epoch)."""

    key: str
    size: int
    modified: float


@dataclass(frozen=True)
class Digest:
    """The checksum of bytes that were copied: SHA-256 in lower-case hex, and length in bytes."""

    sha256: str
    size: int


class ObjectStore(Protocol):
    """Bytes under keys. A key is visible only when all of its bytes are stored; `flush` makes keys durable."""

    def put_original(self, source: Path, *, durable: bool = True) -> Digest:
        """Copy a file in under its SHA-256 while hashing it; a second put of the same bytes stores nothing.

        With `durable` the bytes are durable before they have their name; without, `flush` makes many durable
        at once.
        Raises `StorageFull`, `ObjectDamaged`, or `OSError` where the source cannot be read.
        """
        ...

    def put_file(self, key: str, source: Path) -> StoredObject:
        """Store a file under a key and delete the file; replaces in one step what was stored there."""
        ...

    def put_bytes(self, key: str, data: bytes) -> StoredObject:
        """Store bytes under a key; replaces in one step what was stored there."""
        ...

    def try_put(self, key: str, data: bytes) -> None:
        """Send bytes as for this key and take them back; nothing is ever stored under it. Raises what a put raises."""
        ...

    def flush(self) -> None:
        """Return when all that was put before is durable; call it before committing rows that name it."""
        ...

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """Open for reading, at byte `start`; `length` is how many bytes will be read, where it is known.

        The file is seekable. Raises `ObjectNotFound`; reading raises `ObjectDamaged` where bytes are missing.
        """
        ...

    def head_object(self, key: str) -> StoredObject:
        """Size and time of one object. Raises `ObjectNotFound`."""
        ...

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Return every original and derivative whose key begins with `prefix`, about in the order of keys, as a stream.

        The trash is listed where the prefix begins with `trash/`, and never among the others.
        """
        ...

    def copy(self, key: str, target: str) -> StoredObject:
        """Copy one object to another key of the same store. Raises `ObjectNotFound`."""
        ...

    def move(self, key: str, target: str) -> StoredObject:
        """Give an object another key of the same store; a crash leaves it under both. Raises `ObjectNotFound`."""
        ...

    def delete(self, key: str) -> None:
        """Remove one object; silent where it is gone already."""
        ...

    def clear_staging(self) -> int:
        """Remove what writers that were killed have left for more than a day; returns how many files."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Return the object as a file of this machine, where there is one (ffmpeg and sendfile read it directly)."""
        ...

    def presigned_url(self, key: str, seconds: int, media_type: str, disposition: str | None = None) -> str | None:
        """Return an address where any program may GET the object for `seconds`, as `media_type`; None for a local
        store.
        """
        ...
