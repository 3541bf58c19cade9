"""Walks folders: one candidate per content file, with its sidecars; see `sidecars`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ingest_tools.formats.audiovisual import SUBTITLE_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.locator import SourceLocator
from ingest_tools.sources.main_files import MainFiles, without_extras_folders
from ingest_tools.sources.names import is_part_of, is_system_file, is_system_folder
from ingest_tools.sources.naming.copies import copies_last
from ingest_tools.sources.refused_sets import RefusedSet, find_sets
from ingest_tools.sources.sidecars import (
    Sidecars,
    covers_of_folder,
    find_refusal,
    find_sidecars,
    is_disc_folder,
    is_sheet,
    list_possible_sidecars,
    refusal_of,
)
from ingest_tools.sources.source_files import SourceRoots
from ingest_tools.sources.works import unpacked_books, web_books
from ingest_tools.sources.works.compound import (
    disc_of,
    find_parts,
    holds_film_folder,
    is_film_folder,
    name_of_work,
    without_disc_folders,
)
from library_server.catalogue.batches.repository import entry_path

_FINGERPRINT = 64  # characters that the catalogue keeps


@dataclass(frozen=True)
class Candidate:
    """What shall become a record: a file with those that join it, or a row of a list with the file that it names.

    `fingerprint` tells it unchanged. `path` is the file; of a row without one, the list itself. `roots` opens it.
    `waits_for` is the path of a list that could not be read and might describe it. `refused_sidecars`, and
    `unused_sidecars` of a file that has its own cover, are known once it was read. `shared_sidecars` go with another
    candidate too, and are entries of that. `parts` are the files that are one work together; `path` is the first.
    `volumes` are those of a pack, in order, of which `path` is the first.
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
    unused_sidecars: frozenset[Path] = frozenset()
    shared_sidecars: frozenset[Path] = frozenset()
    parts: tuple[Path, ...] = ()
    volumes: tuple[Path, ...] = ()

    @property
    def pictures(self) -> tuple[Path, ...]:
        """The sidecars that are pictures, and were neither refused nor superfluous."""
        pictures = (path for path in self.sidecars if path.suffix.lower() in PICTURES)
        return tuple(
            path for path in pictures if path not in self.refused_sidecars and path not in self.unused_sidecars
        )

    @property
    def named(self) -> Path:
        """The path that says what the file is called: that of the folder of a work in several files."""
        if not self.parts:
            return self.path
        suffix = self.path.suffix.lower()
        if web_books.is_web_book(self.path):
            suffix = web_books.SUFFIX
        if unpacked_books.is_unpacked_book(self.path):
            suffix = unpacked_books.SUFFIX
        return name_of_work(self.path.parent, ".pdf" if suffix in PICTURES else suffix)

    @property
    def counted_sidecars(self) -> tuple[Path, ...]:
        """The files that are entries together with this one: other parts, and sidecars that are entries of no other."""
        return (*self.parts[1:], *(path for path in self.sidecars if path not in self.shared_sidecars))

    @cached_property
    def entry_path(self) -> str:
        """The name of the entry: the file, or the list and the row in it."""
        if self.row is None or self.list_path is None:
            return entry_of_file(self.path)
        return entry_path(str(SourceLocator(str_path(self.list_path), self.row.locator)))


