"""The ladder of a film: what is made, what is mended, and how it plays."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from ingest_tools.derive import encoding, ladder
from ingest_tools.derive.renditions import rendition_task
from ingest_tools.formats.audiovisual import streams
from library_server.app import create_app
from library_server.catalogue.details import Media
from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.models import Job
from library_server.catalogue.records import commands
from library_server.jobs import queue
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import Worker
from library_server.library import Library
from tests.factories.pictures import ffmpeg, film
from tests.support.libraries import ingest
from tests.support.records import load_only_record

LADDER = {"1080p", "720p", "480p", "240p"}


def ingest_film(library: Library, path: Path) -> RecordView:
    """Ingest a film and run its job; returns the record."""
    report = ingest(library, path)
    assert report.rejected == 0, report.rejections
    run_rendition_jobs(library)
    return load_only_record(library)


def run_rendition_jobs(library: Library) -> None:
    scratch = library.settings.home / "scratch"
    worker = Worker(
        library.database, lambda: 0, {"rendition": rendition_task(JobContext(library.database, library.store, scratch))}
    )
    while worker.run_one():
        pass


def labelled(record: RecordView) -> dict[str, AssetView]:
    return {asset.label: asset for asset in record.assets_of("rendition")}


def probe(library: Library, asset: AssetView) -> dict[str, Any]:
    path = library.store.local_path(asset.key)
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    report: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return report


def key_times(library: Library, asset: AssetView) -> list[float]:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-skip_frame", "nokey", "-show_entries",
    "frame=pts_time",
               "-of", "csv=p=0", str(library.store.local_path(asset.key))]  # fmt: skip
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [round(float(line.strip(",")), 2) for line in output.split()]


def loudness(path: Path | None) -> float:
    result = subprocess.run(["ffmpeg", "-hide_banner", "-i", str(path), "-vn", "-af", "ebur128=framelog=verbose", "-f",
    "null",
    "-"],
                          capture_output=True, check=True, text=True)  # fmt: skip
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", result.stderr)[-1])


@pytest.mark.long
def test_the_whole_ladder_of_a_film_that_does_not_play(library: Library, tmp_path: Path) -> None:
    film(tmp_path / "老片.mkv", "-c:v", "mpeg2video", "-b:v", "8M", "-c:a", "mp2", "-af", "volume=-12dB",
         seconds=8, size="1280x720")  # fmt: skip
    record = ingest_film(library, tmp_path / "老片.mkv")
    by_label = labelled(record)
    assert set(by_label) & LADDER == {"720p", "480p", "240p"}
    shapes = {name: (s["width"], s["height"], s["codec_name"], s["pix_fmt"])
              for name in ("720p", "480p", "240p") for s in probe(library, by_label[name])["streams"][:1]}  # fmt: skip
    assert shapes == {"720p": (1280, 720, "h264", "yuv420p"), "480p": (854, 480, "h264", "yuv420p"),
                      "240p": (426, 240, "h264", "yuv420p")}  # fmt: skip
    times = {name: key_times(library, by_label[name]) for name in ("720p", "480p", "240p")}
    assert times["720p"] == times["480p"] == times["240p"]
    assert times["720p"][:3] == [0.0, 3.0, 6.0]
    for name in ("720p", "240p", "audio"):
        assert loudness(library.store.local_path(by_label[name].key)) == pytest.approx(-23, abs=1.0)
    sounds = [s for s in probe(library, by_label["240p"])["streams"] if s["codec_type"] == "audio"]
    assert [s["codec_name"] for s in sounds] == ["aac"]
    assert record.original is not None
    assert sum(asset.size for asset in record.assets if asset.role != "original") < record.original.size


@pytest.mark.slow
def test_preview_pictures_for_seeking(library: Library, tmp_path: Path) -> None:
    record = ingest_film(library, film(tmp_path / "课.mp4", seconds=9))
    by_label = labelled(record)
    assert set(by_label) & LADDER == {"240p"}  # the source is the top rung
    cues = library.store.local_path(by_label["sprites"].key)
    assert cues is not None
    text = cues.read_text()
    assert text.startswith("WEBVTT")
    assert re.findall(r"xywh=(\d+),(\d+),160,90", text)[:2] == [("0", "0"), ("160", "0")]
    assert len(re.findall("-->", text)) == 5  # every two seconds
    sheet = library.store.local_path(by_label["sprite-001.jpg"].key)
    assert sheet is not None
    with Image.open(sheet) as picture:
        assert picture.size == (160 * 8, 90 * 8)
        assert picture.crop((0, 0, 160, 90)).getextrema() != ((0, 0), (0, 0), (0, 0))


@pytest.mark.long
def test_all_tracks_and_subtitles_with_their_languages_play(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\n你好\n", "utf-8")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=d=4:s=640x360:r=25", "-f", "lavfi", "-i", "sine=frequency=300:d=4",
           "-f", "lavfi", "-i", "sine=frequency=900:d=4", "-i", str(tmp_path / "a.srt"), "-map", "0", "-map", "1",
           "-map", "2", "-map", "3", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
           "-c:s", "srt", "-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=eng", "-metadata:s:a:1",
           "title=English", "-metadata:s:s:0", "language=chi", str(tmp_path / "双语.mkv"))  # fmt: skip
    (tmp_path / "a.srt").unlink()
    record = ingest_film(library, tmp_path / "双语.mkv")
    assert [track.language for track in record.details.media.tracks] == ["zh", "en"]
    assert [asset.language for asset in record.assets_of("subtitle")] == ["zh"]
    client = create_app(library).test_client()
    address = client.get(f"/api/v1/records/{record.id}").get_json()["hls_url"]
    master = client.get(address).get_data(as_text=True)
    assert 'TYPE=AUDIO,GROUP-ID="sound",NAME="English",LANGUAGE="en"' in master
    assert 'TYPE=SUBTITLES,GROUP-ID="words"' in master
    names = re.findall(r"^([\w-]+)/index.m3u8$", master, re.MULTILINE)
    assert names == ["source", "240p", "audio"]
    for name in (*names, "track-1"):
        playlist = client.get(address.replace("master", f"{name}/index"))
        assert playlist.status_code == 200, name
        segment = playlist.get_data(as_text=True).split("\n")
        first = next(line for line in segment if line.endswith(".ts"))
        assert client.get(address.replace("master.m3u8", f"{name}/{first}")).status_code == 200
    subtitles = re.findall(r'URI="(subtitles-\w+)/index.m3u8"', master)
    words = client.get(address.replace("master", f"{subtitles[0]}/index")).get_data(as_text=True)
    file = next(line for line in words.split("\n") if line.startswith("/files/"))
    assert "你好" in client.get(file).get_data(as_text=True)
    assert client.get(address.replace("master", "nothing/index")).status_code == 404


@pytest.mark.long
def test_the_remuxed_source_is_as_loud_as_the_rungs(library: Library, tmp_path: Path) -> None:
    film(tmp_path / "响.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-af",
         "volume=10dB", seconds=6)  # fmt: skip
    record = ingest_film(library, tmp_path / "响.mp4")
    client = create_app(library).test_client()
    address = client.get(f"/api/v1/records/{record.id}").get_json()["hls_url"]
    client.get(address.replace("master", "source/index"))
    folder = next(entry for entry in (library.settings.cache_folder / "hls").iterdir() if entry.is_dir())
    for _ in range(200):
        if (folder / "done").exists():
            break
        time.sleep(0.05)
    assert loudness(sorted(folder.glob("*.ts"))[0]) == pytest.approx(-23, abs=1.5)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("隔行.mpg", ["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1", "-b:v", "6M", "-c:a", "mp2"],
        "interlaced"),
        ("手机.mp4", ["-c:v", "libx265", "-x265-params", "log-level=error", "-c:a", "aac"], "hevc"),
    ],
)  # fmt: skip
@pytest.mark.long
def test_interlaced_and_hevc_films_are_recognised_and_encoded(
    library: Library, tmp_path: Path, name: str, options: list[str], expected: str
) -> None:
    record = ingest_film(library, film(tmp_path / name, *options, size="640x480"))
    media = record.details.media
    assert media.interlaced if expected == "interlaced" else media.video == expected
    first = probe(library, labelled(record)["480p"])["streams"][0]
    assert (first["codec_name"], first.get("field_order", "progressive")) == ("h264", "progressive")


@pytest.mark.long
def test_rotation_of_a_telephone_is_honoured(library: Library, tmp_path: Path) -> None:
    film(tmp_path / "横.mp4", size="1280x720", seconds=2)
    ffmpeg("-display_rotation", "90", "-i", str(tmp_path / "横.mp4"), "-c", "copy", str(tmp_path / "竖.mp4")) if (
        "display_rotation"
        in subprocess.run(["ffmpeg", "-hide_banner", "-h", "full"], capture_output=True, text=True).stdout
    ) else ffmpeg(
        "-i", str(tmp_path / "横.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(tmp_path / "竖.mp4")
    )
    (tmp_path / "横.mp4").unlink()
    record = ingest_film(library, tmp_path / "竖.mp4")
    assert (record.details.media.width, record.details.media.height) == (720, 1280)
    first = probe(library, labelled(record)["480p"])["streams"][0]
    assert (first["width"], first["height"]) == (480, 854)


@pytest.mark.long
def test_broken_timestamps_are_mended(library: Library, tmp_path: Path) -> None:
    whole = film(tmp_path / "整.ts", "-c:v", "mpeg2video", "-b:v", "3M", "-c:a", "mp2", "-f", "mpegts", seconds=6)
    data = whole.read_bytes()
    third = len(data) // 188 // 3 * 188
    (tmp_path / "断.ts").write_bytes(
        data[:third] + data[third * 2 :] + data[:third]
    )  # timestamps jump forward, then back
    whole.unlink()
    record = ingest_film(library, tmp_path / "断.ts")
    times = key_times(library, labelled(record)["240p"])
    assert times == sorted(times)


@pytest.mark.long
def test_a_job_that_died_goes_on_after_the_last_finished_rung(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "老片.avi", "-c:v", "mpeg4", "-b:v", "6M", "-c:a", "mp3", size="1280x720", seconds=3)
    ingest(library, tmp_path / "老片.avi")
    stored: list[str] = []
    unpatched = commands.replace_asset

    def dies(session: Any, record_id: str, new: Any, **options: Any) -> str:
        if len(stored) == 2:
            raise KeyboardInterrupt  # nothing runs after it, as after a kill
        stored.append(new.label)
        return unpatched(session, record_id, new, **options)

    monkeypatch.setattr("ingest_tools.derive.renditions.commands.replace_asset", dies)
    with pytest.raises(KeyboardInterrupt):
        run_rendition_jobs(library)
    monkeypatch.undo()
    assert stored == ["audio", "240p"]
    encoded: list[Any] = []
    monkeypatch.setattr(encoding, "encode", lambda *args: encoded.append(args))
    with library.database.writing() as session:
        queue.enqueue(session, "rendition", load_only_record(library).id)
        session.execute(update(Job).values(state="queued"))
    run_rendition_jobs(library)
    assert encoded == []  # files that ffmpeg had finished are stored and not made again
    assert set(labelled(load_only_record(library))) & LADDER == {"720p", "480p", "240p"}


@pytest.mark.parametrize(
    ("media", "plays", "expected"),
    [
        (Media(width=1920, height=1080, bits=8_000_000), True,
         [("720p", 1280, 720), ("480p", 854, 480), ("240p", 426, 240)]),
        (Media(width=1080, height=1920, bits=8_000_000), False,
         [("1080p", 1080, 1920), ("720p", 720, 1280), ("480p", 480, 854), ("240p", 240, 426)]),
        (Media(width=320, height=180), False, [("180p", 320, 180)]),
        (Media(width=1024, height=576), False, [("576p", 1024, 576), ("240p", 426, 240)]),
        (Media(width=384, height=288), False, [("288p", 384, 288)]),
        (Media(width=640, height=360), False, [("360p", 640, 360), ("240p", 426, 240)]),
        (Media(width=640, height=360), True, [("240p", 426, 240)]),
        (Media(width=2560, height=1440), False,
         [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480), ("240p", 426, 240)]),
        (Media(width=320, height=240), True, []),
        (Media(), False, []),
    ],
)  # fmt: skip
def test_rungs_of_the_ladder(media: Media, plays: bool, expected: list[tuple[str, int, int]]) -> None:
    assert [(rung.name, rung.width, rung.height) for rung in ladder.choose_rungs(media, plays=plays)] == expected


@pytest.mark.parametrize("bits", [600_000, 2_000_000, 20_000_000])
def test_all_rungs_together_cost_less_than_the_source(bits: int) -> None:
    rungs = ladder.choose_rungs(Media(width=1920, height=1080, bits=bits), plays=True)
    sounds = ladder.RUNG_SOUND_BITS * (len(rungs) + 1)
    assert sum(rung.bits for rung in rungs) + sounds < bits or all(rung.bits == ladder.LEAST_BITS for rung in rungs)


@pytest.mark.parametrize(
    ("video", "audio", "expected"),
    [
        ({"codec_name": "h264", "pix_fmt": "yuv420p", "level": 41, "profile": "High"}, {"codec_name": "aac"}, True),
        ({"codec_name": "h264", "pix_fmt": "yuv420p", "level": 42, "profile": "High"}, None, False),
        ({"codec_name": "h264", "pix_fmt": "yuv420p10le", "level": 40, "profile": "High 10"}, None, False),
        ({"codec_name": "h264", "pix_fmt": "yuv420p", "level": 31, "field_order": "tt"}, None, False),
        ({"codec_name": "h264", "pix_fmt": "yuv420p", "level": 31}, {"codec_name": "ac3"}, False),
        (None, {"codec_name": "mp3"}, True),
    ],
)  # fmt: skip
def test_files_that_play_without_encoding(
    video: dict[str, Any] | None, audio: dict[str, Any] | None, expected: bool
) -> None:
    kinds = {"video": video, "audio": audio}
    described = [{"codec_type": kind, **stream} for kind, stream in kinds.items() if stream is not None]
    assert streams.is_playable({"streams": described, "format": {"format_name": "mov,mp4,m4a"}}) is expected
    assert not streams.is_playable({"streams": described, "format": {"format_name": "avi"}})


@pytest.mark.long
def test_hdr_is_mapped_to_bt709(tmp_path: Path) -> None:
    film(tmp_path / "hdr.mkv", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
         "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "-c:a", "aac",
         seconds=1)  # fmt: skip
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(tmp_path / "hdr.mkv")]
    technical = streams.read_media(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    assert technical.hdr
    request = encoding.Encoding(tmp_path / "hdr.mkv", technical, ladder.choose_rungs(technical, plays=False), 1000)
    encoding.encode(request, tmp_path, lambda _: None)
    report = json.loads(
        subprocess.run([*command[:-1], str(tmp_path / "240p.mp4")], capture_output=True, check=True).stdout
    )
    assert report["streams"][0]["color_transfer"] == "bt709"
