"""Films and recordings of which the end is missing are refused, whatever container they are in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingest_tools.formats.audiovisual import media
from ingest_tools.formats.audiovisual.completeness import truncation
from ingest_tools.rejections import RejectedError
from tests.factories.media.containers import atom

_PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=10:d=8")
_SOUND = ("-f", "lavfi", "-i", "sine=f=330:d=8")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
FORMS = {
    "片.mp4": (*_H264, "-movflags", "+faststart"), "段.mp4": (*_H264, "-movflags", "+frag_keyframe+empty_moov"),
    "片.mkv": _H264, "片.avi": ("-c:v", "mpeg4", "-c:a", "mp3"), "片.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "片.flv": ("-c:v", "flv", "-c:a", "mp3", "-ar", "44100"), "音.mp3": ("-vn", "-b:a", "64k"), "音.flac": ("-vn",),
    "音.m4a": ("-vn", "-c:a", "aac", "-movflags", "+faststart"), "音.wav": ("-vn",), "音.aiff": ("-vn",),
}  # fmt: skip


def record(path: Path, *options: str) -> Path:
    subprocess.run(("ffmpeg", "-v", "error", "-y", *_PICTURE, *_SOUND, *options, path), check=True)
    return path


def describe(path: Path) -> int | None:
    return media.describe(path, path.parent, covers=False).duration_ms


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_a_film_that_was_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    path = record(tmp_path / name, *FORMS[name])
    whole = path.read_bytes()
    assert abs((describe(path) or 0) - 8000) < 300
    for share in (0.35, 0.6, 0.9):
        path.write_bytes(whole[: round(len(whole) * share)])
        with pytest.raises(RejectedError) as refusal:
            describe(path)
        assert refusal.value.code == "truncated"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["片.mp4", "片.mkv", "音.m4a", "音.mp3"])
def test_a_film_whose_end_was_set_aside_but_never_filled_is_refused(name: str, tmp_path: Path) -> None:
    path = record(tmp_path / name, *FORMS[name])
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(whole[:half] + bytes(len(whole) - half))
    with pytest.raises(RejectedError) as refusal:
        describe(path)
    assert refusal.value.code == "truncated"


@pytest.mark.slow
def test_what_ends_in_silence_or_has_more_behind_it_is_whole(tmp_path: Path) -> None:
    silent = tmp_path / "静.wav"
    quiet = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=d=3", silent)
    subprocess.run(quiet, check=True)
    assert describe(silent) == 3000
    for name in ("片.mp4", "音.mp3", "片.avi", "音.flac"):
        path = record(tmp_path / name, *FORMS[name])
        path.write_bytes(path.read_bytes() + bytes(9000))
        assert describe(path)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["wav", "matroska", "flac", "mp3", "asf"])
def test_what_was_written_while_it_was_recorded_promises_nothing(form: str, tmp_path: Path) -> None:
    command = ("ffmpeg", "-v", "error", *_SOUND, "-f", form, "pipe:1")
    path = tmp_path / f"录.{form}"
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert describe(path)


def riff(length: int) -> bytes:
    return b"RIFF" + length.to_bytes(4, "little")


@pytest.mark.parametrize(
    ("box", "end"), [(atom(b"free"), (1 << 30).to_bytes(4, "big") + b"mdat"), (riff(1) + b"\0", riff(1 << 30))]
)
def test_a_film_of_more_boxes_than_are_read_is_not_judged(box: bytes, end: bytes, tmp_path: Path) -> None:
    path = tmp_path / "片.mp4"
    path.write_bytes(box * 10 + end)
    with pytest.raises(RejectedError):
        truncation.check_completeness(path, 1000)
    path.write_bytes(box * 100_000 + end)
    truncation.check_completeness(path, 1000)


def test_errors_of_ffmpeg_about_the_end_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []

    def run(command: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
        kept.append(options.get("stderr"))
        return subprocess.CompletedProcess([], 0, b"out_time_us=5\n", b"")

    monkeypatch.setattr(subprocess, "run", run)
    path = tmp_path / "片.mp4"
    path.write_bytes(atom(b"ftyp") + atom(b"mdat", bytes(9000)))
    truncation.check_completeness(path, 1000)
    assert kept == [subprocess.DEVNULL]
