"""A store on one local disk: write to `staging/`, fsync, verify, rename. A crash may leave a file in `staging/`."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from storage_config.errors import NO_ROOM, ObjectDamaged, ObjectNotFound, StorageError, StorageFull
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.keys import LISTED, TRASH, original_key, validate_key
from storage_config.stores.base import Digest, StoredObject
from storage_config.units import format_bytes, parse_reserve

CHUNK = 1 << 20
CHECK_AFTER, FILE_OVERHEAD = 16 << 20, 64 << 10
STAGING_KEEP_SECONDS = 24 * 3600


class FilesystemStore:
    """Objects as files under one root; keys are relative paths of safe segments."""

    def __init__(self, root: Path, *, reserve: str = "0", rate_limiter: RateLimiter = UNLIMITED) -> None:
        """`reserve` is the room left free on the disk, in bytes or as a share; `rate_limiter` limits puts."""
        self.root = root
        self._staging = root / "staging"
        self._reserve = reserve
        self._rate_limiter = rate_limiter
        self._until_checked = 0

    def put_original(self, source: Path, *, durable: bool = True) -> Digest:
        """Copy in under the SHA-256 of the bytes; see `ObjectStore.put_original`."""
        staged = self._staging_path()
        try:
            with source.open("rb", buffering=0) as reading, self._create(staged) as writing:
                self._check_free_space(os.fstat(reading.fileno()).st_size)
                digest = _copy_and_hash(reading, writing, self._rate_limiter)
                if durable:
                    _fsync(writing)
            target = self._object_path(original_key(digest.sha256))
            if _is_whole(target, digest):
                return digest
            _verify(staged, digest)
            _rename(staged, target)
            return digest
        except OSError as error:
            raise _translate(error) from error
        finally:
            staged.unlink(missing_ok=True)

    def put_file(self, key: str, source: Path) -> StoredObject:
        """Rename a file to its path; copy it where it is on another disk."""
        target = self._object_path(key)
        try:
            size = source.stat().st_size
            self._check_free_space(0)  # the file lies on this disk already, or is copied in
            try:
                _rename(source, target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._check_free_space(size)
                self._copy_in(source, target)
        except OSError as error:
            raise _translate(error) from error
        return StoredObject(key, size, time.time())

    def put_bytes(self, key: str, data: bytes) -> StoredObject:
        """Store `data` under `key`."""
        staged = self._staging_path()
        try:
            with self._create(staged) as writing:
                _write_all(writing, memoryview(data))
            _rename(staged, self._object_path(key))
        except OSError as error:
            raise _translate(error) from error
        finally:
            staged.unlink(missing_ok=True)
        return self.head_object(key)

    def try_put(self, key: str, data: bytes) -> None:
        """Write the bytes to a staging file, and remove it."""
        self._object_path(key)
        staged = self._staging_path()
        try:
            with self._create(staged) as writing:
                self._check_free_space(len(data))
                _write_all(writing, memoryview(data))
        except OSError as error:
            raise _translate(error) from error
        finally:
            staged.unlink(missing_ok=True)

    def flush(self) -> None:
        """Flush all that was put, by one sync of the disks: a sync for each file would be most of the cost of a put."""
        os.sync()

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """Open the object for reading; the whole of it may be read, whatever `length` says."""
        try:
            file = self._object_path(key).open("rb")
        except FileNotFoundError as error:
            raise ObjectNotFound(what=key) from error
        if start:
            file.seek(start)
        return file

    def head_object(self, key: str) -> StoredObject:
        """Size and time of the object."""
        try:
            status = self._object_path(key).stat()
        except FileNotFoundError as error:
            raise ObjectNotFound(what=key) from error
        return StoredObject(key, status.st_size, status.st_mtime)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Walk the disk folder by folder; memory holds one folder's names at a time."""
        if prefix.startswith(TRASH):
            yield from self._walk(prefix)
        for folder in LISTED:
            if prefix.startswith(folder) or folder.startswith(prefix):
                yield from self._walk(prefix if prefix.startswith(folder) else folder)

    def copy(self, key: str, target: str) -> StoredObject:
        """Copy within the disk."""
        staged = self._staging_path()
        with self.open(key) as reading:
            try:
                with self._create(staged) as writing:
                    _copy_and_hash(reading, writing, UNLIMITED)
                    _fsync(writing)
                _rename(staged, self._object_path(target))
            except OSError as error:
                raise _translate(error) from error
            finally:
                staged.unlink(missing_ok=True)
        return self.head_object(target)

    def move(self, key: str, target: str) -> StoredObject:
        """Rename within the disk: no room is needed, whatever the size."""
        source = self._object_path(key)
        if not source.exists():
            raise ObjectNotFound(what=key)
        try:
            _rename(source, self._object_path(target))
        except FileNotFoundError as error:  # another process moved or deleted it first
            raise ObjectNotFound(what=key) from error
        except OSError as error:
            raise _translate(error) from error
        self._remove_empty_folders(key)
        return self.head_object(target)

    def delete(self, key: str) -> None:
        """Remove the object."""
        self._object_path(key).unlink(missing_ok=True)
        self._remove_empty_folders(key)

    def local_path(self, key: str) -> Path | None:
        """Return the file itself."""
        return self._object_path(key)

    def presigned_url(self, key: str, seconds: int, media_type: str, disposition: str | None = None) -> str | None:
        """None: only this machine has the file."""
        validate_key(key)
        return None

    def clear_staging(self) -> int:
        """Remove files that crashed writers left more than a day ago; returns how many."""
        limit, removed = time.time() - STAGING_KEEP_SECONDS, 0
        for path in self._staging.glob("*"):
            with suppress(FileNotFoundError):  # its writer has moved it to its place
                if path.stat().st_mtime < limit:
                    path.unlink()
                    removed += 1
        return removed

    def _remove_empty_folders(self, key: str) -> None:
        """Only in the trash, whose folders are named by day: a put may be about to write to any other folder."""
        if key.startswith(TRASH):
            with suppress(OSError):
                for folder in self._object_path(key).parents:
                    if folder == self.root:
                        break
                    folder.rmdir()

    def _walk(self, prefix: str) -> Iterator[StoredObject]:
        for folder, below, names in os.walk(self.root / prefix.rpartition("/")[0]):
            below.sort()
            base = Path(folder).relative_to(self.root).as_posix()
            for name in sorted(names):
                if f"{base}/{name}".startswith(prefix):
                    with suppress(ObjectNotFound):  # deleted since the folder was read
                        yield self.head_object(f"{base}/{name}")

    def _copy_in(self, source: Path, target: Path) -> None:
        staged = self._staging_path()
        try:
            with source.open("rb", buffering=0) as reading, self._create(staged) as writing:
                digest = _copy_and_hash(reading, writing, self._rate_limiter)
            _verify(staged, digest)
            _rename(staged, target)
            source.unlink()
        finally:
            staged.unlink(missing_ok=True)

    def _check_free_space(self, size: int) -> None:
        """Raise `StorageFull` where a put would use the free space that is reserved for the database and the indexes.

        The disk is asked again after `CHECK_AFTER` bytes, so for every large file.
        """
        self._until_checked -= size + FILE_OVERHEAD
        if self._until_checked > 0:
            return
        self._until_checked = CHECK_AFTER
        self.root.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(self.root)
        reserve = parse_reserve(self._reserve, disk.f_blocks * disk.f_frsize)
        free = disk.f_bavail * disk.f_frsize
        if reserve and free - size < reserve:
            raise StorageFull("disk_reserve_reached", free=format_bytes(free), reserve=format_bytes(reserve))

    def _object_path(self, key: str) -> Path:
        return self.root / validate_key(key)

    def _staging_path(self) -> Path:
        return self._staging / secrets.token_hex(16)

    @staticmethod
    def _create(path: Path) -> BinaryIO:
        try:
            return path.open("xb", buffering=0)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb", buffering=0)


