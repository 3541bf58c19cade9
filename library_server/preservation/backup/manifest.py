"""What a backup consists of: its files with their hashes, and what they were made from.

`manifest.json` names every other file. `SHA256SUMS` has the same hashes and that of the manifest, as `sha256sum -c`
takes them: a backup can be checked without this program.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from library_server.preservation.backup.errors import BackupDamaged, BackupError

FORMAT = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DATABASE, OBJECT_LIST, SETTINGS_FILE, KEY_FILE = "library.db", "objects.csv.gz", "tianyuan.toml", "secret_key"


@dataclass(frozen=True)
class BackupFile:
    """A file of the backup: name, length in bytes, SHA-256 in lower-case hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ObjectCounts:
    """Objects that the database names, in bytes too; how many were missing, of another size, or damaged."""

    objects: int = 0
    bytes: int = 0
    missing: int = 0
    wrong_size: int = 0
    damaged: int = 0

    @property
    def problem_count(self) -> int:
        """Objects that are not as the database says."""
        return self.missing + self.wrong_size + self.damaged


@dataclass(frozen=True)
class Manifest:
    """A backup. `schema` is the revision of the database; `environment` the settings that came from the environment.

    `taken_from` is `sqlite` or `postgresql`, `where` the database without user and password. `left_out` names the
    settings that are not in the backup because they are passwords.
    """

    created_at: str
    version: str
    schema: str
    taken_from: str
    where: str
    storage: str
    records: int
    objects: ObjectCounts
    environment: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    files: tuple[BackupFile, ...] = ()
    format: int = FORMAT


def hash_file(path: Path) -> BackupFile:
    """Return the file with its length and hash."""
    with path.open("rb") as reading:
        sha256 = hashlib.file_digest(reading, "sha256").hexdigest()
    return BackupFile(path.name, path.stat().st_size, sha256)


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read, durable on return."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as writing:
        os.fchmod(writing.fileno(), 0o600)
        writing.write(data)
        writing.flush()
        os.fsync(writing.fileno())


def sync_path(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest and sums of a backup whose other files are complete."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n"
    write_private(folder / MANIFEST, text.encode())
    listed = (*manifest.files, hash_file(folder / MANIFEST))
    write_private(folder / SUMS, "".join(f"{file.sha256}  {file.name}\n" for file in listed).encode())


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup. Raises `BackupDamaged`, and `BackupError` for a format of a newer version."""
    path = folder / MANIFEST
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        sums = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
        if hash_file(path).sha256 != sums.get(MANIFEST):
            raise BackupDamaged("backup_file_differs", path=str(path))
        values = json.loads(path.read_text("utf-8"))
        if values["format"] > FORMAT:
            raise BackupError("backup_too_new", path=str(folder), version=str(values["version"]))
        manifest = _from_json(values)
    except FileNotFoundError as error:
        raise BackupDamaged("backup_file_missing", path=str(error.filename)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise BackupDamaged("backup_file_differs", path=str(path)) from error
    if {name: sums[name] for name in sums if name != MANIFEST} != {file.name: file.sha256 for file in manifest.files}:
        raise BackupDamaged("backup_file_differs", path=str(folder / SUMS))
    return manifest


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file of a backup with the manifest. Raises `BackupDamaged` that names the first one."""
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            raise BackupDamaged("backup_file_missing", path=str(path))
        if path.stat().st_size != file.bytes or hash_file(path) != file:
            raise BackupDamaged("backup_file_differs", path=str(path))


def _from_json(values: dict[str, Any]) -> Manifest:
    parts = {
        "objects": ObjectCounts(**values["objects"]),
        "files": tuple(_parse_files(values["files"])),
        "left_out": tuple(values["left_out"]),
    }
    return Manifest(**{**values, **parts})


def _parse_files(values: list[dict[str, Any]]) -> Iterator[BackupFile]:
    for value in values:
        file = BackupFile(**value)
        if Path(file.name).name != file.name:
            raise ValueError(file.name)
        yield file
