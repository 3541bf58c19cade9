"""A watched folder whose files are taken into a new library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.watch_folder import WatchFolder
from library_server.library import Library
from tests.support.libraries import ingest


@pytest.fixture
def watch(library: Library, tmp_path: Path) -> WatchFolder:
    folder = tmp_path / "收书"
    folder.mkdir()

    def take(paths: Sequence[Path]) -> IngestReport:
        return ingest(library, *paths, inside=folder)

    return WatchFolder(folder, take, settle=10)
