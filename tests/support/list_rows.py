"""The rows of a list as an ingest reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest_tools.sources.file_access import SourceRoots
from ingest_tools.sources.lists.manifest import ManifestRow, read_manifest


def read_rows(path: Path) -> Iterator[ManifestRow]:
    """Every row of a list, those that are rejected among them."""
    with SourceRoots.of([path]).open(path) as file:
        yield from read_manifest(file)
