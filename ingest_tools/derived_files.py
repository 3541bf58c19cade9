"""Stores derived files, which formats and jobs wrote into a scratch folder, under keys of their record."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ingest_tools.description import Derived
from library_server.catalogue.enums import PUBLIC_COPY
from library_server.catalogue.records.commands import NewAsset
from storage_config.keys import derivative_key
from storage_config.stores.base import ObjectStore


def store_derived(
    store: ObjectStore, record_id: str, folder: Path, derived: Derived, original_name: str | None = None
) -> NewAsset:
    """Move a derived file of a record into the store; its name has the bytes' hash, so that addresses may be cached.

    A public copy is saved by readers under the name of its original.
    """
    file = folder / derived.file
    sha256 = derived.sha256 or _hash_file(file)
    key = derivative_key(record_id, f"{sha256[:16]}-{derived.file}")
    stored = store.put_file(key, file)
    return NewAsset(
        role=derived.role,
        label=derived.label,
        media_type=derived.media_type,
        language=derived.language,
        size=stored.size,
        sha256=sha256,
        key=key,
        filename=original_name if derived.label == PUBLIC_COPY else None,
    )


def _hash_file(file: Path) -> str:
    with file.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()
