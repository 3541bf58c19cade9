"""Opens the stores that the settings name."""

from __future__ import annotations

from pathlib import Path

from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.settings import StorageSettings
from storage_config.stores.base import ObjectStore
from storage_config.stores.filesystem import FilesystemStore
from storage_config.stores.migrating import MigratingStore


def open_store(settings: StorageSettings, *, patient: bool = True) -> ObjectStore:
    """Return the store of `TIANYUAN_STORAGE`, over the one it is moving from; `patient` retries for half a minute."""
    store = open_location(settings, settings.storage, patient=patient)
    if settings.moving_from is None:
        return store
    return MigratingStore(store, open_location(settings, settings.moving_from, patient=patient))


def open_location(
    settings: StorageSettings, place: str, *, patient: bool = True, rate_limiter: RateLimiter = UNLIMITED
) -> ObjectStore:
    """Return the store at a place: `filesystem`, `s3`, `other-s3`, or a folder; `rate_limiter` limits what is put
    there.

    Raises `InvalidSettings` where the place has no settings.
    """
    if place == "filesystem":
        return FilesystemStore(settings.objects_folder, reserve=settings.disk_reserve, rate_limiter=rate_limiter)
    if place not in {"s3", "other-s3"}:
        return FilesystemStore(Path(place), reserve=settings.disk_reserve, rate_limiter=rate_limiter)
    from storage_config.s3.store import S3Store  # its SDK costs memory that a disk does not need

    s3_settings = settings.with_other_s3() if place == "other-s3" else settings.require_s3()
    return S3Store(s3_settings, patient=patient, rate_limiter=rate_limiter)
