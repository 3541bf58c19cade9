"""Walks folders: one candidate a content file, with the subtitles and the cover that lie beside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.formats.subtitle import SUFFIXES as SUBTITLES
from ingest_tools.sources.listed import Listed

COVERS = (".jpg", ".jpeg", ".png", ".webp")
COVERED = [
    ".epub",
    ".pdf",
    ".docx",
    ".txt",
    ".md",
    ".markdown",
    ".mp4",
    ".mkv",
    ".mov",
    ".webm",
    ".avi",
    ".flv",
    ".ts",
    ".m4v",
    ".mpg",
    ".wmv",
    ".mp3",
    ".m4a",
    ".flac",
    ".ogg",
    ".wav",
    ".aac",
]
_TIMED = frozenset(COVERED) - {".epub", ".pdf", ".docx", ".txt"}
_PASSED_OVER = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


@dataclass(frozen=True)
class Candidate:
    """What shall become a record: a file with those that join it, or a row of a list with the file that it names.

    `fingerprint` tells it unchanged. `path` is the file; of a row without one, the list itself.
    """

    path: Path
    size: int
    fingerprint: str
    joined: tuple[Path, ...] = ()
    refusal: str | None = None
    detail: str = ""
    listed: Listed | None = None
    list_path: Path | None = None

    @property
    def entry_path(self) -> str:
        """What the entry is called: the file, or the list and the place in it."""
        if self.listed is None or self.list_path is None:
            return str_path(self.path)
        return f"{str_path(self.list_path)}#{self.listed.place}"

    @property
    def has_file(self) -> bool:
        """Whether there are bytes to store."""
        return self.listed is None or bool(self.listed.file)


def walk(sources: Sequence[Path]) -> Iterator[Candidate]:
    """Every candidate under the sources, folder by folder in the order of names.

    Links are followed for files, never into folders, so that a loop of links ends.
    """
    for source in sources:
        if source.is_dir():
            for folder, folders, names in os.walk(source):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                yield from _folder([Path(folder) / name for name in sorted(names) if not _is_passed_over(name)])
        else:
            yield from _folder([source, *_beside(source)], only=source)


def candidate_of(path: Path) -> Candidate:
    """The candidate of one file, with what lies beside it."""
    return next(_folder([path, *_beside(path)], only=path))


def str_path(path: Path) -> str:
    """A path as text that any database keeps: bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def count(sources: Sequence[Path]) -> int:
    """How many files the sources hold, for the progress bar."""
    return sum(1 + len(candidate.joined) for candidate in walk(sources))


def _folder(paths: list[Path], only: Path | None = None) -> Iterator[Candidate]:
    mains = [path for path in paths if path.suffix.lower() in COVERED]
    joined: dict[Path, list[Path]] = {}
    taken: set[Path] = set()
    for path in paths:
        main = _main_of(path, mains)
        if main is not None:
            joined.setdefault(main, []).append(path)
            taken.add(path)
    for path in paths:
        if path not in taken and only in {None, path}:
            yield _candidate(path, tuple(joined.get(path, ())))


def _main_of(path: Path, mains: list[Path]) -> Path | None:
    """The content file that a subtitle or cover lies beside, by name."""
    suffix = path.suffix.lower()
    if suffix in SUBTITLES:
        fitting = [
            main
            for main in mains
            if main.suffix.lower() in _TIMED and (path.stem == main.stem or path.stem.startswith(main.stem + "."))
        ]
        return max(fitting, key=lambda main: len(main.stem), default=None)
    if suffix in COVERS:
        return next((main for main in mains if main.stem == path.stem), None)
    return None


def _beside(source: Path) -> list[Path]:
    wanted = (*SUBTITLES, *COVERS)
    try:
        names = os.listdir(source.parent)
    except OSError:
        return []
    stem = source.stem
    return [source.parent / name for name in sorted(names)
            if name.startswith(stem) and Path(name).suffix.lower() in wanted and name != source.name]  # fmt: skip


def _candidate(path: Path, joined: tuple[Path, ...]) -> Candidate:
    try:
        found = path.stat()
    except FileNotFoundError:
        return Candidate(path, 0, "", refusal="not_a_file")
    except OSError:
        return Candidate(path, 0, "", refusal="unreadable")
    if not stat.S_ISREG(found.st_mode):
        return Candidate(path, 0, "", refusal="not_a_file")
    refusal = "orphan_subtitle" if path.suffix.lower() in SUBTITLES else None
    fingerprint = f"{found.st_size}-{found.st_mtime_ns}"
    for beside in joined:
        with_beside = beside.stat() if beside.exists() else found
        fingerprint += f"+{with_beside.st_size}-{with_beside.st_mtime_ns}"
    return Candidate(path, found.st_size, fingerprint[:64], joined, refusal)


def _is_passed_over(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _PASSED_OVER
