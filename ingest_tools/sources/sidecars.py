"""Which files of a folder go with which others: subtitles, covers, CUE sheets, NFO files and a folder's own pictures.

A cover, a sheet or an NFO file may go with many files; its entry is then that of the first. What media centres and
players leave in a folder for themselves goes with nothing and is no record either.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ingest_tools.formats.audiovisual import CUE_SUFFIX, NFO_SUFFIX, SUBTITLE_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES, TAKEOUT_SUFFIX, XMP_SUFFIX
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.main_files import MainFiles
from ingest_tools.sources.names import is_system_file
from ingest_tools.sources.naming import takeout
from ingest_tools.sources.naming.folders import disc_number
from ingest_tools.sources.naming.pictures import cover_rank
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name

_SHEETS = frozenset((CUE_SUFFIX, NFO_SUFFIX, XMP_SUFFIX))


@dataclass
class Sidecars:
    """What goes with the files of a folder.

    `joined` has the files that go with each, `later` those among them whose entry is that of another. `left_out` are
    files that are no record of their own, whether they go with another or not; `refused` may not be opened.
    """

    joined: dict[Path, list[Path]] = field(default_factory=dict)
    later: dict[Path, set[Path]] = field(default_factory=dict)
    left_out: set[Path] = field(default_factory=set)
    refused: dict[Path, RejectedError] = field(default_factory=dict)

    def add(self, path: Path, mains: Sequence[Path]) -> None:
        """Let a file go with others."""
        self.left_out.add(path)
        for number, main in enumerate(mains):
            self.joined.setdefault(main, []).append(path)
            if number:
                self.later.setdefault(main, set()).add(path)

    def exclude_as_entry(self, path: Path) -> None:
        """Let a file be no entry, since it lies in another folder."""
        for main, files in self.joined.items():
            if path in files:
                self.later.setdefault(main, set()).add(path)


def find_sidecars(
    paths: Iterable[Path], mains: MainFiles, roots: SourceRoots, excluded: Container[str] = ()
) -> Sidecars:
    """Return what goes with what of `mains`. Files in `excluded` join no other."""
    sidecars = Sidecars()
    paths = sorted(paths, key=_rank)
    sidecars.left_out.update(path for path in paths if path in mains.extras and os.fspath(path) not in excluded)
    for path in paths:
        if not _is_sidecar(path) or os.fspath(path) in excluded:
            continue
        refusal = find_refusal(path, roots)
        targets = [] if refusal else list(mains.find_mains(path, sidecars.joined, roots))
        if targets:
            sidecars.add(path, targets)
            if mains.only and cover_rank(path) is not None and not mains.is_first():
                sidecars.exclude_as_entry(path)
        elif refusal and mains.files:
            sidecars.refused[path] = refusal
        elif is_sheet(path) or mains.has_artwork(path):
            sidecars.left_out.add(path)
    if takeout.joined_files(sidecars.joined):
        sidecars.left_out.update(
            path for path in paths if takeout.is_of_album(path) and os.fspath(path) not in excluded
        )
    return sidecars


def is_sheet(path: Path) -> bool:
    """Return whether a file says something of others, and nothing by itself."""
    return path.suffix.lower() in _SHEETS


def list_possible_sidecars(source: Path) -> tuple[list[Path], MainFiles]:
    """Return the files of a folder that may go with one file of it, and that file as the only one that they may go
    with.
    """
    try:
        named, of_folder, mains = _index_folder(source.parent, source.parent.stat().st_mtime_ns)
    except OSError:
        return [], MainFiles([source], source)
    stem, near = takeout.prefix_of_name(fold_name(source.stem)), list(of_folder)
    for name, path in named[bisect_left(named, (stem, source.parent)) :]:
        if not name.startswith(stem):
            break
        near.append(path)
    return [path for path in dict.fromkeys(near) if path != source], mains.for_single_file(source)


@lru_cache(maxsize=4)
def _index_folder(folder: Path, _changed: int) -> tuple[list[tuple[str, Path]], list[Path], MainFiles]:
    """Return the files of a folder that go with others, by folded name; those that go with any; and all that others
    go with.

    Kept for the next file of the folder: a list names thousands.
    """
    paths = [folder / name for name in sorted(os.listdir(folder)) if not is_system_file(name)]
    near = [path for path in paths if _is_sidecar(path)]
    return (
        sorted((fold_name(path.name), path) for path in near),
        [path for path in near if _is_of_folder(path)],
        MainFiles(paths),
    )


def covers_of_folder(names: Iterable[Path]) -> list[Path]:
    """Return the pictures that are covers of the folder that they lie in."""
    return sorted((path for path in names if cover_rank(path) is not None), key=_rank)


def find_refusal(path: Path, roots: SourceRoots) -> RejectedError | None:
    """Return why a file may not be opened, if so."""
    try:
        roots.stat(path)
    except (RejectedError, OSError) as error:
        return refusal_of(path, error)
    return None


def refusal_of(path: Path, error: RejectedError | OSError) -> RejectedError:
    """Return the refusal of a file that could not be opened: it is a link to nothing, cannot be read, or is gone."""
    if isinstance(error, RejectedError):
        return error
    if isinstance(error, FileNotFoundError) and path.is_symlink():
        return RejectedError("not_a_file")
    return RejectedError("unreadable", error.strerror or "")


def _is_sidecar(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in SUBTITLE_SUFFIXES or suffix in PICTURES or suffix in _SHEETS or suffix == TAKEOUT_SUFFIX


def _is_of_folder(path: Path) -> bool:
    """Return whether a file may go with any file of its folder, whatever that is called."""
    return path.suffix.lower() in _SHEETS or cover_rank(path) is not None


def _rank(path: Path) -> tuple[int, str]:
    """Return a sort key: pictures of one file come before those of the folder, and these in their order."""
    rank = cover_rank(path)
    return (0 if rank is None else rank + 1), path.name


def is_disc_folder(folder: Path) -> bool:
    """Return whether a folder is one disc of what the folder above it holds."""
    return disc_number(folder.name) is not None
