"""Room for remuxed video: a folder is reserved before it is filled, and never more than the budget is in use.

All processes of a machine share one cache folder. A short lock on `.lock` there guards every decision. The process
that fills a folder holds `flock` on its `lock`, which also says how many bytes are reserved; ffmpeg inherits the
lock, so that it outlives the web process, within a time limit of its own. Locks vanish with the processes that hold
them, and so do reservations.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage_config.units import parse_reserve

WATCHED_SECONDS, STARTED_SECONDS, TOUCHED_EVERY = 600.0, 120.0, 60.0
FAILED_SECONDS = 60.0
LOCK, DONE, FAILED, WATCHED = "lock", "done", "failed", "watched"
_TRIES, _TRY_SECONDS = 5, 0.01


class TooManyRunning(Exception):
    """As many folders are being filled as may be at once."""


class NoRoom(Exception):
    """There is no room within the budget, or on the disk, and folders in use are not evicted."""


class TooLarge(Exception):
    """More than the whole budget: it never fits."""


@dataclass(frozen=True)
class _Entry:
    """A folder of the cache; `counted` is what it counts for: its bytes, or those reserved while it is being filled."""

    path: Path
    size: int
    counted: int
    is_running: bool
    last_watched: float


class CacheSpace:
    """The folders of one cache; `budget` and sizes in bytes, `reserve` in bytes or as a share of the disk."""

    def __init__(self, root: Path, budget: int, reserve: str, fill_limit: int) -> None:
        self._root = root
        self._budget = budget
        self._reserve = reserve
        self._fill_limit = fill_limit

    def begin(self, name: str, size: int) -> BinaryIO | None:
        """Reserve `size` bytes for an empty folder of this name; gives its lock, to be closed when it is filled.

        None where it is filled already, or another process is at it. Raises `TooManyRunning`, `NoRoom`, `TooLarge`.
        """
        if size > self._budget:
            raise TooLarge
        folder = self._root / name
        for _ in range(_TRIES):
            with self._lock():
                folder.mkdir(parents=True, exist_ok=True)
                lock = _try_lock(folder)
                if lock is not None:
                    return self._try_reserve(folder, lock, size)
                if _is_locked(folder):
                    return None
            time.sleep(_TRY_SECONDS)  # `_is_locked` in another process held it for a moment
        return None

    def keep_within(self, name: str, lock: BinaryIO, *, is_filled: bool = False) -> None:
        """Make room for a folder that has outgrown its reservation, or while the disk is short of its reserve.

        A folder that `is_filled` grows no more. Raises `NoRoom`.
        """
        folder = self._root / name
        size, reserved = _measure_folder(folder), _read_reserved(folder)
        if size <= reserved and (is_filled or self._measure_free() >= 0):
            return
        needed = size if is_filled else max(reserved, size + size // 4)
        with self._lock():
            self._make_room(folder, needed)
            _write_reserved(lock, needed)

    def measure_size(self) -> int:
        """Return bytes of all folders."""
        return sum(entry.size for entry in self._list_entries())

    def shrink(self, needed: int) -> int:
        """Delete what was watched longest ago until so many bytes are freed; what is being watched or filled stays."""
        if needed <= 0 or not self._root.is_dir():
            return 0
        with self._lock():
            return self._evict(needed, self._list_entries())

    def is_usable(self, folder: Path) -> bool:
        """Return whether a folder is filled, or is being filled: what a killed process left behind is neither."""
        return (folder / DONE).exists() or _is_locked(folder)

    def _try_reserve(self, folder: Path, lock: BinaryIO, size: int) -> BinaryIO | None:
        """Return the lock, once `size` bytes are reserved; it is closed where the folder is filled or there is no
        room.
        """
        with ExitStack() as unless_reserved:
            unless_reserved.enter_context(closing(lock))
            if (folder / DONE).exists():
                return None
            self._admit(folder, size)
            clear(folder)
            _write_reserved(lock, size)
            unless_reserved.pop_all()
        return lock

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _admit(self, folder: Path, size: int) -> None:
        others = [entry for entry in self._list_entries() if entry.path != folder]
        if sum(entry.is_running for entry in others) >= self._fill_limit:
            raise TooManyRunning
        for entry in others:
            if not self.is_usable(entry.path) and not _has_just_failed(entry.path):
                shutil.rmtree(entry.path, ignore_errors=True)
        self._make_room(folder, size)

    def _make_room(self, folder: Path, size: int) -> None:
        """Evict until `size` bytes of a folder fit into the budget and on the disk."""
        entries = [entry for entry in self._list_entries() if entry.path != folder]
        needed = max(self._measure_shortage(folder, size, entries), 0)
        if size > self._budget or self._evict(needed, entries) < needed:
            raise NoRoom

    def _measure_shortage(self, folder: Path, size: int, others: list[_Entry]) -> int:
        """Return bytes over the budget or, if more, over what the disk can take, were `size` bytes in the folder."""
        over = sum(entry.counted for entry in others) + size - self._budget
        unwritten = sum(entry.counted - entry.size for entry in others) + size - _measure_folder(folder)
        return max(over, unwritten - self._measure_free())

    def _measure_free(self) -> int:
        """Free bytes of the disk above its reserve; negative below it."""
        disk = os.statvfs(self._root)
        return disk.f_bavail * disk.f_frsize - parse_reserve(self._reserve, disk.f_blocks * disk.f_frsize)

    def _evict(self, needed: int, entries: list[_Entry]) -> int:
        freed = 0
        watched_since = time.time() - WATCHED_SECONDS
        for entry in sorted(entries, key=lambda entry: entry.last_watched):
            if freed >= needed:
                break
            if not entry.is_running and entry.last_watched <= watched_since:
                shutil.rmtree(entry.path, ignore_errors=True)
                freed += entry.size
        return freed

    def _list_entries(self) -> list[_Entry]:
        """Return the folders; some may go meanwhile."""
        with suppress(FileNotFoundError), os.scandir(self._root) as entries:
            return [_read_entry(Path(entry.path)) for entry in entries if entry.is_dir()]
        return []


def clear(folder: Path) -> None:
    """Delete all of a folder but its lock."""
    for path in folder.iterdir():
        if path.name != LOCK:
            path.unlink(missing_ok=True)


def note_watched(folder: Path) -> None:
    """Somebody is watching what is in a folder; written once a minute."""
    path = folder / WATCHED
    with suppress(FileNotFoundError):
        if time.time() - _read_change_time(path) > TOUCHED_EVERY:
            path.touch()


def _read_entry(path: Path) -> _Entry:
    size, is_running = _measure_folder(path), _is_locked(path)
    counted = max(size, _read_reserved(path)) if is_running else size
    return _Entry(path, size, counted, is_running, _last_watched(path))


def _last_watched(folder: Path) -> float:
    """When somebody last watched it. One who only asked for the playlist, as robots do, holds it for a shorter time."""
    return max(_read_change_time(folder / WATCHED), _read_change_time(folder) - WATCHED_SECONDS + STARTED_SECONDS)


def _read_change_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _measure_folder(folder: Path) -> int:
    size = 0
    with suppress(FileNotFoundError), os.scandir(folder) as files:
        for file in files:
            with suppress(FileNotFoundError):
                size += file.stat().st_size
    return size


def _has_just_failed(folder: Path) -> bool:
    """Return whether those who wait for a folder may still have to read that it failed."""
    return time.time() - _read_change_time(folder / FAILED) < FAILED_SECONDS


def _try_lock(folder: Path) -> BinaryIO | None:
    """Return the lock of a folder, taken; None where another process has it, or `_is_locked` holds it for a moment."""
    lock = (folder / LOCK).open("r+b" if (folder / LOCK).exists() else "w+b")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _is_locked(folder: Path) -> bool:
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _write_reserved(lock: BinaryIO, size: int) -> None:
    os.pwrite(lock.fileno(), b"%020d" % size, 0)


def _read_reserved(folder: Path) -> int:
    try:
        return int((folder / LOCK).read_bytes() or b"0")
    except (FileNotFoundError, ValueError):
        return 0
