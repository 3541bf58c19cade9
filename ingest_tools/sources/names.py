"""Names of files as different systems write them."""

from __future__ import annotations

import unicodedata
from pathlib import PureWindowsPath
from typing import Final

LONGEST_PATH: Final = 4096  # characters
_MOST_PARTS: Final = 64


def folded(name: str) -> str:
    """A name without case, width and composition of characters."""
    return unicodedata.normalize("NFKC", name).casefold()


def path_parts(named: str) -> list[str]:
    """The parts of a path of any system, as a cell names it."""
    return [part for part in PureWindowsPath(named.strip().strip('"“”')).parts if part.strip("\\/")]


def is_path(named: str) -> bool:
    """Whether a cell may name a file, by its length and the number of its parts."""
    return len(named) <= LONGEST_PATH and "\0" not in named and len(path_parts(named)) <= _MOST_PARTS
