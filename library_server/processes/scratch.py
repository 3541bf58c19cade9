"""Folders for work in progress that are removed when it ends, or later where the process was killed.

A folder is locked (`flock`) while it is used, and the lock ends with the process: what can be locked is abandoned.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "tmp"
_NEW_SECONDS = 60.0  # between a folder's making and its locking


@contextlib.contextmanager
def scratch_directory(parent: Path) -> Iterator[str]:
    """Make a new folder in `parent`, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent) as folder:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield folder
        finally:
            os.close(descriptor)


def remove_abandoned(parent: Path) -> int:
    """Remove folders left by processes that have ended. Returns the number removed."""
    removed = 0
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            removed += _remove_if_abandoned(folder)
    return removed


def _remove_if_abandoned(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if time.time() - os.fstat(descriptor).st_ctime < _NEW_SECONDS:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(descriptor)
    return True
