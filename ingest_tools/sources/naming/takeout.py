"""How Google Takeout calls what it writes about photos and films: `IMG_1.jpg.json`, or with `.supplemental-metadata`.

Names are cut at 46 characters, the number of a second file of one name stands behind (`IMG_1.jpg(1).json` is of
`IMG_1(1).jpg`), and a photo that was edited has the file of the one that it was made of.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ingest_tools.formats.audiovisual import FILM_SUFFIXES
from ingest_tools.formats.picture_suffixes import PICTURES, TAKEOUT_SUFFIX
from library_server.catalogue.normalization.text import fold_name
from library_server.lazy_patterns import lazy_pattern

_WORD = "supplemental-metadata"
_SHORTEST_CUT = 40  # characters: a shorter name was not cut
_NUMBERED = lazy_pattern(r"(?P<base>.+?)(?P<number>\(\d{1,4}\))")
_EDITED = ("-edited", "-已修改", "-已编辑", "-修改后", "-編輯後", "-effects")
# of albums, comments and orders, and of a photo that is in another folder
_OF_ALBUMS = lazy_pattern(
    r"(?:metadata|元数据|中繼資料|print-subscriptions|shared_album_comments|user-generated-memory-titles)(?:\(\d{1,4}\))?"
)
_OF_FILES = lazy_pattern(r".+\.[a-z0-9]{3,4}(?:\.[a-z-]{0,21})?(?:\(\d{1,4}\))?")
_MEDIA_SUFFIXES = FILM_SUFFIXES | PICTURES.keys()


class TakeoutFiles:
    """The photos and films of a folder, by their folded names."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = {fold_name(path.name): path for path in paths if path.suffix.lower() in _MEDIA_SUFFIXES}
        self._cut = sorted((*_without_number(name), name) for name in self._files)

    def find(self, path: Path) -> list[Path]:
        """Return the files that one with this name may say something of, edited ones behind the first."""
        stem = fold_name(path.stem)
        name = next((name for name in _names_of_files(stem) if name in self._files), None) or self._find_cut(stem)
        if name is None:
            return []
        return [self._files[name], *(self._files[edited] for edited in _edited_names(name) if edited in self._files)]

    def _find_cut(self, stem: str) -> str | None:
        base, number = _split_number(stem)
        if len(base) < _SHORTEST_CUT:
            return None
        fitting = []
        for whole, of_file, name in self._cut[bisect_left(self._cut, (base,)) :]:
            if not whole.startswith(base):
                break
            fitting += [name] if of_file == number else []
        return fitting[0] if len(fitting) == 1 else None


def is_of_album(path: Path) -> bool:
    """Return whether a file of this name, in a folder of Takeout, is of an album or of a photo that is not there."""
    stem = fold_name(path.stem)
    is_named = _OF_ALBUMS.fullmatch(stem) is not None or _OF_FILES.fullmatch(stem) is not None
    return path.suffix.lower() == TAKEOUT_SUFFIX and is_named


def prefix_of_name(stem: str) -> str:
    """Return how the name of what Takeout wrote about a file of this folded name begins."""
    base = _split_number(stem)[0]
    edited = next((word for word in _EDITED if base.endswith(word)), "")
    return base.removesuffix(edited)[:_SHORTEST_CUT]


def joined_files(joined: Mapping[Path, Sequence[Path]]) -> bool:
    """Return whether any file that goes with another is one of Takeout."""
    return any(path.suffix.lower() == TAKEOUT_SUFFIX for paths in joined.values() for path in paths)


def _names_of_files(stem: str) -> Iterator[str]:
    """Yield the names of files that one of Takeout may say something of, the likeliest first."""
    yield stem
    base, number = _split_number(stem)
    whole, _, word = base.rpartition(".")
    if whole and _WORD.startswith(word):
        yield _with_number(whole, number)
    yield _with_number(base, number)


def _split_number(stem: str) -> tuple[str, str]:
    numbered = _NUMBERED.fullmatch(stem)
    return (numbered["base"], numbered["number"]) if numbered else (stem, "")


def _without_number(name: str) -> tuple[str, str]:
    """Return the name of a file without the number behind its stem, and that number."""
    stem, mark, suffix = name.rpartition(".")
    base, number = _split_number(stem)
    return f"{base}{mark}{suffix}", number


def _with_number(name: str, number: str) -> str:
    stem, mark, suffix = name.rpartition(".")
    return f"{stem}{number}{mark}{suffix}" if mark else name


def _edited_names(name: str) -> Iterator[str]:
    stem, mark, suffix = name.rpartition(".")
    base, number = _split_number(stem)
    yield from (f"{base}{word}{number}{mark}{suffix}" for word in _EDITED)
