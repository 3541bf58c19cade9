"""A small library on either store, with a few stories in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from library_server.library import Library
from library_server.settings import Settings
from storage_config.s3.buckets import check_buckets
from tests.conftest import open_at, take_in
from tests.s3_server import ADMIN, S3Server

_number = itertools.count()
STORIES = 5


def stories(folder: Path, count: int = STORIES, *, first: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        text = f"# 第{number}个故事\n\n" + f"从前，栗雨有个人叫周{number}。\n" * 40
        (folder / f"故事{number:03}.md").write_text(text, encoding="utf-8")
    return folder


def settings_for(kind: str, home: Path, request: pytest.FixtureRequest, **more: object) -> Settings:
    """Settings of a library in `home`, with buckets of its own where it is on S3."""
    home.mkdir(parents=True, exist_ok=True)
    if kind == "filesystem":
        return Settings(home=home, **more)  # type: ignore[arg-type]
    server: S3Server = request.getfixturevalue("s3_server")
    settings = server.home(home, ADMIN, s3_bucket_prefix=f"keeping-{next(_number)}", **more)
    check_buckets(settings, mend=True)
    return settings


@pytest.fixture(params=["filesystem", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """Five stories; the second store is a folder, still empty."""
    settings = settings_for(request.param, tmp_path / "home", request, replica=str(tmp_path / "replica"))
    opened = open_at(settings.home, settings)
    assert take_in(opened, stories(tmp_path / "stories"), kind="story").added == STORIES
    yield opened
    opened.database.engine.dispose()
