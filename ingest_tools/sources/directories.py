"""Opens, moves and writes below a folder that others may write into, without following a link that they planted.

Every folder on the way is opened from the one above it (`openat`) with `O_NOFOLLOW`, and every name is made
exclusively, so that neither a link that stands there nor one that is put there meanwhile leads anywhere else.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

NUMBERS_LIMIT = 10_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def open_directory(root: Path, parts: Sequence[str] = (), *, create: bool = False) -> Iterator[int]:
    """Open a folder below `root`, which itself may be a link, as a descriptor; with `create`, make missing folders.

    Raises `OSError`: ENOTDIR or ELOOP where a link or a file stands in the way.
    """
    descriptor = os.open(root, _FOLDER)
    try:
        for part in parts:
            below = _open_child(descriptor, part, create=create)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def move_file(root: Path, source: Path, target: Path) -> Path:
    """Move a file from one place below `root` to another; both are relative, and a name that is taken gets a number.

    Returns where it went. A link is moved as a link. Raises `OSError`.
    """
    with (
        open_directory(root, source.parent.parts) as from_folder,
        open_directory(root, target.parent.parts, create=True) as to_folder,
    ):
        name = _reserve_name(to_folder, target)
        try:
            _rename(source.name, from_folder, name, to_folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=to_folder)
            raise
    return target.with_name(name)


def append_text(root: Path, path: Path, text: str) -> None:
    """Append to a text file below `root`, or make it, with a byte order mark for Windows.

    Raises `OSError` where a link, a pipe or anything else but a file of one name stands there.
    """
    with open_directory(root, path.parent.parts, create=True) as folder:
        try:
            descriptor, encoding = os.open(path.name, _NEW, 0o666, dir_fd=folder), "utf-8-sig"
        except FileExistsError:
            flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor, encoding = os.open(path.name, flags, dir_fd=folder), "utf-8"
        with os.fdopen(descriptor, "w", encoding=encoding, newline="\r\n") as writing:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                raise OSError(errno.EPERM, "not a file of its own", str(path))
            writing.write(text)


def remove_empty_directories(root: Path, keep: frozenset[str]) -> None:
    """Remove empty folders below `root`, but for those at its top that are called as in `keep`."""
    for place, folders, _, descriptor in os.fwalk(root, topdown=False):
        top = Path(place).relative_to(root).parts[:1]
        for name in folders:
            if (top[0] if top else name) not in keep:
                with suppress(OSError):
                    os.rmdir(name, dir_fd=descriptor)


def _open_child(folder: int, name: str, *, create: bool) -> int:
    if name in {"", ".", ".."} or "/" in name:
        raise OSError(errno.EINVAL, "no name of a folder", name)
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)


def _reserve_name(folder: int, target: Path) -> str:
    """Return a name that was free, taken by an empty file of ours: a rename replaces it and nothing else."""
    for number in range(1, NUMBERS_LIMIT):
        name = target.name if number == 1 else f"{target.stem} ({number}){target.suffix}"
        with suppress(FileExistsError):
            os.close(os.open(name, _NEW, 0o666, dir_fd=folder))
            return name
    raise FileExistsError(errno.EEXIST, "every number is taken", str(target))


def _rename(name: str, from_folder: int, new_name: str, to_folder: int) -> None:
    try:
        os.rename(name, new_name, src_dir_fd=from_folder, dst_dir_fd=to_folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(name, from_folder, new_name, to_folder)


def _copy(name: str, from_folder: int, new_name: str, to_folder: int) -> None:
    """Move a file to another disk that is mounted below the folder: copy it, then remove it."""
    reading = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=from_folder)
    with os.fdopen(reading, "rb") as source:
        status = os.fstat(reading)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EPERM, "not a file", name)
        writing = os.open(new_name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=to_folder)
        with os.fdopen(writing, "wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(writing)
            os.utime(writing, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.unlink(name, dir_fd=from_folder)
