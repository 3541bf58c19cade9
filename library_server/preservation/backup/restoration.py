"""Restores a backup into a home: checked first, then put in place so that no half of it is ever served.

A marker in the home (`restore.partial`) keeps every other command out until the end. Run the same
command again to resume an interrupted restoration.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import tomlkit

from library_server.catalogue.assets.objects import NamedObject
from library_server.catalogue.database_creation import RESTORE_MARKER
from library_server.catalogue.migrations import refuse_newer_revision
from library_server.database.engine import Database
from library_server.database.errors import SchemaTooNew
from library_server.preservation.backup import folders, kept_settings
from library_server.preservation.backup.errors import BackupError, BackupStopped
from library_server.preservation.backup.manifest import (
    DATABASE,
    KEY_FILE,
    MANIFEST,
    SETTINGS_FILE,
    Manifest,
    ObjectCounts,
    check_files,
    hash_file,
    read_manifest,
    sync_path,
    write_private,
)
from library_server.preservation.backup.object_list import (
    ObjectReport,
    ObjectState,
    bytes_to_copy,
    check_objects,
    objects_in,
)
from library_server.preservation.backup.target_database import has_records, open_target
from library_server.preservation.store_copy import StoreCopy
from library_server.preservation.trash import restore_named
from library_server.settings import Settings
from storage_config.errors import AccessDenied, BucketNotFound
from storage_config.settings import PREFIX, load_settings
from storage_config.stores.base import ObjectStore
from storage_config.stores.factory import open_store
from storage_config.stores.filesystem import FilesystemStore
from storage_config.stores.health import check_store


@dataclass(frozen=True)
class RestoreOptions:
    """`replace` sets aside what the home holds; `verify` reads and hashes every object."""

    replace: bool = False
    verify: bool = False


@dataclass(frozen=True)
class RestoreReport:
    """What was restored. `aside` are places of what was there before; `unset` settings of the environment that the
    backup knows and that are not so now; `other_key` whether another key than the restored one is in force.
    """

    backup: Path
    manifest: Manifest
    settings: Settings
    aside: tuple[str, ...]
    unset: Mapping[str, str]
    other_key: bool
    copied: int
    objects: ObjectCounts
    findings: tuple[tuple[NamedObject, ObjectState], ...]


@dataclass(frozen=True)
class _Progress:
    """How far a restoration has come, as its marker says it."""

    manifest: str
    aside: str
    replace: bool
    database: bool = False
    set_aside: tuple[str, ...] = ()


class Restoration:
    """The restoration of one backup into one home."""

    def __init__(self, home: Path, folder: Path) -> None:
        """`folder` is a backup, or a folder of backups, of which the newest is taken."""
        self._home = home.absolute()
        self._backup = folders.newest_backup(folder)
        self._marker = self._home / RESTORE_MARKER
        self.stopping = threading.Event()

    def run(self, options: RestoreOptions, build_index: Callable[[Settings], None]) -> RestoreReport:
        """Restore. Nothing is changed before the backup was read whole and agrees with its hashes.

        Raises `BackupError`, and the errors of settings, database, store and disk.
        """
        manifest = self._checked_manifest()
        text = kept_settings.restored_text(
            kept_settings.read_text(self._backup / SETTINGS_FILE), kept_settings.read_text(self._home / SETTINGS_FILE)
        )
        settings = self._load_settings(manifest, text)
        store = open_store(settings)
        check_store(store, writing=False)
        progress = self._begin(settings, options)
        if not progress.database:
            progress = self._put_files(settings, text, progress)
        _restore_from_trash(settings, store)
        copied = self._copy_objects(settings, store)
        report = self._check_objects(store, options)
        build_index(settings)
        self._marker.unlink()
        sync_path(self._home)
        return RestoreReport(
            backup=self._backup,
            manifest=manifest,
            settings=settings,
            aside=progress.set_aside,
            unset=_find_unset(manifest, text),
            other_key=settings.signing_key() != (self._backup / KEY_FILE).read_text("utf-8"),
            copied=copied,
            objects=report.counts,
            findings=tuple(report.findings),
        )

    def _checked_manifest(self) -> Manifest:
        manifest = read_manifest(self._backup)
        try:
            refuse_newer_revision(manifest.schema)
        except SchemaTooNew as error:
            raise BackupError("backup_too_new", path=str(self._backup), version=manifest.version) from error
        check_files(self._backup, manifest)
        return manifest

    def _load_settings(self, manifest: Manifest, text: str) -> Settings:
        """Return the settings that will be in force. Raises `BackupError` where a choice is left to the operator."""
        if lacking := kept_settings.lacking_keys(text):
            raise BackupError("restore_needs_keys", names=", ".join(lacking))
        given = tomlkit.parse(text).unwrap()
        settings = load_settings(Settings, {"home": str(self._home)}, file_values=given)
        if manifest.taken_from == "postgresql" and settings.database_url is None:
            raise BackupError("restore_needs_database", where=manifest.where)
        return settings

    def _begin(self, settings: Settings, options: RestoreOptions) -> _Progress:
        """Write the marker, or read that of a restoration that was interrupted."""
        manifest = hash_file(self._backup / MANIFEST).sha256
        progress = self._load_progress()
        if progress is not None and progress.manifest != manifest and not options.replace:
            raise BackupError("other_restore_unfinished", home=str(self._home))
        if progress is None or progress.manifest != manifest:
            if has_records(settings) and not options.replace:
                raise BackupError("home_has_records", home=str(self._home))
            stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
            progress = _Progress(manifest, f"before-restore-{stamp}", options.replace)
        open_target(settings).refuse_use()
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._save_progress(progress)
        return progress

    def _put_files(self, settings: Settings, text: str, progress: _Progress) -> _Progress:
        """Put settings and key first: the database is last, because its presence marks a complete home."""
        put = [progress]

        def note(where: str) -> None:
            put[0] = replace(put[0], set_aside=(*put[0].set_aside, where))
            self._save_progress(put[0])

        contents = {SETTINGS_FILE: text.encode(), KEY_FILE: (self._backup / KEY_FILE).read_bytes()}
        for name, data in contents.items():
            path = self._home / name
            if path.exists() and path.read_bytes() != data:
                note(str(_keep_copy(path, self._home / progress.aside)))
            if data:
                new = path.with_name(f".{name}.restored")
                write_private(new, data)
                new.rename(path)
            else:
                path.unlink(missing_ok=True)
        sync_path(self._home)
        place = open_target(settings).replace(self._backup / DATABASE, progress.aside, self.stopping)
        if place:
            note(place)
        put[0] = replace(put[0], database=True)
        self._save_progress(put[0])
        return put[0]

    def _copy_objects(self, settings: Settings, store: ObjectStore) -> int:
        """Copy back what the store lacks, where the backup has copies of objects. Returns how many."""
        copies = self._backup.parent / folders.OBJECTS
        if not copies.is_dir():
            return 0
        snapshot = self._backup / DATABASE
        if settings.storage == "filesystem":
            folders.check_room(self._home, bytes_to_copy(snapshot, store))
        scratch = self._home / "scratch"
        scratch.mkdir(exist_ok=True)
        copy = StoreCopy(objects_in(snapshot), FilesystemStore(copies), store, scratch)
        copy.stopping = self.stopping
        copied = copy.run().copied
        if self.stopping.is_set():
            raise BackupStopped
        return copied

    def _check_objects(self, store: ObjectStore, options: RestoreOptions) -> ObjectReport:
        report = ObjectReport()
        for named, state in check_objects(
            self._backup / DATABASE, store, reading=options.verify, stopping=self.stopping
        ):
            report.add(named, state)
        return report

    def _load_progress(self) -> _Progress | None:
        try:
            values = json.loads(self._marker.read_text("utf-8"))
            return _Progress(**{**values, "set_aside": tuple(values["set_aside"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            return _Progress("", "", replace=False)  # half written: of no backup that is known

    def _save_progress(self, progress: _Progress) -> None:
        aside = self._marker.with_name(f".{RESTORE_MARKER}")
        write_private(aside, json.dumps(asdict(progress)).encode())
        aside.rename(self._marker)
        sync_path(self._home)


def _restore_from_trash(settings: Settings, store: ObjectStore) -> None:
    """Move back what was deleted after the backup, where these credentials may look into the trash."""
    database = Database(settings.database_address)
    try:
        with suppress(BucketNotFound, AccessDenied):
            restore_named(database, store)
    finally:
        database.engine.dispose()


def _keep_copy(path: Path, folder: Path) -> Path:
    """Copy a file into a folder that only its owner may enter; the file itself stays until another takes its place."""
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / path.name, path.read_bytes())
    sync_path(folder)
    return folder / path.name


def _find_unset(manifest: Manifest, text: str) -> dict[str, str]:
    """Settings that the environment gave when the backup was made, and that are given neither there nor here now."""
    given = tomlkit.parse(text)
    return {
        variable: value
        for name, value in manifest.environment.items()
        if name not in given and os.environ.get(variable := PREFIX + name.upper()) != value
    }
