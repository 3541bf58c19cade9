"""Languages in the names of subtitles as people and programs write them, and which film such a name belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats.audiovisual.subtitles.names import languages_of, languages_of_track
from ingest_tools.sources.main_files import MainFiles
from ingest_tools.sources.sidecars import find_sidecars
from ingest_tools.sources.source_files import SourceRoots


@pytest.mark.parametrize(
    ("mark", "languages"),
    [
        (".eng", ("en",)), (".ara", ("ar",)), (".kor", ("ko",)), (".English", ("en",)), (".French", ("fr",)),
        (".法语", ("fr",)), (".日文", ("ja",)), (".jp", ("ja",)), (".粤语", ("yue",)), (".zh_TW", ("zh-tw",)),
        (".en_US", ("en-us",)), (".pt-BR", ("pt-br",)), (".简体中文", ("zh-hans",)), (".繁體中文", ("zh-hant",)),
        (".zh-Hans", ("zh-hans",)), (".Chinese Simplified.chi", ("zh-hans",)), (".Traditional", ("zh-hant",)),
        (".Chinese Traditional with English.chi", ("zh-hant", "en")), (".中英字幕", ("zh", "en")),
        (".简日双语", ("zh-hans", "ja")), (".JPSC", ("ja", "zh-hans")), (".jptc", ("ja", "zh-hant")),
        (".cht_jpn", ("zh-hant", "ja")), (".sc_en", ("zh-hans", "en")), (".chseng", ("zh-hans", "en")),
        ("-en-sdh", ("en",)), (".zh.default", ("zh",)), (".2.zh", ("zh",)), (".mkv", ()), (".avi", ()), (".hdr", ()),
        (".web", ()), (".修正", ()), (".ts", ()), (".ts.chs", ("zh-hans",)), (".rm", ()),
    ],
)  # fmt: skip
def test_languages_as_they_are_written(mark: str, languages: tuple[str, ...]) -> None:
    assert languages_of(Path(f"渡口{mark}.srt"), "渡口") == languages


@pytest.mark.parametrize(
    ("name", "joins"),
    [
        ("渡口-zh.srt", True), ("渡口_chs.srt", True), ("渡口(中文).srt", True), ("渡口（英文字幕）.srt", True),
        ("渡口 [简日双语].ass", True), ("渡口_en_US.srt", True), ("渡口-en-sdh.srt", True), ("渡口.mkv.srt", True),
        ("渡口-2.srt", False), ("渡口_第二版.srt", False), ("渡口 花絮.srt", False), ("渡口春色.srt", False),
    ],
)  # fmt: skip
def test_names_that_only_add_a_language_join_the_film(name: str, joins: bool, tmp_path: Path) -> None:
    film, subtitles = tmp_path / "渡口.mkv", tmp_path / name
    film.touch()
    subtitles.touch()
    paths = [film, subtitles]
    sidecars = find_sidecars(paths, MainFiles(paths), SourceRoots.from_sources([tmp_path]))
    assert sidecars.joined.get(film, []) == ([subtitles] if joins else [])


@pytest.mark.parametrize(
    ("language", "title", "languages"),
    [
        ("zh", "简体", ("zh-hans",)), ("zh", "繁體中文", ("zh-hant",)), ("zh", "CHS&ENG", ("zh-hans", "en")),
        ("zh", "", ("zh",)), ("und", "", ("zh",)), ("und", "繁体", ("zh-hant",)), ("en", "SDH", ("en",)),
        ("en", "", ("en",)), ("zh", "简体 某某字幕社", ("zh-hans",)), ("en", "译自中文", ("en",)),
        ("en", "Chinese Simplified", ("en",)), ("und", "Signs by hand", ("zh",)),
    ],
)  # fmt: skip
def test_the_title_of_a_track_adds_to_its_language(language: str, title: str, languages: tuple[str, ...]) -> None:
    assert languages_of_track(language, title) == languages
