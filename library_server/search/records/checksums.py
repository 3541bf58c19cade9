"""Checksums of the segment files of an index. Whoosh has none: it reads damaged postings without noticing, or raises
any exception.

Segment files never change once they are written, so each is read for its checksum once. A search that fails requests a
check, since it must not read hundreds of megabytes itself; the indexer carries it out, and rebuilds a damaged index.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from library_server.search.records.columns import write_atomic

FILE_NAME = "checksums.json"
REQUEST_NAME = "check-requested"
_PATTERN = "MAIN_*.*"
_CHUNK = 1 << 20


def write_checksums(folder: Path) -> None:
    """Keep size and CRC-32 of every segment file of an index; those that are known already are not read again."""
    known = _read(folder) or {}
    files = {path.name: path for path in folder.glob(_PATTERN)}
    checksums = {name: known.get(name) or _compute_checksum(path) for name, path in files.items()}
    write_atomic(folder / FILE_NAME, json.dumps(checksums).encode())


def find_damaged_files(folder: Path) -> tuple[str, ...]:
    """Return names of segment files that are gone or hold other bytes than were written; of an index without
    checksums none.

    Raises `OSError` where a file cannot be read.
    """
    damaged = []
    for name, expected in (_read(folder) or {}).items():
        try:
            actual = _compute_checksum(folder / name)
        except FileNotFoundError:
            actual = []
        if actual != expected:
            damaged.append(name)
    return tuple(sorted(damaged))


def has_checksums(folder: Path) -> bool:
    """Return whether the index was written by a version that keeps checksums."""
    return (folder / FILE_NAME).exists()


def request_check(folder: Path) -> None:
    """Ask the indexer to check the files of an index."""
    (folder / REQUEST_NAME).touch()


def is_check_requested(folder: Path) -> bool:
    """Return whether a search on this index has failed since its files were last checked."""
    return (folder / REQUEST_NAME).exists()


def clear_request(folder: Path) -> None:
    """Forget a request, once the check is done."""
    (folder / REQUEST_NAME).unlink(missing_ok=True)


def _read(folder: Path) -> dict[str, list[int]] | None:
    try:
        checksums = json.loads((folder / FILE_NAME).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return checksums if isinstance(checksums, dict) else None


def _compute_checksum(path: Path) -> list[int]:
    size, crc = 0, 0
    with path.open("rb") as reading:
        while chunk := reading.read(_CHUNK):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    return [size, crc]
