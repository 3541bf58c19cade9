"""Containers of media without a signature that we know: ffprobe recognises them, and takes nothing else for media."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from ingest_tools.formats.audiovisual import media
from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from library_server.catalogue.records import queries
from library_server.library import Library
from tests.factories.pictures import film
from tests.support.libraries import ingest

PICTURE_AND_SOUND = {
    "老片.rmvb": ("-c:v", "rv20", "-c:a", "ac3", "-f", "rm"),
    "摄像机.MTS": (
        "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-f", "mpegts", "-mpegts_m2ts_mode", "1",
    ),
    "台里.mxf": ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
    "带子.dv": ("-target", "pal-dv"),
    "手机.3gp": ("-c:v", "h263", "-s", "352x288", "-c:a", "aac", "-f", "3gp"),
    "影碟.DAT": ("-target", "pal-vcd", "-f", "vcd"),
}  # fmt: skip
SOUND = {
    "歌.aiff": ("-f", "aiff"), "歌.caf": ("-f", "caf"), "歌.au": ("-f", "au"), "歌.w64": ("-f", "w64"),
    "歌.ac3": ("-c:a", "ac3"), "歌.dts": ("-c:a", "dca", "-strict", "-2"), "歌.aac": ("-c:a", "aac", "-f", "adts"),
    "歌.wv": ("-c:a", "wavpack"), "歌.tta": ("-c:a", "tta"), "歌.wav": (),
}  # fmt: skip
RIFF_CDXA = b"RIFF" + struct.pack("<I", 1 << 20) + b"CDXAfmt "


def drawn(folder: Path, name: str, options: tuple[str, ...], *, is_sound: bool) -> Path:
    return film(folder / name, *(("-vn",) if is_sound else ()), *options, seconds=2, size="320x240")


@pytest.mark.parametrize("name", [*PICTURE_AND_SOUND, *SOUND])
def test_a_container_is_recognised_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = drawn(tmp_path, name, {**PICTURE_AND_SOUND, **SOUND}[name], is_sound=name in SOUND)
    unnamed = path.rename(tmp_path / "file")
    assert detect_format(unnamed) == "media"
    described = media.describe(unnamed, tmp_path, covers=False)
    assert described.format == ("audio" if name in SOUND else "video")
    assert described.media_type.startswith(("audio/", "video/", "application/vnd.rn-", "application/mxf"))
    assert described.duration_ms == pytest.approx(2000, abs=300)


def test_a_recording_of_an_old_telephone_is_no_script(tmp_path: Path) -> None:
    recording = tmp_path / "录音.amr"
    recording.write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 100)
    assert detect_format(recording) == "media"
    assert media.describe(recording, tmp_path).format == "audio"


def test_a_video_cd_in_its_own_wrapper_is_media(tmp_path: Path) -> None:
    disc = drawn(tmp_path, "影碟.DAT", PICTURE_AND_SOUND["影碟.DAT"], is_sound=False)
    sectors = [disc.read_bytes()[at : at + 2324] for at in range(0, disc.stat().st_size, 2324)]
    wrapped = b"".join(bytes(24) + sector.ljust(2324, b"\0") + bytes(4) for sector in sectors)
    disc.write_bytes(RIFF_CDXA.ljust(44, b"\0") + wrapped)
    assert detect_format(disc) == "media"
    assert media.describe(disc, tmp_path, covers=False).format == "video"


@pytest.mark.parametrize("seed", range(12))
def test_noise_and_program_data_are_no_media(tmp_path: Path, seed: int) -> None:
    noise = random.Random(seed)
    data = {
        0: noise.randbytes(200_000), 1: bytes(4096) + noise.randbytes(5000), 2: b"SQLite format 3\0" + bytes(4096),
        3: b"\x7fSND" + noise.randbytes(3000), 4: struct.pack("<1000d", *(noise.random() for _ in range(1000))),
        5: b"\x0b\x77" + noise.randbytes(4000),
    }.get(seed, noise.randbytes(seed * 1000))  # fmt: skip
    (tmp_path / "数据.bin").write_bytes(data)
    with pytest.raises(RejectedError):
        detect_format(tmp_path / "数据.bin")


@pytest.mark.slow
def test_they_come_in_with_a_poster_and_healthy_neighbours(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    drawn(folder, "花鼓戏 刘海砍樵.rmvb", PICTURE_AND_SOUND["老片.rmvb"], is_sound=False)
    drawn(folder, "山歌.aiff", SOUND["歌.aiff"], is_sound=True)
    (folder / "坏.rmvb").write_bytes(b".RMF" + bytes(2000))
    report = ingest(library, folder)
    assert (report.added, [Path(row["path"]).name for row in report.rejections]) == (2, ["坏.rmvb"])
    with library.database.reading() as session:
        records = {record.title: record for record in queries.list_newest(session)}
    assert set(records) == {"花鼓戏 刘海砍樵", "山歌"}
    assert records["花鼓戏 刘海砍樵"].cover is not None
