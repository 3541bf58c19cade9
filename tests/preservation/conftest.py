"""A small library on either store, with a few stories in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from library_server.library import Library
from tests.factories.stories import STORIES, stories
from tests.support.libraries import ingest, open_library_at, settings_for


@pytest.fixture(params=["filesystem", "s3"])
def story_library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """Five stories; the second store is a folder, still empty."""
    settings = settings_for(request.param, tmp_path / "home", request, replica=str(tmp_path / "replica"))
    opened = open_library_at(settings.home, settings)
    assert ingest(opened, stories(tmp_path / "stories"), kind="story").added == STORIES
    yield opened
    opened.database.engine.dispose()
