"""Opens the store that the settings name."""

from __future__ import annotations

from storage_config.filesystem_store import FilesystemStore
from storage_config.object_store import ObjectStore
from storage_config.settings import StorageSettings


def open_store(settings: StorageSettings, *, patient: bool = True) -> ObjectStore:
    """The store of `TIANYUAN_STORAGE`; `patient` waits for a server that is away, as no page should."""
    if settings.storage == "filesystem":
        return FilesystemStore(settings.objects_folder)
    from storage_config.s3_store import S3Store  # its SDK costs memory that a disk does not need

    return S3Store(settings, patient=patient)
