"""Names of files as different systems write them."""

from __future__ import annotations

import unicodedata
from pathlib import PureWindowsPath
from typing import Final

LONGEST_PATH: Final = 4096  # characters
_MOST_PARTS: Final = 64

_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "autorun.inf"})
_SYSTEM_FOLDERS = frozenset({"@eadir", "#recycle", "$recycle.bin", "recycler", "system volume information",
                             "lost+found", "lost.dir", "__macosx"})  # fmt: skip
_PARTIAL = (".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart", ".!ut", ".td", ".xltd")


def folded(name: str) -> str:
    """A name without case, width and composition of characters."""
    return unicodedata.normalize("NFKC", name).casefold()


def is_system_file(name: str) -> bool:
    """Whether a file is a system's or a program's own: hidden, a lock, an index of pictures, a download under way."""
    lower = name.lower()
    return lower.startswith((".", "~$")) or lower in _SYSTEM_FILES or lower.endswith(_PARTIAL)


def is_system_folder(name: str) -> bool:
    """Whether a folder is a system's own: hidden, of things deleted, of thumbnails."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def path_parts(named: str) -> list[str]:
    """The parts of a path of any system, as a cell names it."""
    return [part for part in PureWindowsPath(named.strip().strip('"“”')).parts if part.strip("\\/")]


def is_path(named: str) -> bool:
    """Whether a cell may name a file, by its length and the number of its parts."""
    return len(named) <= LONGEST_PATH and "\0" not in named and len(path_parts(named)) <= _MOST_PARTS
