"""Makes a backup while the library serves: written under a temporary name, named once every file is durable."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from library_server import __version__
from library_server.catalogue.assets.objects import NamedObject
from library_server.catalogue.database_creation import (
    Emptiness,
    find_emptiness,
    refuse_lost_database,
    refuse_unfinished_restore,
)
from library_server.database.engine import Database
from library_server.database.url import describe_database
from library_server.preservation.backup import folders, kept_settings
from library_server.preservation.backup.errors import BackupError, BackupStopped
from library_server.preservation.backup.manifest import (
    DATABASE,
    KEY_FILE,
    OBJECT_LIST,
    SETTINGS_FILE,
    Manifest,
    hash_file,
    write_manifest,
    write_private,
)
from library_server.preservation.backup.object_list import (
    ObjectReport,
    ObjectState,
    bytes_to_copy,
    check_objects,
    objects_in,
    write_object_list,
)
from library_server.preservation.backup.snapshot import database_bytes, open_snapshot, take_snapshot
from library_server.preservation.store_copy import CopyReport, StoreCopy
from library_server.settings import Settings
from storage_config.stores.factory import open_store
from storage_config.stores.filesystem import FilesystemStore


@dataclass(frozen=True)
class BackupOptions:
    """`verify` reads and hashes every object; `objects` copies them too; only the newest `keep` backups stay."""

    verify: bool = False
    objects: bool = False
    keep: int | None = None


@dataclass(frozen=True)
class BackupReport:
    """A backup that was made. `bytes` are those of its own files; `copied` tells of copies of objects."""

    folder: Path
    manifest: Manifest
    bytes: int
    seconds: float
    same_disk: bool
    findings: tuple[tuple[NamedObject, ObjectState], ...]
    copied: CopyReport | None
    removed: tuple[Path, ...]


class Backup:
    """A backup of one library into a folder of backups."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], folder: Path) -> None:
        """`environment` is that of the command: settings may come from there. Raises `BackupError`."""
        self._settings = settings
        self._environment = environment
        self._folder = folder
        self.stopping = threading.Event()
        folders.check_destination(folder, settings.home)
        self._database = Database(settings.database_address)
        self._store = open_store(settings)

    def run(self, options: BackupOptions) -> BackupReport:
        """Make the backup. Raises `BackupError`, and the errors of database, store and disk; then nothing is left."""
        began = time.monotonic()
        try:
            self._refuse_empty_library()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with folders.lock_folder(self._folder):
                folders.check_room(self._folder, database_bytes(self._database))
                partial = folders.make_partial_folder(self._folder)
                try:
                    manifest, report, copied = self._write(partial, options)
                    complete = folders.publish(partial)
                except BaseException:
                    shutil.rmtree(partial, ignore_errors=True)
                    raise
                removed = folders.remove_oldest(self._folder, options.keep) if options.keep else []
        finally:
            self._database.engine.dispose()
        size = sum(path.stat().st_size for path in complete.iterdir())
        shared = folders.shares_disk(self._folder, self._settings.home)
        return BackupReport(complete, manifest, size, time.monotonic() - began, shared, tuple(report.findings), copied,
                            tuple(removed))  # fmt: skip

    def _refuse_empty_library(self) -> None:
        refuse_unfinished_restore(self._settings)
        refuse_lost_database(self._settings, self._database, self._store)
        if find_emptiness(self._settings, self._database) not in {None, Emptiness.NO_RECORDS}:
            raise BackupError("nothing_to_back_up", home=str(self._settings.home))

    def _write(self, partial: Path, options: BackupOptions) -> tuple[Manifest, ObjectReport, CopyReport | None]:
        created = datetime.now(UTC).isoformat(timespec="milliseconds")
        snapshot = partial / DATABASE
        revision = take_snapshot(self._database, snapshot, self.stopping)
        left_out, environment = self._write_settings(partial)
        copied = self._copy_objects(snapshot) if options.objects else None
        states = check_objects(snapshot, self._store, reading=options.verify, stopping=self.stopping)
        report = write_object_list(partial / OBJECT_LIST, self._settings, states)
        url = make_url(self._settings.database_address)
        manifest = Manifest(
            created_at=created,
            version=__version__,
            schema=revision,
            taken_from=url.get_backend_name(),
            where=describe_database(url),
            storage=self._settings.storage,
            records=_count_records(snapshot),
            objects=report.counts,
            environment=environment,
            left_out=left_out,
            files=tuple(hash_file(path) for path in sorted(partial.iterdir())),
        )
        write_manifest(partial, manifest)
        return manifest, report, copied

    def _write_settings(self, partial: Path) -> tuple[tuple[str, ...], dict[str, str]]:
        """Write settings and key; returns the names of what was left out, and what the environment gave."""
        text = kept_settings.read_text(self._settings.home / SETTINGS_FILE)
        settings_text, left_out = kept_settings.without_passwords(text)
        environment, left_out_too = kept_settings.settings_of_environment(self._environment)
        write_private(partial / SETTINGS_FILE, settings_text.encode())
        write_private(partial / KEY_FILE, self._settings.signing_key().encode())
        return tuple(sorted({*left_out, *left_out_too})), environment

    def _copy_objects(self, snapshot: Path) -> CopyReport:
        place = self._folder / folders.OBJECTS
        place.mkdir(mode=0o700, exist_ok=True)
        target = FilesystemStore(place)
        scratch = self._settings.home / "scratch"
        scratch.mkdir(exist_ok=True)
        folders.check_room(self._folder, bytes_to_copy(snapshot, target))
        copy = StoreCopy(objects_in(snapshot), self._store, target, scratch)
        copy.stopping = self.stopping
        copied = copy.run()
        if self.stopping.is_set():
            raise BackupStopped
        return copied


def _count_records(snapshot: Path) -> int:
    with open_snapshot(snapshot) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM records").scalar() or 0)