def walk(
    sources: Sequence[Path], roots: SourceRoots | None = None, excluded: Container[str] = ()
) -> Iterator[Candidate]:
    """Yield every candidate under the sources, by folder and name; files in `excluded` join no other.

    Links to files are followed within the roots; links to folders are not, so that a loop of links ends. A folder that
    cannot be listed is a candidate that is refused.
    """
    roots = roots or SourceRoots.from_sources(sources)
    for source in sources:
        if not source.is_dir():
            yield from (
                candidate for candidate in _find_single_file(source, roots, excluded) if not is_sheet(candidate.path)
            )
            continue
        unreadable: list[OSError] = []
        for place, folders, names in os.walk(source, onerror=unreadable.append):
            if roots.is_protected(Path(place)):
                folders.clear()
                yield Candidate(Path(place), 0, "", rejection="inside_library")
                continue
            folders[:] = sorted(
                name
                for name in without_extras_folders(Path(place), without_disc_folders(Path(place), folders), names)
                if not is_system_folder(name) and not is_part_of(name, names)
            )
            files = [Path(place) / name for name in sorted(names, key=copies_last) if not is_system_file(name)]
            sets = _find_refused_sets(Path(place), files, roots, excluded)
            for refused in sets:
                yield _refused_set(refused, roots)
            refused_files = {path for refused in sets for path in refused.files}
            files = [path for path in files if path not in refused_files]
            work = _find_work(Path(place), files, roots, excluded)
            if work is not None:
                yield work
                if unpacked_books.is_unpacked_book(work.path):
                    folders.clear()
                if not web_books.is_web_book(work.path):
                    continue
                folders.clear()
                taken = {*work.parts, *work.sidecars}
                files = [path for path in files if path not in taken]
            yield from _find_candidates(
                files,
                roots,
                excluded,
                discs=holds_film_folder(folders) or any(is_disc_folder(Path(name)) for name in folders),
            )
        for error in unreadable:
            yield Candidate(Path(error.filename), 0, "", rejection="unreadable", detail=error.strerror or "")


def _find_refused_sets(
    folder: Path, files: Sequence[Path], roots: SourceRoots, excluded: Container[str]
) -> list[RefusedSet]:
    """Return the sets of files of a folder that are refused as one, of which no row restricts a file."""
    sets = find_sets(folder, files, roots)
    return [refused for refused in sets if not _has_excluded(refused.files, excluded)]


def _refused_set(refused: RefusedSet, roots: SourceRoots) -> Candidate:
    """Return the candidate of files that are refused as one; that of a pack with its volumes, by which it may be
    read.
    """
    code, detail = refused.refusal.code, refused.refusal.detail
    return Candidate(refused.path, 0, "", rejection=code, detail=detail, roots=roots, volumes=refused.volumes)


def candidate_of(path: Path, roots: SourceRoots, excluded: Container[str] = ()) -> Candidate:
    """Return the candidate of one file, with its sidecars but for those in `excluded`."""
    return next(_find_single_file(path, roots, excluded))


def sidecars_among(sources: Sequence[Path], roots: SourceRoots, excluded: Container[str]) -> set[Path]:
    """Return the files among several given ones that are no record of their own, since another of them is there."""
    folders: dict[Path, list[Path]] = {}
    for source in sources:
        if not source.is_dir():
            folders.setdefault(source.parent, []).append(source)
    several = (paths for paths in folders.values() if len(paths) > 1)
    return {path for paths in several for path in find_sidecars(paths, MainFiles(paths), roots, excluded).left_out}


