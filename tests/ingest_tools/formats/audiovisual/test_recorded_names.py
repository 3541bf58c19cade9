"""The roles of the people that a recording names: performers, readers, authors."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual.artists import creators_of_tags
from ingest_tools.pipeline.metadata.merge import build_draft


@pytest.mark.parametrize(
    ("tags", "suffix", "creators"),
    [
        ({"artist": "李谷一"}, ".mp3", [("李谷一", "performer")]),
        ({"artist": "李谷一;蒋大为", "genre": "Pop"}, ".flac", [("李谷一", "performer"), ("蒋大为", "performer")]),
        ({"artist": "AC/DC"}, ".mp3", [("AC/DC", "performer")]),
        ({"album_artist": "单田芳", "genre": "评书"}, ".mp3", [("单田芳", "narrator")]),
        ({"artist": "刘兰芳", "album": "岳飞传 有声书"}, ".mp3", [("刘兰芳", "narrator")]),
        ({"artist": "Jane Miller", "composer": "Tom Reed"}, ".m4b",
         [("Jane Miller", "author"), ("Tom Reed", "narrator")]),
        ({"artist": "Jane Miller", "composer": "Tom Reed", "genre": "Rock"}, ".mp3", [("Jane Miller", "performer")]),
        ({}, ".mp3", []),
    ],
)  # fmt: skip
def test_roles_follow_genre_and_kind(tags: dict[str, str], suffix: str, creators: list[tuple[str, str]]) -> None:
    assert creators_of_tags(tags, suffix) == creators
    drafted = build_draft(Description("audio", "", "audio", title="渡口", creators=creators), Path("渡口.mp3"), None)
    assert [(creator.name, creator.role) for creator in drafted.draft.creators] == creators
