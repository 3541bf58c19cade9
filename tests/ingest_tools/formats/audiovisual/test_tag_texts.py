"""Tags of recordings in the encodings that programs wrote: ID3v1, RIFF and ID3v2 that calls everything Latin-1."""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingest_tools.formats.audiovisual import media
from ingest_tools.formats.audiovisual.tags.artists import split_artists
from ingest_tools.formats.audiovisual.tags.texts import decode_tags
from library_server.processes.ffmpeg import generator_command


def probed(**tags: bytes) -> dict[str, Any]:
    """What ffprobe prints of tags that a file holds as these bytes."""
    printed = b",".join(json.dumps(name).encode() + b':"' + value + b'"' for name, value in tags.items())
    document = b'{"format":{"tags":{' + printed + b'}},"streams":[{"tags":{}},{}],"chapters":[]}'
    decoded: dict[str, Any] = json.loads(document.decode("utf-8", "surrogateescape"))
    return decoded


def decoded_tags(**tags: bytes) -> dict[str, str]:
    held: dict[str, str] = decode_tags(probed(**tags))["format"]["tags"]
    return held


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
def test_simplified_tags(encoding: str) -> None:
    tags = {"title": "刘海砍樵", "artist": "何纪光", "album": "花鼓戏", "date": "1998"}
    assert decoded_tags(**{name: value.encode(encoding) for name, value in tags.items()}) == tags


def test_traditional_tags_are_told_by_all_of_them() -> None:
    tags = {"title": "劉海砍樵", "artist": "鄧麗君", "album": "臺灣老歌", "genre": "老歌"}
    assert decoded_tags(**{name: value.encode("big5") for name, value in tags.items()}) == tags


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("さくらさくら", "cp932"), ("美空ひばり", "cp932"), ("Подмосковные вечера", "cp1251"), ("劉海砍樵", "big5")],
)
def test_tags_that_ffprobe_took_for_latin_1(text: str, encoding: str) -> None:
    assert decoded_tags(title=text.encode(encoding).decode("latin-1").encode()) == {"title": text}


@pytest.mark.parametrize("text", ["Été à Paris", "Édith Piaf", "Ärzte für Köln", "Đorđe Balašević"])
def test_tags_with_accents_stay(text: str) -> None:
    assert decoded_tags(title=text.encode()) == {"title": text}


def test_a_title_that_is_cut_within_a_character_keeps_the_others() -> None:
    cut = "湖南花鼓戏刘海砍樵选段胡大姐你".encode("gbk")[:29]
    assert decoded_tags(title=cut, artist="何纪光".encode("gbk"))["title"] == "湖南花鼓戏刘海砍樵选段胡大姐"


def test_references_in_tags_divide_no_names() -> None:
    assert decoded_tags(artist="甲&#183;乙".encode(), title=b"A &amp; B") == {"artist": "甲·乙", "title": "A & B"}


@pytest.mark.parametrize("text", ["何纪光/李谷一", "何纪光&李谷一", "何纪光，李谷一", "何纪光、李谷一"])
def test_chinese_names_in_one_tag_are_divided(text: str) -> None:
    assert split_artists(text) == ["何纪光", "李谷一"]


def test_other_names_with_a_stroke_stay_whole() -> None:
    assert split_artists("AC/DC") == ["AC/DC"]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_id3v1_and_riff_are_read(encoding: str, tmp_path: Path) -> None:
    title, artist = ("劉海砍樵", "鄧麗君") if encoding == "big5" else ("刘海砍樵", "何纪光")
    for name in ("a.mp3", "a.wav"):
        options = ["-map_metadata", "-1", "-id3v2_version", "0"] if name == "a.mp3" else ["-fflags", "+bitexact"]
        subprocess.run(generator_command(["-f", "lavfi", "-i", "sine=d=1", *options, str(tmp_path / name)]), check=True)
        data = (tmp_path / name).read_bytes()
        values = [title.encode(encoding), artist.encode(encoding)]
        if name == "a.mp3":
            data += b"TAG" + b"".join(value.ljust(30, b"\0") for value in values) + bytes(30) + b"1998" + bytes(31)
        else:
            items = zip((b"INAM", b"IART"), values, strict=True)
            body = b"INFO" + b"".join(
                key + struct.pack("<I", len(value) + 2) + value + b"\0\0" for key, value in items if len(value) % 2 == 0
            )
            data += b"LIST" + struct.pack("<I", len(body)) + body
            data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
        (tmp_path / name).write_bytes(data)
        (tmp_path / f"{name}.out").mkdir()
        description = media.describe(tmp_path / name, tmp_path / f"{name}.out")
        assert (description.title, description.creators) == (title, [(artist, "performer")])


def test_the_old_tag_is_read_where_the_new_one_has_no_title(tmp_path: Path) -> None:
    path, out = tmp_path / "001.mp3", tmp_path / "out"
    out.mkdir()
    arguments = ["-f", "lavfi", "-i", "sine=d=1", "-metadata", "comment=x", "-write_id3v1", "0", str(path)]
    subprocess.run(generator_command(arguments), check=True)
    fields = ((30, "刘海砍樵"), (30, "何纪光"), (30, "花鼓戏"), (4, "1983"))
    old = b"".join(text.encode("gbk").ljust(length, b"\0") for length, text in fields)
    path.write_bytes(path.read_bytes() + (b"TAG" + old).ljust(128, b"\0"))
    described = media.describe(path, out)
    assert (described.title, described.series, described.date) == ("刘海砍樵", "花鼓戏", "1983")
    assert [name for name, _ in described.creators] == ["何纪光"]


def test_question_marks_in_a_tag_give_way_to_the_older_tag(tmp_path: Path) -> None:
    path = tmp_path / "歌.mp3"
    tone = ("-f", "lavfi", "-i", "sine=f=330:d=1", "-metadata", "title=?????", "-metadata", "artist=???")
    subprocess.run(("ffmpeg", "-v", "error", *tone, path), check=True)
    texts = (("江边船歌", 30), ("何水生", 30), ("民歌", 30), ("1998", 4))
    older = b"TAG" + b"".join(text.encode("gbk").ljust(length, b"\0") for text, length in texts) + bytes(31)
    path.write_bytes(path.read_bytes() + older)
    description = media.describe(path, tmp_path, covers=False)
    assert (description.title, description.creators[0][0]) == ("江边船歌", "何水生")
