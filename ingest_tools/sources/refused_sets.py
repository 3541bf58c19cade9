"""Files that are one thing together and cannot be taken in: the volumes of a pack, the pages of a book in PDG.

They are refused once, and not each of them. Volumes that are one archive when they are joined are read as a pack.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.archives.volumes import name_next_volume, name_volume
from ingest_tools.formats.documents import reader_formats
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.encodings import decode_text
from library_server.catalogue.normalization.text import fold_name

_PAGE = ".pdg"
_NUMBERED = re.compile(r"(?P<pack>.+)\.part(?P<number>\d{1,4})\.rar|(?P<split>.+\.(?:zip|7z|rar|tar))\.(?P<at>\d{3,4})")
_OLD = re.compile(r"(?P<pack>.+)\.(?P<kind>[rz])(?P<number>\d{2,3})")  # next to `PACK.rar` or `PACK.zip`
_SHOWN_MISSING = 5
_BOOK_INFO, _BOOK_INFO_LIMIT = "bookinfo.dat", 16_384  # bytes
_BOOK_INFO_LINE = re.compile(r"^(书名|作者)[ \t]*=[ \t]*([^\r\n]{1,100}?)[ \t\r]*$", re.MULTILINE)
_OF_OLD = {"r": ".rar", "z": ".zip"}


@dataclass(frozen=True)
class RefusedSet:
    """Files that are refused as one; `path` says where, it is that of the first or of the folder.

    `volumes` are those that an archive is made of, in order, where all up to the last one are there.
    """

    path: Path
    files: tuple[Path, ...]
    refusal: RejectedError
    volumes: tuple[Path, ...] = ()


def find_sets(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> list[RefusedSet]:
    """Return the sets among the files of a folder."""
    return [*_find_page_sets(folder, paths, roots), *_find_volume_sets(paths)]


def _find_page_sets(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> list[RefusedSet]:
    pages = [path for path in paths if path.suffix.lower() == _PAGE]
    if len(pages) < 2:
        return []
    try:
        with roots.open(pages[0]) as file:
            reader_formats.refuse(file.handle.read(512), _PAGE)
    except RejectedError as refusal:
        if refusal.code == "reader_format":
            near = [path for path in paths if path.suffix.lower() in reader_formats.PAGES]
            book_info = next((path for path in near if path.name.lower() == _BOOK_INFO), None)
            title = _read_book_title(book_info, roots) if book_info is not None else ""
            return [RefusedSet(folder, tuple(near), RejectedError(refusal.code, f"{refusal.detail}{title}"))]
    except OSError:
        pass
    return []  # pages of another format under this name


def _read_book_title(path: Path, roots: SourceRoots) -> str:
    """Return title and author as `bookinfo.dat` of SuperStar says them, in GBK; empty where it does not."""
    try:
        with roots.open(path) as file:
            decoded = decode_text(file.handle.read(_BOOK_INFO_LIMIT))
    except (RejectedError, OSError):
        return ""
    fields = dict(_BOOK_INFO_LINE.findall(decoded.text)) if decoded is not None else {}
    return f"; 《{fields['书名']}》{fields.get('作者', '')}" if fields.get("书名") else ""


def _find_volume_sets(paths: Sequence[Path]) -> list[RefusedSet]:
    """Return the volumes of packs; one alone is a set too, where its name says so."""
    sets: dict[str, list[tuple[int, Path]]] = {}
    by_name = {fold_name(path.name): path for path in paths}
    for name, path in by_name.items():
        if match := _NUMBERED.fullmatch(name):
            pack = f"{match['pack']}.rar" if match["pack"] else match["split"]
            sets.setdefault(pack, []).append((int(match["number"] or match["at"]), path))
        elif match := _OLD.fullmatch(name):
            pack = f"{match['pack']}{_OF_OLD[match['kind']]}"
            if pack in by_name:
                sets.setdefault(pack, [(-1, by_name[pack])]).append((int(match["number"]), path))
    return [_make_refused_set(sorted(volumes)) for volumes in sets.values()]


def _make_refused_set(volumes: Sequence[tuple[int, Path]]) -> RefusedSet:
    first, last = volumes[0][1], volumes[-1][1]
    detail = first.name if len(volumes) == 1 else f"{first.name} … {last.name}"
    files = tuple(path for _, path in volumes)
    if missing := _name_missing(volumes):
        return RefusedSet(first, files, RejectedError("volume_missing", ", ".join(missing)))
    return RefusedSet(first, files, RejectedError("archive_volumes", detail), files if _may_be_joined(volumes) else ())


def _name_missing(volumes: Sequence[tuple[int, Path]]) -> list[str]:
    """Return the names of the volumes between those that are there and before them, a few of them; and of the second
    where the first one is alone.
    """
    numbers, name = {number for number, _ in volumes}, volumes[-1][1].name
    if numbers == {1} and name.lower().endswith(".rar"):
        return [name_next_volume(name)]
    first = 1 if min(numbers) > 0 or volumes[0][1].suffix.lower() == ".zip" else 0
    missing = sorted(set(range(first, max(numbers))) - numbers)
    shown = [name_volume(name, number) for number in missing[:_SHOWN_MISSING]]
    return [*shown, "…"] if len(missing) > _SHOWN_MISSING else shown


def _may_be_joined(volumes: Sequence[tuple[int, Path]]) -> bool:
    """Return whether there are several volumes without a gap; those of a split ZIP (`.z01`) need more than to be
    joined.
    """
    numbers = [number for number, _ in volumes]
    is_whole = len(volumes) > 1 and numbers[0] <= 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return is_whole and volumes[0][1].suffix.lower() != ".zip"
