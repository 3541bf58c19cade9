"""Backups that tests make, and what they hold."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from tests.support.commands import json_output, tianyuan


def make_backup(home: Path, backups: Path, *options: str) -> Path:
    """Back up a home with the command; returns the folder of the backup."""
    return Path(json_output(tianyuan(home, "backup", str(backups), "--json", *options))["backup"])


def listed_objects(backup: Path) -> list[dict[str, str]]:
    """The rows of the backup's list of objects."""
    with gzip.open(backup / "objects.csv.gz", "rt", encoding="utf-8", newline="") as reading:
        return list(csv.DictReader(reading))


def original_files(home: Path) -> list[Path]:
    """The files of the originals in a home that stores on its disk, in the order of their checksums."""
    return sorted(path for path in (home / "objects/originals").rglob("*") if path.is_file())