def _is_whole(target: Path, digest: Digest) -> bool:
    """Return whether these bytes are stored: by their hash, since a power cut may leave a file of that size without
    them.
    """
    try:
        if target.stat().st_size != digest.size:
            return False
        _verify(target, digest)
    except (FileNotFoundError, ObjectDamaged):
        return False
    return True


def _rename(source: Path, target: Path) -> None:
    """Rename a file in one step, making the folder where it is missing."""
    try:
        os.replace(source, target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)


def _copy_and_hash(reading: BinaryIO, writing: BinaryIO, rate_limiter: RateLimiter) -> Digest:
    hashing, size, buffer = hashlib.sha256(), 0, bytearray(CHUNK)
    view = memoryview(buffer)
    while count := reading.readinto(buffer):  # type: ignore[attr-defined]
        rate_limiter.acquire(count)
        hashing.update(view[:count])
        _write_all(writing, view[:count])
        size += count
    return Digest(hashing.hexdigest(), size)


def _write_all(writing: BinaryIO, data: memoryview) -> None:
    while data:
        data = data[writing.write(data) :]


def _verify(path: Path, digest: Digest) -> None:
    with path.open("rb") as stored:
        sha256 = hashlib.file_digest(stored, "sha256").hexdigest()
    if sha256 != digest.sha256:
        raise ObjectDamaged("stored_bytes_differ", what=digest.sha256)


def _fsync(handle: BinaryIO) -> None:
    handle.flush()
    os.fsync(handle.fileno())


def _translate(error: OSError) -> Exception:
    if error.errno in NO_ROOM:
        return StorageFull("disk_full")
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return error
    return StorageError("disk_failed", detail=str(error))
