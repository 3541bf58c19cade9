"""The roles of the people that a recording names: performers, readers, authors."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual import media
from ingest_tools.formats.audiovisual.tags.artists import creators_of_tags
from ingest_tools.pipeline.metadata.merge import build_draft
from tests.factories.pictures import ffmpeg


@pytest.mark.parametrize(
    ("tags", "suffix", "creators"),
    [
        ({"artist": "李谷一"}, ".mp3", [("李谷一", "performer")]),
        ({"artist": "李谷一;蒋大为", "genre": "Pop"}, ".flac", [("李谷一", "performer"), ("蒋大为", "performer")]),
        ({"artist": "李谷一，蒋大为, 郭兰英"}, ".mp3",
         [("李谷一", "performer"), ("蒋大为", "performer"), ("郭兰英", "performer")]),
        ({"artist": "Reed, Miller & Lee"}, ".mp3", [("Reed, Miller & Lee", "performer")]),
        ({"artist": "AC/DC"}, ".mp3", [("AC/DC", "performer")]),
        ({"album_artist": "单田芳", "genre": "评书"}, ".mp3", [("单田芳", "narrator")]),
        ({"artist": "刘兰芳", "album": "岳飞传 有声书"}, ".mp3", [("刘兰芳", "narrator")]),
        ({"artist": "Jane Miller", "composer": "Tom Reed"}, ".m4b",
         [("Jane Miller", "author"), ("Tom Reed", "narrator")]),
        ({"artist": "Jane Miller", "composer": "Tom Reed", "genre": "Rock"}, ".mp3",
         [("Jane Miller", "performer"), ("Tom Reed", "composer")]),
        ({}, ".mp3", []),
    ],
)  # fmt: skip
def test_roles_follow_genre_and_kind(tags: dict[str, str], suffix: str, creators: list[tuple[str, str]]) -> None:
    assert creators_of_tags(tags, suffix) == creators
    prepared_draft = build_draft(
        Description("audio", "", "audio", title="渡口", creators=creators), Path("渡口.mp3"), None
    )
    assert [(creator.name, creator.role) for creator in prepared_draft.draft.creators] == creators


@pytest.mark.slow
@pytest.mark.parametrize(("dark", "is_dark"), [(2, False), (10, True)])
def test_a_film_that_begins_dark_has_a_later_frame_as_cover(tmp_path: Path, dark: int, is_dark: bool) -> None:
    parts = [f"color=black:d={dark}:s=64x48:r=5"] + ([] if is_dark else [f"testsrc=d={10 - dark}:s=64x48:r=5"])
    inputs = [word for part in parts for word in ("-f", "lavfi", "-i", part)]
    ffmpeg(*inputs, "-filter_complex", f"concat=n={len(parts)}", "-c:v", "mpeg4", str(tmp_path / "a.mp4"))
    (tmp_path / "out").mkdir()
    cover = media.describe(tmp_path / "a.mp4", tmp_path / "out").details.cover
    assert cover is not None
    assert (cover.color == "#000000") is is_dark


@pytest.mark.slow
@pytest.mark.parametrize(("side", "has_cover"), [(2, False), (300, True)])
def test_a_picture_of_a_few_pixels_inside_a_recording_is_no_cover(tmp_path: Path, side: int, has_cover: bool) -> None:
    Image.new("RGB", (side, side), "orange").save(tmp_path / "a.png")
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-i", str(tmp_path / "a.png"), "-map", "0", "-map", "1", "-c:v", "copy",
           "-disposition:v", "attached_pic", str(tmp_path / "a.mp3"))  # fmt: skip
    (tmp_path / "out").mkdir()
    description = media.describe(tmp_path / "a.mp3", tmp_path / "out")
    assert (description.details.cover is not None) is has_cover


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_a_recording_whose_container_states_no_length_is_measured(tmp_path: Path, name: str) -> None:
    codec = ("-c:a", "libvorbis") if name == "a.webm" else ("-c:a", "aac")
    ffmpeg("-f", "lavfi", "-i", "sine=d=3", *codec, "-live", "1", str(tmp_path / name))
    without_length(tmp_path / name)
    (tmp_path / "out").mkdir()
    description = media.describe(tmp_path / name, tmp_path / "out")
    assert description.duration_ms == pytest.approx(3000, abs=100)


def without_length(path: Path) -> None:
    """Write over the length of each track, which ffmpeg states in tags, and of the whole (Matroska, `Duration`)."""
    path.write_bytes(path.read_bytes().replace(b"DURATION", b"DURATXON").replace(b"\x44\x89\x88", b"\xec\x82\x88"))


@pytest.mark.parametrize(
    ("tags", "number"),
    [
        (("track=3/12",), 3),
        (("track=3", "disc=2"), 203),
        (("track=3", "disc=1/2"), 103),
        (("track=3", "disc=1/1"), 3),
        (("track=3", "disc=1"), 3),
        (("disc=2",), None),
    ],
)
@pytest.mark.slow
def test_tracks_of_several_discs_are_numbered_by_the_disc(
    tmp_path: Path, tags: tuple[str, ...], number: int | None
) -> None:
    options = [word for tag in tags for word in ("-metadata", tag)]
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", *options, str(tmp_path / "a.mp3"))
    (tmp_path / "out").mkdir()
    assert media.describe(tmp_path / "a.mp3", tmp_path / "out").part_number == number


@pytest.mark.slow
def test_a_film_with_many_fonts_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"font")
    fonts = ["-attach", str(tmp_path / "a.ttf")] * 120
    types = ["-metadata:s:t", "mimetype=application/x-truetype-font"]
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=5", *fonts, *types, "-c:v", "mpeg4", str(tmp_path / "a.mkv"))
    (tmp_path / "out").mkdir()
    assert media.describe(tmp_path / "a.mkv", tmp_path / "out", covers=False).format == "video"
