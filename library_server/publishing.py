"""Gives a file its name in one step, and only where nothing has that name yet."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def publish_if_absent(aside: Path, path: Path) -> None:
    """Give a complete, durable temporary file in the folder of `path` that name.

    Where another process was first, its file stays.

    The name is durable on return. Raises `OSError`.
    """
    with suppress(FileExistsError):
        _link_aside(aside, path)
    aside.unlink(missing_ok=True)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _link_aside(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _rename_if_absent(aside, path)


def _rename_if_absent(aside: Path, path: Path) -> None:
    """For file systems without hard links, such as exFAT: a lock on the folder takes their place."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not os.path.lexists(path):
            aside.rename(path)
    finally:
        os.close(folder)
