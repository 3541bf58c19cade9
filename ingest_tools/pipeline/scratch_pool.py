"""Folders for the derived files of one candidate at a time."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from library_server.catalogue.normalization.identifiers import new_id


class ScratchPool:
    """Empty folders for derived files, used again and again; safe to use from many threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._free: list[Path] = []

    def acquire(self) -> Path:
        """Return an empty folder."""
        with suppress(IndexError):
            return self._free.pop()
        folder = self._root / new_id()
        folder.mkdir(parents=True)
        return folder

    def release(self, folder: Path) -> None:
        """Take back a folder with what is left in it, which is mostly nothing; one that is not emptied is left."""
        try:
            for name in os.listdir(folder):
                (folder / name).unlink(missing_ok=True)
        except OSError:
            return
        self._free.append(folder)
