"""Opens the store that the settings name."""

from __future__ import annotations

from storage_config.errors import BadSettings
from storage_config.filesystem_store import FilesystemStore
from storage_config.object_store import ObjectStore
from storage_config.settings import StorageSettings


def open_store(settings: StorageSettings) -> ObjectStore:
    """The store of `TIANYUAN_STORAGE`. Raises `BadSettings` for a store this release does not bring."""
    if settings.storage == "filesystem":
        return FilesystemStore(settings.objects_folder)
    raise BadSettings("TIANYUAN_STORAGE=s3: 本版只支持 filesystem; this release serves from filesystem only")
