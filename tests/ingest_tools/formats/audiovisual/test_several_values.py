"""Several artists and genres in one tag, lyrics with times in ID3v2, and recordings in DSD."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual import media
from ingest_tools.formats.audiovisual.tags import id3v2
from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from tests.factories.media import containers, tags
from tests.factories.media.containers import mp4_item
from tests.factories.recordings import recording

BOTH = [("何冬保", "performer"), ("萧重珪", "performer")]


def bare_mp3(folder: Path) -> bytes:
    """An MP3 file of six seconds without any tag."""
    return recording(folder / "bare.mp3", 6, "-id3v2_version", "0", "-write_xing", "0").read_bytes()


def describe(path: Path) -> Description:
    return media.describe(path, path.parent, covers=False)


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("encoding", [1, 3])
def test_every_artist_and_genre_of_a_tag_is_read(tmp_path: Path, version: int, encoding: int) -> None:
    frames = [
        tags.id3_frame("TPE1", tags.id3_texts("何冬保", "萧重珪", encoding=encoding), version),
        tags.id3_frame("TCON", tags.id3_texts("花鼓戏", "地方戏", encoding=encoding), version),
        tags.id3_frame("TIT2", tags.id3_texts("刘海砍樵", "采莲", encoding=encoding), version),
    ]
    path = tmp_path / "歌.mp3"
    path.write_bytes(tags.id3_tag(*frames, version=version) + bare_mp3(tmp_path))
    description = describe(path)
    assert description.creators == BOTH
    assert description.subjects == ["花鼓戏", "地方戏"]
    assert description.title == "刘海砍樵"


def test_a_frame_that_is_written_twice_has_two_values(tmp_path: Path) -> None:
    frames = [tags.id3_frame("TPE1", tags.id3_texts(name)) for name in ("何冬保", "萧重珪")]
    path = tmp_path / "歌.mp3"
    path.write_bytes(tags.id3_tag(*frames) + bare_mp3(tmp_path))
    assert describe(path).creators == BOTH


@pytest.mark.parametrize("name", ["歌.wv", "歌.mp3"])
def test_every_value_of_an_ape_tag_is_read(tmp_path: Path, name: str) -> None:
    plain = bare_mp3(tmp_path) if name.endswith("mp3") else recording(tmp_path / "bare.wv", 6).read_bytes()
    path = tmp_path / name
    items = [("Title", "刘海砍樵"), ("Artist", "何冬保\0萧重珪"), ("Genre", "花鼓戏\0地方戏")]
    path.write_bytes(plain + tags.ape_tag(*items))
    description = describe(path)
    assert (description.title, description.creators) == ("刘海砍樵", BOTH)
    assert description.subjects == ["花鼓戏", "地方戏"]


def test_an_ape_tag_is_read_behind_an_id3_tag_that_has_no_names(tmp_path: Path) -> None:
    gain = tags.id3_tag(tags.id3_frame("TXXX", tags.id3_texts("replaygain_track_gain", "-3 dB")))
    ape_tag = tags.ape_tag(("Artist", "何冬保\0萧重珪"), ("Genre", "花鼓戏\0地方戏"))
    path = tmp_path / "歌.mp3"
    path.write_bytes(gain + bare_mp3(tmp_path) + ape_tag)
    description = describe(path)
    assert description.creators == BOTH
    assert description.subjects == ["花鼓戏", "地方戏"]


@pytest.mark.parametrize(
    "items",
    [
        [mp4_item("\xa9ART", "何冬保", "萧重珪"), mp4_item("\xa9gen", "花鼓戏", "地方戏")],
        [mp4_item(name, value) for name, value in
         [("\xa9ART", "何冬保"), ("\xa9ART", "萧重珪"), ("\xa9gen", "花鼓戏"), ("\xa9gen", "地方戏")]],
        [mp4_item("covr", "\x89PNG", kind=14), mp4_item("\xa9ART", "何冬保", "萧重珪", "何冬保"),
         mp4_item("\xa9gen", "花鼓戏", "地方戏")],
    ],
)  # fmt: skip
def test_every_value_of_an_mp4_item_is_read(tmp_path: Path, items: list[bytes]) -> None:
    names = [mp4_item("LYRICIST", "甲", "乙"), mp4_item("LABEL", "中国唱片", "湖南音像")]
    path = containers.mp4_recording(tmp_path / "歌.m4a", mp4_item("\xa9nam", "刘海砍樵"), *items, *names)
    description = describe(path)
    assert description.title == "刘海砍樵"
    assert description.creators == [*BOTH, ("甲", "lyricist"), ("乙", "lyricist")]
    assert description.subjects == ["花鼓戏", "地方戏"]
    assert description.publisher == "中国唱片；湖南音像"


def test_readers_of_an_audiobook_in_a_named_item(tmp_path: Path) -> None:
    items = [mp4_item("\xa9ART", "周立波"), mp4_item("NARRATOR", "甲", "乙")]
    path = containers.mp4_recording(tmp_path / "山乡巨变.m4a", *items)
    path = path.rename(path.with_suffix(".m4b"))
    assert describe(path).creators == [("周立波", "author"), ("甲", "narrator"), ("乙", "narrator")]


def test_every_value_of_a_windows_media_attribute_is_read(tmp_path: Path) -> None:
    path = containers.wma_recording(
        tmp_path / "歌.wma",
        "何冬保",
        ("WM/Genre", "花鼓戏"),
        ("WM/Genre", "地方戏"),
        ("WM/Writer", "甲"),
        library=(("Author", "萧重珪"), ("WM/Writer", "乙")),
    )
    description = describe(path)
    assert description.creators == [*BOTH, ("甲", "lyricist"), ("乙", "lyricist")]
    assert description.subjects == ["花鼓戏", "地方戏"]


def test_every_value_of_a_named_id3_text_is_read(tmp_path: Path) -> None:
    frames = [tags.id3_frame("TPE1", tags.id3_texts("周立波")), tags.id3_frame("TCON", tags.id3_texts("有声书")),
              tags.id3_frame("TXXX", tags.id3_texts("NARRATOR", "甲", "乙"))]  # fmt: skip
    path = tmp_path / "山乡巨变.mp3"
    path.write_bytes(tags.id3_tag(*frames) + bare_mp3(tmp_path))
    assert describe(path).creators == [("周立波", "author"), ("甲", "narrator"), ("乙", "narrator")]


@pytest.mark.parametrize(
    ("lines", "cues"),
    [
        ([(1000, "胡大姐"), (2500, "刘海哥")], ["00:00:01.000", "胡大姐", "00:00:02.500", "刘海哥"]),
        ([(1000, "胡"), (1500, "大姐"), (2500, "\n刘海"), (2700, "哥")], ["胡大姐", "刘海哥"]),
        ([(1000, "胡大姐\n"), (2500, "刘海"), (2700, "哥\n")], ["胡大姐", "刘海哥"]),
    ],
)
def test_lyrics_with_times_in_a_tag_are_shown(tmp_path: Path, lines: list[tuple[int, str]], cues: list[str]) -> None:
    path = tmp_path / "歌.mp3"
    path.write_bytes(tags.id3_tag(tags.id3_frame("SYLT", tags.timed_lyrics(lines))) + bare_mp3(tmp_path))
    [subtitles] = [derived for derived in describe(path).derived if derived.role == "subtitle"]
    shown = (tmp_path / subtitles.file).read_text("utf-8")
    assert [cue for cue in cues if cue not in shown] == []


@pytest.mark.parametrize("content", [tags.timed_lyrics([(1, "和弦")], content=5),
                                     tags.timed_lyrics([(1, "帧")], time_format=1), b"\1chi", b""])  # fmt: skip
def test_chords_and_times_in_frames_are_no_lyrics(content: bytes) -> None:
    assert id3v2.parse(tags.id3_tag(tags.id3_frame("SYLT", content))).lyrics is None


@pytest.mark.parametrize(
    ("name", "make", "media_type"),
    [("歌.dsf", tags.dsf, "audio/x-dsf"), ("歌.dff", tags.dsdiff, "audio/x-dff")],
)
def test_recordings_in_dsd_are_taken_with_their_tags(tmp_path: Path, name: str, make: object, media_type: str) -> None:
    assert callable(make)
    frames = [tags.id3_frame("TIT2", tags.id3_texts("刘海砍樵")), tags.id3_frame("TPE1", tags.id3_texts(*"甲乙"))]
    path = tmp_path / name
    path.write_bytes(make(tags.id3_tag(*frames)))
    assert detect_format(path) == "media"
    description = describe(path)
    assert (description.title, description.media_type) == ("刘海砍樵", media_type)
    assert [name for name, _ in description.creators] == ["甲", "乙"]
    assert description.duration_ms == pytest.approx(1000, abs=20)


def test_a_picture_in_chunks_is_no_film(tmp_path: Path) -> None:
    header = b"\x00\x08\x00\x08" + bytes(4) + b"\x01" + bytes(11)
    body = b"ILBMBMHD" + len(header).to_bytes(4, "big") + header + b"BODY\0\0\0\x10" + bytes(16)
    path = tmp_path / "画.iff"
    path.write_bytes(b"FORM" + len(body).to_bytes(4, "big") + body)
    with pytest.raises(RejectedError) as refusal:
        detect_format(path)
    assert refusal.value.code == "unknown_format"