def str_path(path: Path) -> str:
    """Return a path as text that any database keeps: bytes that are not UTF-8 are written as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def entry_of_file(path: Path) -> str:
    """Return what the entry of a file is called, which is its path but where that has the form of a row of a list."""
    return str(SourceLocator(str_path(path)))


def count_files(sources: Sequence[Path]) -> int:
    """Return how many files the sources hold, for the progress bar."""
    return sum(1 + len(candidate.counted_sidecars) for candidate in walk(sources))


def _find_candidates(
    paths: list[Path], roots: SourceRoots, excluded: Container[str], *, discs: bool
) -> Iterator[Candidate]:
    """Yield the candidates of the files of one folder, perhaps with folders for `discs` in it.

    What may not be opened joins nothing and is refused by itself.
    """
    sidecars = _find_with_disc_covers(paths[0].parent if paths else None, paths, MainFiles(paths), roots, excluded)
    if discs:
        sidecars.left_out.update(path for path in covers_of_folder(paths) if os.fspath(path) not in excluded)
    for path in paths:
        if path not in sidecars.left_out:
            yield _make_candidate(path, sidecars, roots)


def _find_work(folder: Path, paths: list[Path], roots: SourceRoots, excluded: Container[str]) -> Candidate | None:
    """Return the candidate of a folder whose files are one work; None where each is one by itself."""
    covers = covers_of_folder(paths)
    parts = find_parts(folder, [path for path in paths if path not in covers], roots)
    if not parts or _has_excluded(parts, excluded):
        return None
    refused = {path: refusal for path in parts if (refusal := find_refusal(path, roots))}
    readable = [path for path in parts if path not in refused]
    if refused and (is_film_folder(folder) or not readable):
        path, refusal = next(iter(refused.items()))
        return Candidate(path, 0, "", rejection=refusal.code, detail=refusal.detail)
    first = Candidate(readable[0], 0, "", parts=(*readable, *refused), refused_sidecars=refused)
    above: list[Path] = []
    if is_film_folder(folder):
        with suppress(OSError):
            disc = disc_of(folder)
            above = [disc / name for name in sorted(os.listdir(disc)) if not is_system_file(name)]
    near = [path for path in above if is_sheet(path) or path in covers_of_folder(above)]
    sidecars = find_sidecars([*covers, *near], MainFiles([first.named]), roots, excluded)
    joined = tuple(sidecars.joined.get(first.named, ()))
    try:
        statuses = [roots.stat(file) for file in (*readable, *joined)]
    except (RejectedError, OSError) as error:
        refusal = refusal_of(readable[0], error)
        return Candidate(readable[0], 0, "", rejection=refusal.code, detail=refusal.detail)
    size = sum(status.st_size for status in statuses[: len(readable)])
    return replace(first, size=size, fingerprint=_make_fingerprint(statuses), sidecars=joined, roots=roots)


def _has_excluded(paths: Sequence[Path], excluded: Container[str]) -> bool:
    """Return whether a row of a list restricts one of several files."""
    return any(os.fspath(path) in excluded for path in paths)


def _find_single_file(source: Path, roots: SourceRoots, excluded: Container[str]) -> Iterator[Candidate]:
    """Yield the candidate of one file that was named, and those of its sidecars that may not be opened."""
    near, mains = list_possible_sidecars(source)
    sidecars = _find_with_disc_covers(source.parent, near, mains, roots, excluded)
    refused = (path for path in near if path in sidecars.refused)
    yield from (_make_candidate(path, sidecars, roots) for path in (source, *refused))


def _find_with_disc_covers(
    folder: Path | None, paths: list[Path], mains: MainFiles, roots: SourceRoots, excluded: Container[str]
) -> Sidecars:
    """Return the sidecars of a folder; with the covers in the folder above it, where it is one disc of that."""
    above: list[Path] = []
    if folder is not None and is_disc_folder(folder):
        with suppress(OSError):
            above = covers_of_folder(folder.parent / name for name in os.listdir(folder.parent))
    above = [path for path in above if find_refusal(path, roots) is None]
    sidecars = find_sidecars([*paths, *above], mains, roots, excluded)
    for path in above:
        sidecars.exclude_as_entry(path)
    return sidecars


def _make_candidate(path: Path, sidecars: Sidecars, roots: SourceRoots) -> Candidate:
    if refusal := find_refusal(path, roots):
        return Candidate(path, 0, "", rejection=refusal.code, detail=refusal.detail)
    joined = tuple(sidecars.joined.get(path, ()))
    try:
        statuses = [roots.stat(file) for file in (path, *joined)]
    except (RejectedError, OSError) as error:  # exchanged or gone since it was looked at
        refusal = refusal_of(path, error)
        return Candidate(path, 0, "", rejection=refusal.code, detail=refusal.detail)
    fingerprint = _make_fingerprint(statuses)
    orphan = "orphan_subtitle" if path.suffix.lower() in SUBTITLE_SUFFIXES else None
    shared = frozenset(sidecars.later.get(path, ()))
    return Candidate(path, statuses[0].st_size, fingerprint, joined, orphan, roots=roots, shared_sidecars=shared)


def _make_fingerprint(statuses: Sequence[os.stat_result]) -> str:
    """Return what tells files unchanged, in as many characters as the catalogue keeps."""
    fingerprint = "+".join(f"{status.st_size}-{status.st_mtime_ns}" for status in statuses)
    if len(fingerprint) > _FINGERPRINT:
        return hashlib.sha256(fingerprint.encode()).hexdigest()
    return fingerprint
