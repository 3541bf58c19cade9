"""What lies with a film and is not the film: small copies of a camera, samples, trailers and extras, by the names that
cameras and media centres (Kodi, Jellyfin, Plex) give them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest_tools.sources.naming.films import read as read_film_name
from library_server.catalogue.normalization.text import fold_name
from library_server.lazy_patterns import lazy_pattern

PROXY_SUFFIXES = frozenset((".lrv", ".lrf"))
"""Of the small copies that GoPro and DJI cameras make of a film."""
_GOPRO_PROXY = lazy_pattern(r"gl(?P<number>\d{6})")
_MASTERS = (".mp4", ".mov", ".360", ".insv")
_EXTRAS_FOLDERS = frozenset((
    "extras", "trailers", "trailer", "sample", "samples", "featurettes", "behind the scenes", "deleted scenes",
    "backdrops", "theme-music", "预告片", "样片",
))  # fmt: skip
_OF_CARDS = {"m4root": frozenset(("sub", "thmbnl"))}  # copies and thumbnails on cards of Sony
_WORDS = (
    r"(?:trailers?|samples?|teaser|behind[-_. ]?the[-_. ]?scenes|deleted(?:[-_. ]?scenes?)?|featurettes?"
    r"|预告片?|樣片|样片)"
)
_ALONE = lazy_pattern(rf"(?:movie[-_.])?{_WORDS}[-_. ]?\d{{0,2}}")
_BEHIND = lazy_pattern(rf"(?P<film>.+?)(?:[-_.]| ?[(（\[【]| ){_WORDS}[-_. ]?\d{{0,2}}[)）\]】]?")
_SAMPLE = lazy_pattern(r".+[-_.]sample\d{0,2}|sample[-_.].+")
_YEAR = lazy_pattern(r"(?<=.)[\s._]*[(（]?(?:1[89]|20)\d\d[)）]?\Z")
_THEME = "theme"


def find_extras(films: Sequence[Path], others: Sequence[Path]) -> Iterator[Path]:
    """Yield the films of a folder that belong to another one in it, and among `others` what a camera or media centre
    keeps for a film that is there: small copies, and the music of its page.
    """
    all_stems = {film: fold_name(film.stem) for film in films}
    stems = {stem for stem in all_stems.values() if not _ALONE.fullmatch(stem)}
    names = {fold_name(film.name) for film in films}
    named = {stem: match["film"].strip() for stem in all_stems.values() if (match := _BEHIND.fullmatch(stem))}
    titles = {stem: _bare_title(stem) for stem in stems} if named else {}
    counts = Counter(titles.values())
    for film, stem in all_stems.items():
        title = _bare_title(named[stem]) if named.get(stem) else None
        is_of_named = title is not None and (named[stem] in stems or counts[title] > (titles.get(stem) == title))
        other_count = len(stems) - (stem in stems)
        if is_of_named or (other_count and (_ALONE.fullmatch(stem) or _is_sample_of_one(stem, other_count))):
            yield film
    for path in others:
        stem = fold_name(path.stem)
        if path.suffix.lower() in PROXY_SUFFIXES:
            if not names.isdisjoint(_names_of_masters(stem)):
                yield path
        elif stem == _THEME and films:
            yield path


def is_extras_folder(name: str, above: Path, *, has_film: bool) -> bool:
    """Return whether a folder of this name has extras of a film in the folder above, or small copies on a card."""
    folded = fold_name(name)
    return (has_film and folded in _EXTRAS_FOLDERS) or folded in _OF_CARDS.get(fold_name(above.name), frozenset())


def _bare_title(stem: str) -> str:
    """Return the title in the folded name of a film, without its year and the marks of a release."""
    return fold_name(_YEAR.sub("", read_film_name(stem).title))


def _is_sample_of_one(stem: str, other_count: int) -> bool:
    """Return whether a name is that of the sample of a release next to one other film."""
    return other_count == 1 and _SAMPLE.fullmatch(stem) is not None


def _names_of_masters(stem: str) -> Iterator[str]:
    stems = [stem]
    if match := _GOPRO_PROXY.fullmatch(stem):
        stems += [f"gx{match['number']}", f"gh{match['number']}"]
    yield from (f"{name}{suffix}" for name in stems for suffix in _MASTERS)
