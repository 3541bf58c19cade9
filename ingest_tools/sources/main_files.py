"""The files of a folder that others go with: books, films, recordings, photos, and which of them each other means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path

from ingest_tools.formats.audiovisual import CUE_SUFFIX, FILM_SUFFIXES, NFO_SUFFIX, SOUND_SUFFIXES, SUBTITLE_SUFFIXES
from ingest_tools.formats.audiovisual.subtitles.names import is_language_mark
from ingest_tools.formats.documents import CONVERTED_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES, TAKEOUT_SUFFIX, XMP_SUFFIX
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.naming.extras import find_extras, is_extras_folder
from ingest_tools.sources.naming.pictures import COVER_NAMES, cover_rank, is_artwork, is_camera_name, without_number
from ingest_tools.sources.naming.takeout import TakeoutFiles
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name

TEXTS = CONVERTED_SUFFIXES | frozenset((
    ".epub", ".pdf", ".docx", ".docm", ".dotx", ".dotm", ".txt", ".fb2", ".fbz", ".cbz",
    ".mobi", ".azw", ".azw3", ".prc", ".html", ".htm", ".xhtml", ".htmlz", ".mht", ".mhtml",
))  # fmt: skip
MEDIA = FILM_SUFFIXES | SOUND_SUFFIXES
_STORIES = frozenset((".md", ".markdown"))
_COVERED = TEXTS | MEDIA | _STORIES


def is_media(path: Path) -> bool:
    """Return whether a file is a film or recording by its suffix."""
    return path.suffix.lower() in MEDIA


def is_film(path: Path) -> bool:
    """Return whether a file is a film, and no recording, by its suffix."""
    return path.suffix.lower() in FILM_SUFFIXES


def without_extras_folders(folder: Path, folders: Sequence[str], files: Sequence[str]) -> list[str]:
    """Return the folders of these names in a folder, without those that have what belongs to a film among its files."""
    has_film = any(is_film(Path(name)) for name in files)
    return [name for name in folders if not is_extras_folder(name, folder, has_film=has_film)]


class MainFiles:
    """The files of a folder that sidecars may go with; with `only`, nothing is looked for the others.

    `extras` belong to a film of the folder and are no record of their own.
    """

    def __init__(self, siblings: Sequence[Path], only: Path | None = None) -> None:
        self.only = only
        self.extras = frozenset(find_extras(list(filter(is_film, siblings)), siblings))
        self.files = [path for path in siblings if path.suffix.lower() in _COVERED and path not in self.extras]
        self._media = [path for path in self.files if is_media(path)]
        self._stems: dict[str, list[Path]] = {}
        self._names: dict[str, list[Path]] = {}
        for path in self.files:
            self._stems.setdefault(fold_name(path.stem), []).append(path)
            self._names.setdefault(fold_name(path.name), []).append(path)
        self._photos = [path for path in siblings if path.suffix.lower() in PICTURES]
        self._takeout = TakeoutFiles(siblings)
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

    def find_mains(self, path: Path, joined: Mapping[Path, Sequence[Path]], roots: SourceRoots) -> Iterator[Path]:
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
        elif suffix == TAKEOUT_SUFFIX:
            yield from self._takeout.find(path)
        elif named := self._of_picture(path):
            yield named
        elif cover_rank(path) is not None:
            own = {main for main, files in joined.items() if any(map(_is_own_picture, files))}
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


def _is_own_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and cover_rank(path) is None
