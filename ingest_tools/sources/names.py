"""Names of files as different systems write them."""

from __future__ import annotations

import unicodedata

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
