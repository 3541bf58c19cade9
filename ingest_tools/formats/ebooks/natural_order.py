"""The order in which people number files: `2.jpg` before `10.jpg`, and the files of a folder together."""

from __future__ import annotations

import re

_CHUNKS = re.compile(r"([0-9]+)")


def natural_key(name: str) -> list[list[tuple[int, int, str]]]:
    """Return a key by which paths are sorted."""
    *folders, file = name.replace("\\", "/").lower().split("/")
    parts = (*folders, *file.rpartition(".")[::2])
    return [[_chunk_key(chunk) for chunk in _CHUNKS.split(part) if chunk] for part in parts]


def _chunk_key(chunk: str) -> tuple[int, int, str]:
    if not chunk.isdecimal():
        return 1, 0, chunk
    digits = chunk.lstrip("0")
    return 0, len(digits), digits  # as numbers, however long
