"""What tags of films and recordings say, under the names that programs give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual import media, nfo, streams
from ingest_tools.formats.audiovisual.tags import fields
from ingest_tools.formats.audiovisual.tags.artists import creators_of_tags
from tests.factories.pictures import ffmpeg, film
from tests.factories.recordings import recording


@pytest.mark.parametrize(
    ("tags", "name", "value"),
    [
        ({"tdor": "1962"}, "date", "1962"), ({"originaldate": "1955-03"}, "date", "1955-03"),
        ({"date": "0000", "tory": "1987"}, "date", "1987"),
        ({"date": "2015-06-01", "tdor": "1962"}, "date", "2015-06-01"),
        ({"publisher": "湖南音像出版社"}, "publisher", "湖南音像出版社"),
        ({"organization": "中国唱片"}, "publisher", "中国唱片"),
        ({"language": "chi"}, "language", "zh"), ({"language": "und"}, "language", None),
        ({"language": "eng"}, "language", None),
        ({"description": "短", "synopsis": "很长的说明"}, "abstract", "很长的说明"),
        ({"comment": "一九八五年长沙录制"}, "abstract", "一九八五年长沙录制"),
        ({"comment": "更多歌曲请到 www.example.com"}, "abstract", None),
        ({"comment": "iTunNORM 0000"}, "abstract", None),
        ({"show": "乡村剧场", "album": "别的"}, "series", "乡村剧场"),
        ({"episode_sort": "5", "season_number": "2"}, "part_number", 205),
        ({"episode_sort": "5", "season_number": "1"}, "part_number", 5),
        ({"track": "0/0"}, "part_number", None), ({"track": "3/9", "disc": "2/2"}, "part_number", 203),
        ({"track": "A1"}, "part_number", 101), ({"track": "b-12/24", "disc": "1"}, "part_number", 212),
        ({"track": "C1", "disc": "2/2"}, "part_number", 301), ({"track": "D2", "disc": "2"}, "part_number", 402),
        ({"track": "C1"}, "part_number", 301), ({"track": "A1", "disc": "2/2"}, "part_number", 301),
        ({"track": "B3", "discnumber": "2"}, "part_number", 403), ({"track": "I1"}, "part_number", None),
        ({"title": "03. 刘海砍樵", "track": "3"}, "title", "刘海砍樵"),
        ({"title": "03. 刘海砍樵", "track": "4"}, "title", "03. 刘海砍樵"),
        ({"title": "24. Sonate", "track": "3"}, "title", "24. Sonate"),
        ({"genre": "花鼓戏", "keywords": "戏曲,湖南"}, "subjects", ["戏曲", "湖南", "花鼓戏"]),
        ({"genre": "Pop"}, "subjects", []), ({"genre": "其他"}, "subjects", []),
    ],
)  # fmt: skip
def test_tags_under_the_names_of_programs(tags: dict[str, str], name: str, value: object) -> None:
    assert getattr(fields.describe(tags, Description("audio", "audio/mpeg", "audio")), name) == value


@pytest.mark.parametrize(
    ("tags", "creators"),
    [
        ({"artist": "Various Artists", "album_artist": "群星"}, []),
        ({"artist": "群星", "album_artist": "湖南花鼓戏剧院"}, [("湖南花鼓戏剧院", "performer")]),
        ({"artist": "李晓明;群星"}, [("李晓明", "performer")]),
        ({"artist": "路遥", "narrator": "李念"}, [("路遥", "author"), ("李念", "narrator")]),
        ({"artist": "群星乐队"}, [("群星乐队", "performer")]),
    ],
)
def test_compilations_name_nobody_and_readers_are_readers(
    tags: dict[str, str], creators: list[tuple[str, str]]
) -> None:
    assert creators_of_tags(tags, ".mp3") == creators


def sound(number: int, **more: Any) -> dict[str, Any]:
    return {"codec_type": "audio", "codec_name": "aac", "channels": 2, "index": number} | more


@pytest.mark.parametrize(
    ("sounds", "order"),
    [
        ([sound(0), sound(1)], (0, 1)),
        ([sound(0), sound(1, disposition={"default": 1})], (1, 0)),
        ([sound(0, disposition={"default": 1}), sound(1, disposition={"default": 1})], (0, 1)),
        ([sound(0, disposition={"default": 1, "comment": 1}), sound(1)], (1, 0)),
        ([sound(0, tags={"title": "导演评论音轨"}), sound(1)], (1, 0)),
        ([sound(0, disposition={"visual_impaired": 1}), sound(1)], (1, 0)),
    ],
)
def test_the_usual_sound_is_heard_first(sounds: list[dict[str, Any]], order: tuple[int, ...]) -> None:
    chosen = streams.choose_streams({"streams": sounds})
    assert tuple(number for number, _ in chosen.sounds) == order


def test_subtitles_inside_say_whom_they_are_for() -> None:
    subtitles = [
        {"codec_type": "subtitle", "codec_name": "subrip", "disposition": {"forced": 1}},
        {"codec_type": "subtitle", "codec_name": "subrip", "tags": {"title": "English SDH"}},
        {"codec_type": "subtitle", "codec_name": "subrip", "tags": {"title": "简体"}},
    ]
    found = streams.read_media({"streams": [sound(0), *subtitles]})
    assert [track.purpose for track in found.subtitles] == ["forced", "sdh", ""]


def colour(description: Description) -> str | None:
    cover = description.details.cover
    return cover.color if cover else None


def test_lyrics_inside_a_recording_are_shown_as_it_plays(tmp_path: Path) -> None:
    lyrics = "[00:01.00]刘海哥\n[00:03.00]胡大姐\n"
    path = recording(tmp_path / "歌.ogg", 6, "-metadata", f"lyrics={lyrics}", "-c:a", "libopus")
    description = media.describe(path, tmp_path)
    [subtitles] = [derived for derived in description.derived if derived.role == "subtitle"]
    assert "刘海哥" in (tmp_path / subtitles.file).read_text("utf-8")
    plain = recording(tmp_path / "词.ogg", 6, "-metadata", "lyrics=刘海哥\n胡大姐\n", "-c:a", "libopus")
    assert not any(derived.role == "subtitle" for derived in media.describe(plain, tmp_path).derived)


def test_the_front_cover_is_taken_before_the_back_and_before_a_frame(tmp_path: Path) -> None:
    for name in ("red", "blue"):
        Image.new("RGB", (60, 80), name).save(tmp_path / f"{name}.png")
    plain = recording(tmp_path / "plain.flac", 2)
    pictures = ["-i", str(tmp_path / "blue.png"), "-i", str(tmp_path / "red.png")]
    kinds = ["-metadata:s:v:0", "comment=Cover (back)", "-metadata:s:v:1", "comment=Cover (front)"]
    attached = ["-map", "0", "-map", "1", "-map", "2", "-c", "copy", "-disposition:v", "attached_pic"]
    both = tmp_path / "both.flac"
    ffmpeg("-i", str(plain), *pictures, *attached, *kinds, str(both))
    assert colour(media.describe(both, tmp_path)) == "#ff0000"
    shown = film(tmp_path / "film.mp4", seconds=2, size="64x36")
    covered = tmp_path / "covered.mp4"
    ffmpeg("-i", str(shown), "-i", str(tmp_path / "blue.png"), "-map", "0", "-map", "1", "-c", "copy",
           "-disposition:v:1", "attached_pic", str(covered))  # fmt: skip
    description = media.describe(covered, tmp_path)
    assert (colour(description), description.format) == ("#0000ff", "video")


def test_a_film_in_which_nothing_can_be_sought_has_its_first_frame(tmp_path: Path) -> None:
    source = film(tmp_path / "film.ts", "-output_ts_offset", "95000", seconds=2, size="64x36")
    assert colour(media.describe(source, tmp_path)) is not None


def test_nfo_names_the_set_the_writers_and_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "movie.nfo"
    path.write_text(
        "<movie><title>渡口</title><plot>&lt;p&gt;船&lt;/p&gt;<![CDATA[来了<br/>人&lt;3]]></plot><credits>陈守田</credits>"
        "<director>谭素芳</director><genre>剧情</genre><tag>抗战</tag><set><name>江边三部曲</name></set></movie>",
        "utf-8",
    )
    described = nfo.describe(path, Description("video", "video/mp4", "lecture"))
    assert described is not None
    assert described.abstract == "船 来了 人<3"
    assert described.creators == [("谭素芳", "director"), ("陈守田", "author")]
    assert (described.series, described.subjects) == ("江边三部曲", ["剧情", "抗战"])
