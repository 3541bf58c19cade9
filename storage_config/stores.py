"""Opens the stores that the settings name."""

from __future__ import annotations

from pathlib import Path

from storage_config.filesystem_store import FilesystemStore
from storage_config.moving_store import MovingStore
from storage_config.object_store import ObjectStore
from storage_config.pace import UNHURRIED, Pace
from storage_config.settings import StorageSettings


def open_store(settings: StorageSettings, *, patient: bool = True) -> ObjectStore:
    """The store of `TIANYUAN_STORAGE`, over the one it is moving from; `patient` waits for a server that is away."""
    store = open_place(settings, settings.storage, patient=patient)
    if settings.moving_from is None:
        return store
    return MovingStore(store, open_place(settings, settings.moving_from, patient=patient))


def open_place(settings: StorageSettings, place: str, *, patient: bool = True, pace: Pace = UNHURRIED) -> ObjectStore:
    """The store at a place: `filesystem`, `s3`, `other-s3`, or a folder; `pace` holds back what is put there.

    Raises `BadSettings` where the place has no settings.
    """
    if place == "filesystem":
        return FilesystemStore(settings.objects_folder, reserve=settings.disk_reserve, pace=pace)
    if place not in {"s3", "other-s3"}:
        return FilesystemStore(Path(place), reserve=settings.disk_reserve, pace=pace)
    from storage_config.s3_store import S3Store  # its SDK costs memory that a disk does not need

    chosen = settings.of_the_other_s3() if place == "other-s3" else settings.of_the_s3()
    return S3Store(chosen, patient=patient, pace=pace)
