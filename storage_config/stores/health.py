"""Whether a store can be used at all: reached, read and, where one means to, written."""

from __future__ import annotations

import os
from itertools import islice

from storage_config.errors import AccessDenied, ObjectDamaged
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.stores.base import ObjectStore

_PROBE = b"tianyuan"


def check_store(store: ObjectStore, *, writing: bool) -> None:
    """Return when the store answers as it must; raises the `StorageError` that says what stands in the way."""
    for prefix in (ORIGINALS, DERIVATIVES):
        for _ in islice(store.list(prefix), 1):
            pass
    if writing:
        _write_and_read(store, f"probes/{os.getpid()}")


def _write_and_read(store: ObjectStore, key: str) -> None:
    try:
        store.put_bytes(key, _PROBE)
    except AccessDenied as error:
        raise AccessDenied(
            "这对密钥只能读不能写：入库和整理要用 ingest 身份的密钥 these credentials may only read: "
            "ingest and jobs need those of the ingest identity"
        ) from error
    with store.open(key) as reading:
        found = reading.read()
    store.delete(key)
    if found != _PROBE:
        raise ObjectDamaged("存进去的和读出来的不一样 what was read is not what was written")
