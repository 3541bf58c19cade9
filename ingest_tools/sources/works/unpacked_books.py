"""Folders that are an EPUB which was unpacked, as Apple's book programs keep them: its mark, and all files below it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.parts.natural_order import natural_key

SUFFIX: Final = ".epub"
MOST_FILES: Final = 20_000
_MARK: Final = "mimetype"
_TYPE: Final = b"application/epub+zip"
_CONTAINER: Final = Path("META-INF", "container.xml")


def is_unpacked_book(path: Path) -> bool:
    """Return whether the first part of a work is the mark of an EPUB."""
    return path.name == _MARK


def find_members(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the files of a folder and of those below it that are one EPUB, its mark first, as in the ZIP; empty where
    they are none. `paths` are the files of the folder itself.
    """
    mark = folder / _MARK
    if mark not in paths or not (folder / _CONTAINER).is_file():
        return ()
    try:
        with roots.open(mark) as file:
            if not file.handle.read(len(_TYPE)).startswith(_TYPE):
                return ()
    except (RejectedError, OSError):
        return ()
    members: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_system_folder(name)]
        members += [Path(place) / name for name in names if not is_system_file(name)]
        if len(members) > MOST_FILES:
            return ()
    members.remove(mark)
    return mark, *sorted(members, key=lambda path: natural_key(path.relative_to(folder).as_posix()))
