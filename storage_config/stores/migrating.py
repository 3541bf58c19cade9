"""A store during a migration: bytes are put into the new store, and read from the old one until they are copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from storage_config.errors import ObjectNotFound
from storage_config.stores.base import Digest, ObjectStore, StoredObject


class MigratingStore:
    """`new` before `old`; see `ObjectStore` for what each call does."""

    def __init__(self, new: ObjectStore, old: ObjectStore) -> None:
        self.new = new
        self.old = old

    def put_original(self, source: Path, *, durable: bool = True) -> Digest:
        """Into the new store."""
        return self.new.put_original(source, durable=durable)

    def put_file(self, key: str, source: Path) -> StoredObject:
        """Into the new store."""
        return self.new.put_file(key, source)

    def put_bytes(self, key: str, data: bytes) -> StoredObject:
        """Into the new store."""
        return self.new.put_bytes(key, data)

    def try_put(self, key: str, data: bytes) -> None:
        """In the new store."""
        self.new.try_put(key, data)

    def flush(self) -> None:
        """Only the new store was written to."""
        self.new.flush()

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """From the new store, else from the old one."""
        try:
            return self.new.open(key, start, length)
        except ObjectNotFound:
            return self.old.open(key, start, length)

    def head_object(self, key: str) -> StoredObject:
        """From the new store, else from the old one."""
        try:
            return self.new.head_object(key)
        except ObjectNotFound:
            return self.old.head_object(key)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield all of the new store, then what only the old one has."""
        yield from self.new.list(prefix)
        for stored in self.old.list(prefix):
            if not self._has_moved(stored.key):
                yield stored

    def copy(self, key: str, target: str) -> StoredObject:
        """Within the store that has it."""
        try:
            return self.new.copy(key, target)
        except ObjectNotFound:
            return self.old.copy(key, target)

    def move(self, key: str, target: str) -> StoredObject:
        """Within each store that has it: under its old key it must not come back from the other."""
        moved: list[StoredObject] = []
        for store in (self.old, self.new):
            with suppress(ObjectNotFound):
                moved.append(store.move(key, target))
        if not moved:
            raise ObjectNotFound(what=key)
        return moved[-1]

    def delete(self, key: str) -> None:
        """In both: what is deleted must not come back from the old store."""
        self.old.delete(key)
        self.new.delete(key)

    def clear_staging(self) -> int:
        """In both."""
        return self.old.clear_staging() + self.new.clear_staging()

    def local_path(self, key: str) -> Path | None:
        """Return the file, where the store that has the object is a local one."""
        return self._store_of(key).local_path(key)

    def presigned_url(self, key: str, seconds: int, media_type: str, disposition: str | None = None) -> str | None:
        """Return an address in the store that has the object."""
        return self._store_of(key).presigned_url(key, seconds, media_type, disposition)

    def _store_of(self, key: str) -> ObjectStore:
        return self.new if self._has_moved(key) else self.old

    def _has_moved(self, key: str) -> bool:
        try:
            self.new.head_object(key)
        except ObjectNotFound:
            return False
        return True
