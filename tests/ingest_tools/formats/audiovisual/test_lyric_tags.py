"""Tags of lyrics as metadata of the recording next to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual.tags import lyrics
from library_server.library import Library
from tests.factories.recordings import recording
from tests.support.libraries import ingest
from tests.support.records import records_by_title

SONG = "[ti:浏阳河]\n[ar:周望水、李月娥]\n[al:湘江民歌]\n[by:lrc maker]\n[00:01.00]浏阳河\n"


def describe(path: Path, content: str, encoding: str = "utf-8", **own: Any) -> Description:
    path.write_text(content, encoding)
    return lyrics.describe(path, Description("audio", "audio/mpeg", "audio", **own))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_title_performers_and_album_are_read(encoding: str, tmp_path: Path) -> None:
    described = describe(tmp_path / "歌.lrc", SONG, encoding)
    assert (described.title, described.series) == ("浏阳河", "湘江民歌")
    assert described.creators == [("周望水", "performer"), ("李月娥", "performer")]


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("[TI: 浏阳河 ]\r\n", "浏阳河"), ("【ti：浏阳河】", "浏阳河"),
        ("[ti:浏阳河 [现场]][ar:周望水]", "浏阳河 [现场]"),
        ("[ti:]\n[ti:浏阳河]", "浏阳河"), ("[ti:未知]", None), ("[ti:Track 03]", None), ("[00:01.00]浏阳河", None),
        ("[ti:刘海 &amp; 大姐]", "刘海 & 大姐"),
    ],
)  # fmt: skip
def test_loosely_written_titles(content: str, title: str | None, tmp_path: Path) -> None:
    assert describe(tmp_path / "歌.lrc", content).title == title


def test_tags_of_the_recording_win(tmp_path: Path) -> None:
    own: dict[str, Any] = {"title": "自己的", "series": "专辑", "creators": [("陈守田", "performer")]}
    described = describe(tmp_path / "歌.lrc", SONG, **own)
    assert (described.title, described.series, described.creators) == ("自己的", "专辑", [("陈守田", "performer")])


@pytest.mark.slow
def test_a_recording_without_tags_is_called_as_its_lyrics_say(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "歌曲"
    source.mkdir()
    recording(source / "a01.mp3", 1)
    recording(source / "b.mp3", 1, "-metadata", "title=自己的", pitch=300)
    for name in ("a01", "b"):
        (source / f"{name}.lrc").write_text(SONG, "gb18030")
    assert ingest(library, source).added == 2
    records = records_by_title(library)
    assert set(records) == {"浏阳河", "自己的"}
    assert [credit.name for credit in records["浏阳河"].credits] == ["周望水", "李月娥"]
    assert records["浏阳河"].series == "湘江民歌"
