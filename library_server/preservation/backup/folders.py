"""Where backups lie: a folder each, named by its time, that has its name only once it is complete.

DIR/20261126T185137Z/   a complete backup
DIR/.20261127T…-partial a backup that was not finished; removed by the next one
DIR/objects/            copies of objects, shared by all backups
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from library_server.preservation.backup.errors import BackupError
from library_server.preservation.backup.manifest import MANIFEST, sync_path
from storage_config.units import format_bytes

OBJECTS = "objects"
SPARE_BYTES = 16 << 20
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?\Z")
_PARTIAL = "-partial"


def check_destination(folder: Path, home: Path) -> None:
    """Raise `BackupError` where a backup must not lie: in the data folder, which it is to outlive."""
    if folder.exists() and not folder.is_dir():
        raise BackupError("backup_not_a_folder", path=str(folder))
    if folder.resolve().is_relative_to(home.resolve()):
        raise BackupError("backup_inside_home", path=str(folder), home=str(home))


def check_room(folder: Path, needed: int) -> None:
    """Raise `BackupError` where the disk of a folder has not so many bytes free, and a few to spare."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if free < needed + SPARE_BYTES:
        raise BackupError(
            "backup_needs_room", path=str(folder), needed=format_bytes(needed + SPARE_BYTES), free=format_bytes(free)
        )


def shares_disk(folder: Path, home: Path) -> bool:
    """Return whether a disk that dies would take both."""
    return folder.stat().st_dev == home.stat().st_dev


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep other backups into this folder out. Raises `BackupError` where one is running."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("backup_running", path=str(folder)) from error
        yield
    finally:
        os.close(handle)


def make_partial_folder(folder: Path) -> Path:
    """Return a new, empty folder for a backup in progress; what unfinished ones have left is removed."""
    for left in folder.glob(f".*{_PARTIAL}"):
        shutil.rmtree(left)
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    taken = {path.name for path in folder.iterdir()}
    number = 1
    while (numbered := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    partial = folder / f".{numbered}{_PARTIAL}"
    partial.mkdir(mode=0o700)
    return partial


def publish(partial: Path) -> Path:
    """Give a complete backup its name, in one step and durably."""
    sync_path(partial)
    complete = partial.with_name(partial.name.removeprefix(".").removesuffix(_PARTIAL))
    partial.rename(complete)
    sync_path(complete.parent)
    return complete


def complete_backups(folder: Path) -> list[Path]:
    """Return the backups in a folder, oldest first."""
    named = [path for path in folder.iterdir() if _NAME.match(path.name) and (path / MANIFEST).is_file()]
    return sorted(named, key=lambda path: (path.name[:16], int(path.name[17:] or 1)))


def newest_backup(folder: Path) -> Path:
    """Return the folder itself where it is a backup, else the newest backup in it. Raises `BackupError` for none."""
    if (folder / MANIFEST).is_file():
        return folder
    backups = complete_backups(folder) if folder.is_dir() else []
    if not backups:
        raise BackupError("no_backup_there", path=str(folder))
    return backups[-1]


def remove_oldest(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups. Returns what was removed."""
    removed = complete_backups(folder)[:-keep]
    for path in removed:
        shutil.rmtree(path)
    return removed
