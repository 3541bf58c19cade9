"""Which files of a folder go with which others: subtitles, covers, CUE sheets, NFO files and a folder's own pictures.

A cover, a sheet or an NFO file may go with many files; its entry is then that of the first. What media centres and
players leave in a folder for themselves goes with nothing and is no record either.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ingest_tools.formats.audiovisual import CUE_SUFFIX, NFO_SUFFIX, SUBTITLE_SUFFIXES
from ingest_tools.formats.audiovisual.subtitles.names import is_language_mark
from ingest_tools.formats.documents import CONVERTED_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES, XMP_SUFFIX
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.filenames import SOUND
from ingest_tools.sources.names import is_system_file
from ingest_tools.sources.naming.folders import disc_number
from ingest_tools.sources.naming.pictures import COVER_NAMES, cover_rank, is_artwork, is_camera_name, without_number
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name

TEXTS = CONVERTED_SUFFIXES | frozenset((
    ".epub", ".pdf", ".docx", ".docm", ".dotx", ".dotm", ".txt", ".fb2", ".fbz", ".cbz",
    ".mobi", ".azw", ".azw3", ".prc", ".html", ".htm", ".xhtml", ".htmlz", ".mht", ".mhtml",
))  # fmt: skip
MEDIA = frozenset((
    ".mp4", ".m4v", ".mkv", ".mka", ".mov", ".webm", ".avi", ".flv", ".f4v", ".ts", ".mts", ".m2ts",
    ".mpg", ".mpeg", ".m2v", ".vob", ".3gp", ".3g2", ".wmv", ".asf", ".mp3", ".mp2", ".m4a", ".m4b", ".flac", ".ogg",
    ".oga", ".ogv", ".opus", ".wav", ".aac", ".wma", ".rm", ".rmvb", ".ra", ".mxf", ".dv", ".dat", ".aiff", ".aif",
    ".caf", ".au", ".ape", ".amr", ".ac3", ".dts", ".wv", ".tta", ".mpc", ".w64",
))  # fmt: skip
_STORIES = frozenset((".md", ".markdown"))
_COVERED = TEXTS | MEDIA | _STORIES
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


def is_media(path: Path) -> bool:
    """Return whether a file is a film or recording by its suffix."""
    return path.suffix.lower() in MEDIA


def is_film(path: Path) -> bool:
    """Return whether a file is a film, and no recording, by its suffix."""
    return is_media(path) and path.suffix.lower() not in SOUND


def find_sidecars(
    paths: Iterable[Path], mains: MainFiles, roots: SourceRoots, excluded: Container[str] = ()
) -> Sidecars:
    """Return what goes with what of `mains`. Files in `excluded` join no other."""
    sidecars = Sidecars()
    for path in sorted(paths, key=_rank):
        if not _is_sidecar(path) or os.fspath(path) in excluded:
            continue
        refusal = find_refusal(path, roots)
        targets = [] if refusal else list(mains.find_mains(path, sidecars, roots))
        if targets:
            sidecars.add(path, targets)
            if mains.only and cover_rank(path) is not None and not mains.is_first():
                sidecars.exclude_as_entry(path)
        elif refusal and mains.files:
            sidecars.refused[path] = refusal
        elif is_sheet(path) or mains.has_artwork(path):
            sidecars.left_out.add(path)
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
    stem, near = fold_name(source.stem), list(of_folder)
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


class MainFiles:
    """The files of a folder that sidecars may go with; with `only`, nothing is looked for the others."""

    def __init__(self, siblings: Sequence[Path], only: Path | None = None) -> None:
        self.only = only
        self.files = [path for path in siblings if path.suffix.lower() in _COVERED]
        self._media = [path for path in self.files if is_media(path)]
        self._stems: dict[str, list[Path]] = {}
        self._names: dict[str, list[Path]] = {}
        for path in self.files:
            self._stems.setdefault(fold_name(path.stem), []).append(path)
            self._names.setdefault(fold_name(path.name), []).append(path)
        self._photos = [path for path in siblings if path.suffix.lower() in PICTURES]
        self._has_series = any(fold_name(path.name) == "tvshow.nfo" for path in siblings)
        covered = [path for path in self.files if path.suffix.lower() not in _STORIES]
        is_one = len({fold_name(path.stem) for path in covered}) == 1
        # the first page of a PDF is its cover, unless the folder is about this book alone
        self._of_folder = {path: None for path in covered if is_one or path.suffix.lower() != ".pdf"}

    def for_single_file(self, only: Path) -> MainFiles:
        """Return the same files, of which one alone is asked about."""
        mains = copy(self)
        mains.only = only
        return mains

    def is_first(self) -> bool:
        """Return whether a cover of the folder is an entry of the file that is asked about."""
        return next(iter(self._of_folder), None) == self.only

    def find_mains(self, path: Path, sidecars: Sidecars, roots: SourceRoots) -> Iterator[Path]:
        """Yield the files that one goes with."""
        suffix = path.suffix.lower()
        if suffix in SUBTITLE_SUFFIXES:
            yield from self._of_subtitle(path)
        elif suffix == CUE_SUFFIX:
            yield from self._of_sheet(path, roots)
        elif suffix == NFO_SUFFIX:
            yield from self._of_nfo(path)
        elif suffix == XMP_SUFFIX:
            yield from self._of_xmp(path)
        elif named := self._of_picture(path):
            yield named
        elif cover_rank(path) is not None:
            own = {main for main, files in sidecars.joined.items() if any(map(_is_own_picture, files))}
            asked = self._of_folder if self.only is None else self._of_folder.keys() & {self.only}
            yield from (main for main in asked if main not in own)

    def has_artwork(self, path: Path) -> bool:
        """Return whether a picture was made for what lies in the folder, by its name."""
        stem = without_number(fold_name(path.stem))
        named = self._before_word(fold_name(path.stem))
        return (
            (bool(self.files) or self._has_series)
            and path.suffix.lower() in PICTURES
            and (is_artwork(stem) or cover_rank(path) is not None or (named is not None and is_artwork(named[1])))
        )

    def _of_subtitle(self, path: Path) -> list[Path]:
        """Return the film or recording whose name a subtitle continues; one of the very same name comes first.

        Behind a full stop anything may follow, behind another sign only a language: `讲座_chs.srt`, `讲座(英文).srt`.
        """
        stem = fold_name(path.stem)
        ends = [len(stem), *(at for at in range(len(stem) - 1, 0, -1) if stem[at] in ".-_ ([【")]
        for end in ends:
            fitting = [main for main in self._stems.get(stem[:end].rstrip(), []) if main.suffix.lower() not in TEXTS]
            if fitting and (stem[end : end + 1] in {"", "."} or is_language_mark(stem[end:])):
                return [max(fitting, key=lambda main: path.stem.startswith(main.stem))]
        return []

    def _of_picture(self, path: Path) -> Path | None:
        stem = fold_name(path.stem)
        fitting = self._stems.get(stem, []) or self._names.get(stem, [])
        if is_camera_name(stem) and any(is_film(main) for main in fitting):
            return None  # a photo with what moved as it was taken, or two that have the same number
        if not fitting and (named := self._before_word(stem)) and (named[1] in COVER_NAMES or named[1] == "thumb"):
            fitting = self._stems[named[0]]
        return max(fitting, key=lambda main: main.stem == path.stem, default=None)

    def _before_word(self, stem: str) -> tuple[str, str] | None:
        """Return the name of a file of the folder and what a picture is to it, as in `渡口-poster`."""
        for at in range(len(stem) - 1, 0, -1):
            if stem[at] in "-._ " and stem[:at] in self._stems:
                return stem[:at], without_number(stem[at + 1 :])
        return None

    def _of_xmp(self, path: Path) -> list[Path]:
        """Return the photos that `DSC_0012.xmp` or `DSC_0012.jpg.xmp` describes; the former only where it is one."""
        stem = fold_name(path.stem)
        whole = [photo for photo in self._photos if fold_name(photo.name) == stem]
        same = [photo for photo in self._photos if fold_name(photo.stem) == stem]
        return whole or (same if len(same) == 1 else [])

    def _of_sheet(self, path: Path, roots: SourceRoots) -> list[Path]:
        """Return the recordings that a CUE sheet names, else that of its own name, else the only one in the folder."""
        from ingest_tools.formats.audiovisual import cue_sheet  # imported for folders with a sheet only

        try:
            with roots.open(path) as file:
                sheet = cue_sheet.read(file.address)
            names = [listed.name for listed in sheet.files]
        except (RejectedError, OSError):
            names = []
        named = [main for main in self._media if any(cue_sheet.matches(name, main) for name in names)]
        exact = [main for main in named if any(cue_sheet.is_name_of(name, main) for name in names)]
        stem = fold_name(path.stem)
        same = [main for main in self._media if stem in {fold_name(main.stem), fold_name(main.name)}]
        alone = self._media if len(self._media) == 1 and len(names) <= 1 else []
        return exact or named or same or alone

    def _of_nfo(self, path: Path) -> list[Path]:
        """Return the film of the same name; for `movie.nfo` or any other, the only film in the folder."""
        same = [main for main in self._stems.get(fold_name(path.stem), []) if is_media(main)]
        is_of_more = fold_name(path.stem) in {"tvshow", "season", "album", "artist"}
        return same or (self._media if len(self._media) == 1 and not is_of_more else [])


def _is_sidecar(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in SUBTITLE_SUFFIXES or suffix in PICTURES or suffix in _SHEETS


def _is_of_folder(path: Path) -> bool:
    """Return whether a file may go with any file of its folder, whatever that is called."""
    return path.suffix.lower() in _SHEETS or cover_rank(path) is not None


def _is_own_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and cover_rank(path) is None


def _rank(path: Path) -> tuple[int, str]:
    """Return a sort key: pictures of one file come before those of the folder, and these in their order."""
    rank = cover_rank(path)
    return (0 if rank is None else rank + 1), path.name


def is_disc_folder(folder: Path) -> bool:
    """Return whether a folder is one disc of what the folder above it holds."""
    return disc_number(folder.name) is not None
