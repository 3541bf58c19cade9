"""The film of a Blu-ray disc is one record."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest_tools.sources.folder import walk
from library_server.library import Library
from tests.factories.pictures import film, scene
from tests.support.libraries import ingest
from tests.support.records import records_by_title

TICKS = 45_000


def playlist(*items: tuple[str, int, int]) -> bytes:
    """A playlist of clips: the name of each, and the seconds between which it is played."""
    body = b""
    for name, start, end in items:
        item = struct.pack(">5s4sHBII", name.encode(), b"M2TS", 1, 0, start * TICKS, end * TICKS) + bytes(12)
        body += struct.pack(">H", len(item)) + item
    listed = struct.pack(">HHH", 0, len(items), 0) + body
    return b"MPLS0200" + struct.pack(">III", 40, 0, 0) + bytes(20) + struct.pack(">I", len(listed)) + listed


def disc(folder: Path, clips: dict[str, bytes], playlists: Sequence[bytes]) -> Path:
    """The folders of a disc."""
    for name in ("STREAM", "PLAYLIST", "CLIPINF", "BACKUP/PLAYLIST", "META"):
        (folder / "BDMV" / name).mkdir(parents=True)
    (folder / "CERTIFICATE").mkdir()
    (folder / "CERTIFICATE" / "id.bdmv").write_bytes(b"x")
    for name in ("index.bdmv", "MovieObject.bdmv"):
        (folder / "BDMV" / name).write_bytes(b"INDX0200")
    (folder / "BDMV" / "META" / "bdmt_zho.xml").write_text("<disclib/>", "utf-8")
    for name, data in clips.items():
        (folder / "BDMV" / "STREAM" / f"{name}.m2ts").write_bytes(data)
        (folder / "BDMV" / "CLIPINF" / f"{name}.clpi").write_bytes(b"HDMV")
    for number, data in enumerate(playlists):
        (folder / "BDMV" / "PLAYLIST" / f"{number:05d}.mpls").write_bytes(data)
    return folder


def candidates(folder: Path) -> dict[str, list[str]]:
    return {
        candidate.named.relative_to(folder).as_posix(): [path.stem for path in candidate.parts]
        for candidate in walk([folder])
    }


CLIPS = {"00001": b"menu", "00002": b"first", "00003": b"second", "00009": b"advertisement" * 999}


@pytest.mark.parametrize(
    ("playlists", "parts"),
    [
        ([playlist(("00001", 0, 30)), playlist(("00002", 10, 3000), ("00003", 10, 2000))], ["00002", "00003"]),
        ([playlist(("00003", 0, 2000), ("00002", 0, 3000)), playlist(("00009", 0, 60))], ["00003", "00002"]),
        ([playlist(*[("00001", 0, 30)] * 999), playlist(("00002", 0, 3000))], ["00002"]),
        ([playlist(("00002", 0, 3000), ("00007", 0, 9000))], ["00002"]),
        ([playlist(("00002", 0, 3000))[:50], b"", b"MPLS0200"], ["00009"]),
        ([], ["00009"]),
    ],
)
def test_the_playlist_that_plays_longest(tmp_path: Path, playlists: list[bytes], parts: list[str]) -> None:
    disc(tmp_path / "渡口的灯", CLIPS, playlists)
    assert candidates(tmp_path) == {"渡口的灯.m2ts": parts}


def test_clips_of_a_camera_are_films_by_themselves(tmp_path: Path) -> None:
    disc(tmp_path / "PRIVATE" / "AVCHD", CLIPS, [playlist(("00002", 0, 3000), ("00003", 0, 9))])
    found = [candidate for candidate in walk([tmp_path]) if candidate.path.suffix == ".m2ts"]
    assert len(found) == len(CLIPS)


@pytest.mark.slow
def test_a_disc_is_one_film(library: Library, tmp_path: Path) -> None:
    films = tmp_path / "盘"
    folder = disc(films / "渡口的灯", {}, [playlist(("00001", 0, 2), ("00002", 0, 3)), playlist(("00003", 0, 1))])
    for number, seconds in ((1, 2), (2, 3), (3, 1)):
        film(folder / "BDMV" / "STREAM" / f"{number:05d}.m2ts", seconds=seconds, size="320x240")
    scene(1).save(folder / "poster.jpg")
    report = ingest(library, films)
    assert (report.added, report.rejections) == (1, [])
    record = records_by_title(library)["渡口的灯"]
    assert str(record.kind) == "film"
    assert record.duration_ms is not None
    assert 4_500 <= record.duration_ms <= 5_500
    assert record.original is not None
    assert record.original.filename == "渡口的灯.m2ts"


def test_folders_of_these_names_that_are_of_no_disc_hide_no_other(tmp_path: Path) -> None:
    for name in ("Stream", "Playlist", "文稿"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "渡口.txt").write_text("渡口的灯亮着。", "utf-8")
    assert sorted(candidates(tmp_path)) == ["Playlist/渡口.txt", "Stream/渡口.txt", "文稿/渡口.txt"]
