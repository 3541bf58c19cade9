"""Walks folders: one candidate per content file, with its sidecars: subtitles and a cover of the same name."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ingest_tools.formats.audiovisual.subtitle import SUFFIXES as SUBTITLES
from ingest_tools.formats.documents import CONVERTED_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.file_access import SourceRoots
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.locator import SourceLocator
from ingest_tools.sources.names import folded, is_system_file, is_system_folder
from library_server.catalogue.batches.repository import entry_path

_BOOKS = frozenset((".epub", ".pdf", ".docx", ".txt", ".fb2", ".fbz", ".cbz", ".mobi", ".azw", ".azw3", ".prc"))
_TEXTS = CONVERTED_SUFFIXES | _BOOKS
_TIMED = frozenset((
    ".md", ".markdown", ".mp4", ".m4v", ".mkv", ".mka", ".mov", ".webm", ".avi", ".flv", ".f4v", ".ts", ".mts", ".m2ts",
    ".mpg", ".mpeg", ".m2v", ".vob", ".3gp", ".3g2", ".wmv", ".asf", ".mp3", ".mp2", ".m4a", ".m4b", ".flac", ".ogg",
    ".oga", ".ogv", ".opus", ".wav", ".aac", ".wma", ".rm", ".rmvb", ".ra", ".mxf", ".dv", ".dat", ".aiff", ".aif",
    ".caf", ".au", ".ape", ".amr", ".ac3", ".dts", ".wv", ".tta", ".mpc", ".w64",
))  # fmt: skip
_COVERED = _TEXTS | _TIMED


@dataclass(frozen=True)
class Candidate:
    """What shall become a record: a file with those that join it, or a row of a list with the file that it names.

    `fingerprint` tells it unchanged. `path` is the file; of a row without one, the list itself. `roots` opens it.
    `waits_for` is the path of a list that could not be read and might describe it. `refused_sidecars` are known once it
    was read.
    """

    path: Path
    size: int
    fingerprint: str
    sidecars: tuple[Path, ...] = ()
    rejection: str | None = None
    detail: str = ""
    waits_for: str = ""
    row: ManifestRow | None = None
    list_path: Path | None = None
    roots: SourceRoots = field(default_factory=SourceRoots)
    refused_sidecars: Mapping[Path, RejectedError] = field(default_factory=dict)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """The sidecars that are pictures, and were not refused."""
        pictures = (path for path in self.sidecars if path.suffix.lower() in PICTURES)
        return tuple(path for path in pictures if path not in self.refused_sidecars)

    @cached_property
    def entry_path(self) -> str:
        """The name of the entry: the file, or the list and the row in it."""
        if self.row is None or self.list_path is None:
            return entry_of_file(self.path)
        return entry_path(str(SourceLocator(str_path(self.list_path), self.row.locator)))


def walk(sources: Sequence[Path], roots: SourceRoots | None = None, apart: Container[str] = ()) -> Iterator[Candidate]:
    """Every candidate under the sources, folder by folder in the order of names; files in `apart` join no other.

    Links to files are followed within the roots; links to folders are not, so that a loop of links ends. A folder that
    cannot be listed is a candidate that is refused.
    """
    roots = roots or SourceRoots.of(sources)
    for source in sources:
        if not source.is_dir():
            yield from _folder([source, *_beside(source)], roots, only=source, apart=apart)
            continue
        unreadable: list[OSError] = []
        for place, folders, names in os.walk(source, onerror=unreadable.append):
            if roots.is_protected(Path(place)):
                folders.clear()
                yield Candidate(Path(place), 0, "", rejection="inside_library")
                continue
            folders[:] = sorted(name for name in folders if not is_system_folder(name))
            files = [Path(place) / name for name in sorted(names) if not is_system_file(name)]
            yield from _folder(files, roots, apart=apart)
        for error in unreadable:
            yield Candidate(Path(error.filename), 0, "", rejection="unreadable", detail=error.strerror or "")


def candidate_of(path: Path, roots: SourceRoots, apart: Container[str] = ()) -> Candidate:
    """The candidate of one file, with its sidecars but for those in `apart`."""
    return next(_folder([path, *_beside(path)], roots, only=path, apart=apart))


def str_path(path: Path) -> str:
    """A path as text that any database keeps: bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def entry_of_file(path: Path) -> str:
    """What the entry of a file is called, which is its path but where that has the form of a row of a list."""
    return str(SourceLocator(str_path(path)))


def count(sources: Sequence[Path]) -> int:
    """How many files the sources hold, for the progress bar."""
    return sum(1 + len(candidate.sidecars) for candidate in walk(sources))


def _folder(
    paths: list[Path], roots: SourceRoots, only: Path | None = None, apart: Container[str] = ()
) -> Iterator[Candidate]:
    """Candidates of the files of one folder. What may not be opened joins nothing and is refused by itself."""
    mains = [path for path in paths if path.suffix.lower() in _COVERED]
    joined: dict[Path, list[Path]] = {}
    taken: set[Path] = set()
    kept = {only}
    for path in paths:
        main = _main_of(path, mains)
        if main is None or os.fspath(path) in apart:
            continue
        if _refusal(path, roots):
            kept.add(path)
        else:
            joined.setdefault(main, []).append(path)
            taken.add(path)
    for path in paths:
        if path not in taken and (only is None or path in kept):
            yield _candidate(path, tuple(joined.get(path, ())), roots)


def _main_of(path: Path, mains: list[Path]) -> Path | None:
    """The content file that a subtitle or cover belongs to, by name; one of the very same name comes first."""
    suffix, stem = path.suffix.lower(), folded(path.stem)
    if suffix in SUBTITLES:
        fitting = [main for main in mains if main.suffix.lower() in _TIMED and _continues(stem, folded(main.stem))]
        return max(fitting, key=lambda main: (len(folded(main.stem)), path.stem.startswith(main.stem)), default=None)
    if suffix in PICTURES:
        fitting = [main for main in mains if folded(main.stem) == stem]
        return max(fitting, key=lambda main: main.stem == path.stem, default=None)
    return None


def _continues(stem: str, main: str) -> bool:
    return stem == main or stem.startswith(f"{main}.")


def _beside(source: Path) -> list[Path]:
    suffixes = (*SUBTITLES, *PICTURES)
    try:
        names = os.listdir(source.parent)
    except OSError:
        return []
    stem = folded(source.stem)
    others = (name for name in sorted(names) if name != source.name and folded(name).startswith(stem))
    return [source.parent / name for name in others if Path(name).suffix.lower() in suffixes]


def _candidate(path: Path, joined: tuple[Path, ...], roots: SourceRoots) -> Candidate:
    if refusal := _refusal(path, roots):
        return Candidate(path, 0, "", rejection=refusal.code, detail=refusal.detail)
    try:
        statuses = [roots.stat(file) for file in (path, *joined)]
    except (RejectedError, OSError):  # exchanged or gone since it was looked at
        return Candidate(path, 0, "", rejection="changed_while_read")
    fingerprint = "+".join(f"{file.st_size}-{file.st_mtime_ns}" for file in statuses)
    orphan = "orphan_subtitle" if path.suffix.lower() in SUBTITLES else None
    return Candidate(path, statuses[0].st_size, fingerprint[:64], joined, orphan, roots=roots)


def _refusal(path: Path, roots: SourceRoots) -> RejectedError | None:
    """Why a file may not be opened, if so."""
    try:
        roots.stat(path)
    except RejectedError as refusal:
        return refusal
    except FileNotFoundError:
        return RejectedError("not_a_file")
    except OSError as error:
        return RejectedError("unreadable", error.strerror or "")
    return None
