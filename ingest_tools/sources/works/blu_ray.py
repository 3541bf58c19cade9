"""The film of a Blu-ray disc: the clips of the playlist in `BDMV/PLAYLIST` that plays longest.

Playlists are read as far as is known without the specification, which is not public (BDInfo and libbluray do the same):
the number of items, and of each its clip and the times, of 45,000 in a second, between which it is played.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name

_SUFFIX, _LIST_SUFFIX = ".m2ts", ".mpls"
_FOLDER, _STREAMS, _PLAYLISTS = "bdmv", "stream", "playlist"
_CAMERAS = "avchd"  # whose clips are films by themselves, though their playlist has all of them
_OTHER_FOLDERS = frozenset(("certificate", "aacs"))
_LISTS_LIMIT, _LIST_BYTES, _ITEMS_LIMIT = 2_000, 1 << 20, 2_000
_TICKS_OF_SECOND = 45_000


def is_streams_folder(folder: Path) -> bool:
    """Return whether a folder is the one in which a Blu-ray disc has its films."""
    places = [fold_name(part.name) for part in (folder, folder.parent, folder.parent.parent)]
    return places[:2] == [_STREAMS, _FOLDER] and places[2] != _CAMERAS


def is_blu_ray_folder(name: str) -> bool:
    """Return whether a folder of this name is the one by which a Blu-ray disc is known."""
    return fold_name(name) == _FOLDER


def disc_of(folder: Path) -> Path:
    """Return the folder of the disc to which that of its films belongs."""
    return folder.parent.parent


def without_other_folders(folder: Path, names: Sequence[str]) -> list[str]:
    """Return the folders in that of a disc, or in its `BDMV`, without those that are for players alone; else all."""
    folded = {fold_name(name) for name in names}
    if _FOLDER in folded:
        return [name for name in names if fold_name(name) not in _OTHER_FOLDERS]
    if is_blu_ray_folder(folder.name) and {_STREAMS, _PLAYLISTS} <= folded:
        return [name for name in names if fold_name(name) == _STREAMS]
    return list(names)


def find_clips(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the clips of the playlist that plays longest, in order; the largest clip where no playlist can be read."""
    clips = {fold_name(path.stem): path for path in paths if path.suffix.lower() == _SUFFIX}
    longest, chosen = 0, list[Path]()
    for playlist in _list_playlists(folder):
        items = [item for item in _read_playlist(playlist, roots) if item[0] in clips]
        seconds = sum(end - start for _, start, end in items) // _TICKS_OF_SECOND
        if seconds > longest:
            longest, chosen = seconds, [clips[name] for name in dict.fromkeys(name for name, _, _ in items)]
    if chosen or not clips:
        return tuple(chosen)
    sizes: dict[Path, int] = {}
    for path in clips.values():
        with suppress(RejectedError, OSError):
            sizes[path] = roots.stat(path).st_size
    return (max(sizes, key=lambda path: sizes[path]),) if sizes else ()


def _list_playlists(folder: Path) -> list[Path]:
    """Return the playlists of the disc in the order of their names."""
    try:
        folders = [name for name in os.listdir(folder.parent) if fold_name(name) == _PLAYLISTS]
        entries = [folder.parent / name / entry for name in folders for entry in os.listdir(folder.parent / name)]
    except OSError:
        return []
    return sorted(path for path in entries if path.suffix.lower() == _LIST_SUFFIX)[:_LISTS_LIMIT]


def _read_playlist(path: Path, roots: SourceRoots) -> list[tuple[str, int, int]]:
    """Return the items of a playlist, each once: menus play one clip hundreds of times. None of a damaged one."""
    try:
        with roots.open(path) as file:
            data = file.handle.read(_LIST_BYTES)
        (at,) = struct.unpack_from(">I", data, 8)
        (count,) = struct.unpack_from(">H", data, at + 6)
        at += 10
        items: dict[tuple[str, int, int], None] = {}
        for _ in range(min(count, _ITEMS_LIMIT)):
            length, name, kind = struct.unpack_from(">H5s4s", data, at)
            start, end = struct.unpack_from(">II", data, at + 14)
            if kind == b"M2TS" and start < end:
                items[name.decode("ascii"), start, end] = None
            at += 2 + length
    except (RejectedError, OSError, struct.error, UnicodeDecodeError):
        return []
    return list(items) if data.startswith(b"MPLS") else []
