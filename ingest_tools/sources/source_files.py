"""Opens files of a source, and nothing that lies outside of it.

Whoever may write into an ingest folder could put a link there that leads to any file which the library can read, its
own secret key for one, and see it published. So every file of a source is opened here: once without reading, by
`O_PATH`, which neither waits for a pipe nor wakes a device; then the kernel is asked where the opened file lies; only
then is it opened for reading, by its descriptor. What was checked is what is read: a name that is exchanged in between
changes nothing, and everybody after this reads through `SourceFile.address`.

Links within the source work. A hard link cannot be told from a file (`docs/librarians/index.md` says so).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ingest_tools.rejections import RejectedError

SPARSE_BYTES, SPARSE_RATIO = 1 << 30, 1000
_BLOCK = 512  # the unit of st_blocks, whatever the disk's own


@dataclass(frozen=True)
class SourceFile:
    """A regular file of a source, open for reading; `path` is what it is called, and is not opened again."""

    path: Path
    handle: BinaryIO

    @property
    def address(self) -> Path:
        """A path that opens this very file, in this process and in its children, while this is open."""
        return Path(f"/proc/{os.getpid()}/fd/{self.handle.fileno()}")

    def stat(self) -> os.stat_result:
        """Return size and times of the open file as they are now."""
        return os.fstat(self.handle.fileno())

    def close(self) -> None:
        """Close the file; `address` leads nowhere from then on."""
        self.handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def file_identity(path: str | os.PathLike[str]) -> tuple[int, int] | str:
    """Return what tells a file from others, however its path is spelled: device and inode; its path where it is not
    there.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return os.fspath(path)
    return status.st_dev, status.st_ino


class FileSet(Container[str]):
    """Files by their identity, for `path in files`."""

    def __init__(self) -> None:
        self._identities: set[tuple[int, int] | str] = set()

    def __contains__(self, path: object) -> bool:
        return bool(self._identities) and isinstance(path, str) and file_identity(path) in self._identities

    def add(self, *paths: str | os.PathLike[str]) -> None:
        """Add files by their paths."""
        self._identities.update(map(file_identity, paths))


@dataclass(frozen=True)
class SourceRoots:
    """Where files may be opened: below `folders`, or one of `files`; never below `protected`. All as the kernel names
    them. What lies below a first folder of `mounts` is opened below the second.
    """

    folders: tuple[Path, ...] = ()
    files: frozenset[Path] = frozenset()
    protected: tuple[Path, ...] = ()
    mounts: tuple[tuple[Path, Path], ...] = ()

    @classmethod
    def from_sources(
        cls, sources: Sequence[Path], *, inside: Path | None = None, protected: Sequence[Path] = ()
    ) -> SourceRoots:
        """Return the roots of sources that a librarian named: folders with all below them, and files with their
        folders.

        A link that the librarian named is followed. With `inside`, only that folder counts, whatever the sources are.
        """
        roots = cls(protected=tuple(real for folder in protected if (real := _resolve_path(folder))))
        return roots.with_sources(*([inside] if inside else sources))

    def with_sources(self, *sources: Path) -> SourceRoots:
        """Return these roots and further sources."""
        folders, files = list(self.folders), set(self.files)
        for source in sources:
            real = _resolve_path(source)
            if real is not None and source.is_dir():
                folders.append(real)
            elif real is not None:
                files.add(real)
                folders += [parent for parent in [_resolve_path(source.parent)] if parent]
        return replace(self, folders=tuple(dict.fromkeys(folders)), files=frozenset(files))

    def with_mount(self, named: Path, tree: Path) -> SourceRoots:
        """Return these roots, for files that are called as if `tree`, where they are, were `named`."""
        return replace(self, mounts=((named, tree), *self.mounts))

    def open(self, path: Path) -> SourceFile:
        """Open a regular file for reading. Raises `RejectedError`, or `OSError` where it is gone or cannot be read."""
        descriptor = self._open_checked(path)
        try:
            reading = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        finally:
            os.close(descriptor)
        return SourceFile(path, os.fdopen(reading, "rb", buffering=0))

    def stat(self, path: Path) -> os.stat_result:
        """Return size and times of a regular file. Raises as `open` does."""
        descriptor = self._open_checked(path)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def is_protected(self, folder: Path) -> bool:
        """Return whether a folder belongs to the library itself."""
        real = _resolve_path(folder) if self.protected else None
        return real is not None and _is_below(real, self.protected)

    def _open_checked(self, path: Path) -> int:
        for named, tree in self.mounts:
            if path.is_relative_to(named):
                path = tree / path.relative_to(named)
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            self._check(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _check(self, descriptor: int) -> None:
        real = _name_of(descriptor)
        if real not in self.files and not _is_below(real, self.folders):
            raise RejectedError("link_outside")
        if _is_below(real, self.protected):
            raise RejectedError("inside_library")
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RejectedError("not_a_file")
        if status.st_size > SPARSE_BYTES and 0 < status.st_blocks * _BLOCK * SPARSE_RATIO < status.st_size:
            raise RejectedError(
                "too_large", f"{status.st_size} bytes, of which {status.st_blocks * _BLOCK} are written"
            )


def _resolve_path(path: Path) -> Path | None:
    """Return where a path leads, as the kernel names it; None where nothing is there."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            return _name_of(descriptor)
        finally:
            os.close(descriptor)
    return None


def _name_of(descriptor: int) -> Path:
    return Path(os.readlink(f"/proc/self/fd/{descriptor}"))


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    """Return whether a path is one of these folders or below it; by their texts, since each file is asked for."""
    text = os.fspath(path)
    return any(text == folder or text.startswith(f"{folder.rstrip('/')}/") for folder in map(os.fspath, folders))
