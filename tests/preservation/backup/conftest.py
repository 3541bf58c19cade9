"""A small library on its disk, closed, and a folder for its backups."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.settings import read_settings
from tests.factories.stories import stories
from tests.support.libraries import ingest, open_library_at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a library with five stories and an index, which has signed a link."""
    opened = open_library_at(tmp_path / "home")
    ingest(opened, stories(tmp_path / "stories"), kind="story")
    opened.indexer.catch_up()
    opened.database.engine.dispose()
    read_settings(home=str(tmp_path / "home")).signing_key()
    return tmp_path / "home"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "备份 #1, 100%?"
