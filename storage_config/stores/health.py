"""Health check of a store: whether it can be reached, read and, where asked, written."""

from __future__ import annotations

import os
from itertools import islice

from storage_config.errors import AccessDenied, ObjectDamaged, StorageFailing
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.stores.base import ObjectStore

_PROBE = b"tianyuan"


def check_store(store: ObjectStore, *, writing: bool) -> None:
    """Check that the store can be listed and, with `writing`, written and read. Raises the `StorageError` of the first
    failure.
    """
    for prefix in (ORIGINALS, DERIVATIVES):
        for _ in islice(store.list(prefix), 1):
            pass
    if writing:
        for prefix in (ORIGINALS, DERIVATIVES):
            _try_to_write(store, f"{prefix}probe")
        _write_and_read(store, f"probes/{os.getpid()}")


def _try_to_write(store: ObjectStore, key: str) -> None:
    """Each bucket by itself: SeaweedFS stores a bucket in volumes of its own, and may have none left for one."""
    try:
        store.try_put(key, _PROBE)
    except AccessDenied as error:
        raise AccessDenied("credentials_only_read") from error
    except StorageFailing as error:
        bucket = str(error.message.parameters.get("what", key))
        raise StorageFailing("bucket_takes_nothing", what=bucket) from error


def _write_and_read(store: ObjectStore, key: str) -> None:
    try:
        store.put_bytes(key, _PROBE)
    except AccessDenied as error:
        raise AccessDenied("credentials_only_read") from error
    with store.open(key) as reading:
        data = reading.read()
    store.delete(key)
    if data != _PROBE:
        raise ObjectDamaged("read_back_differs")
