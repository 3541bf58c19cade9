"""The streams of a file that are played: no cover, no still, no track that nothing decodes; upright and in time."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from ingest_tools.formats.audiovisual import media, streams
from library_server.app import create_app
from library_server.catalogue.dto import RecordView
from library_server.delivery.video.variants import list_variants, playing_asset
from library_server.library import Library
from tests.factories.pictures import ffmpeg, film
from tests.ingest_tools.derive.test_films import ingest_film

FLASH_AND_BEEP = (
    "-f", "lavfi", "-i", "color=black:size=320x240:rate=25:duration=6,drawbox=c=white:t=fill:enable='gte(t,2)'",
    "-f", "lavfi", "-i", "aevalsrc='0.5*sin(880*2*PI*t)*gte(t,2)':duration=6",
)  # fmt: skip
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")


def still(folder: Path, size: tuple[int, int] = (600, 800)) -> Path:
    Image.new("RGB", size, "red").save(folder / "still.jpg")
    return folder / "still.jpg"


def names(record: RecordView) -> list[str]:
    return [variant.name for variant in list_variants(record)]


def shown(library: Library, record: RecordView) -> tuple[int, int, int]:
    """Width, height and number of frames of the best variant."""
    asset = list_variants(record)[0].asset
    path = library.store.local_path(asset.key)
    counted = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries",
               "stream=width,height,nb_read_packets", "-of", "csv=p=0", str(path)]  # fmt: skip
    width, height, frames = subprocess.run(counted, capture_output=True, check=True, text=True).stdout.split(",")[:3]
    return int(width), int(height), int(frames)


def first_time(source: str, selected: tuple[str, ...], limit: float, key: str) -> float:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", source, *selected, "-f", "null", "-"]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    pairs = re.findall(rf"pts_time:([\d.]+)\s*\n{re.escape(key)}=(-?[\d.]+|-inf)", output)
    return next(float(time) for time, value in pairs if value != "-inf" and float(value) > limit)


def offset(source: str) -> float:
    """Seconds from the flash to the beep."""
    light = ("-map", "0:v:0", "-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-")
    loud = (
        "-map",
        "0:a:0",
        "-af",
        "astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-",
    )
    return first_time(source, loud, -30, "lavfi.astats.Overall.RMS_level") - first_time(
        source, light, 128, "lavfi.signalstats.YAVG"
    )


@pytest.mark.long
@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_still_before_the_film_is_not_the_film(library: Library, tmp_path: Path, suffix: str) -> None:
    whole = film(tmp_path / "整.mp4", seconds=8)
    ffmpeg("-i", str(still(tmp_path)), "-i", str(whole), "-map", "0:v", "-map", "1:v", "-map", "1:a", "-c", "copy",
           str(tmp_path / f"片.{suffix}"))  # fmt: skip
    record = ingest_film(library, tmp_path / f"片.{suffix}")
    assert "source" not in names(record)
    assert (record.details.media.width, record.details.media.height) == (640, 360)
    width, height, frames = shown(library, record)
    assert (width, height) == (640, 360)
    assert abs(frames - 200) <= 2


@pytest.mark.long
def test_a_cover_that_is_the_first_stream_is_not_the_film(library: Library, tmp_path: Path) -> None:
    whole = film(tmp_path / "整.mp4", seconds=8)
    ffmpeg("-i", str(still(tmp_path)), "-i", str(whole), "-map", "0:v", "-map", "1", "-c", "copy",
           "-disposition:v:0", "attached_pic", str(tmp_path / "片.mp4"))  # fmt: skip
    record = ingest_film(library, tmp_path / "片.mp4")
    width, height, frames = shown(library, record)
    assert (width, height) == (640, 360)
    assert abs(frames - 200) <= 2
    assert record.details.cover is not None
    assert (record.details.cover.width, record.details.cover.height) == (600, 800)  # the cover inside is its cover


def test_a_recording_with_a_still_picture_is_a_recording(tmp_path: Path) -> None:
    ffmpeg("-i", str(still(tmp_path)), "-f", "lavfi", "-i", "sine=duration=6", "-map", "0", "-map", "1",
           "-c:v", "mjpeg", "-c:a", "libmp3lame", str(tmp_path / "歌.mkv"))  # fmt: skip
    described = media.describe(tmp_path / "歌.mkv", tmp_path)
    assert (described.format, described.kind) == ("audio", "audio")
    assert described.details.cover is not None
    assert described.details.cover.height > described.details.cover.width


def stream(kind: str, codec: str | None = "h264", **values: Any) -> dict[str, Any]:
    named = {} if codec is None else {"codec_name": codec}
    return {"codec_type": kind, **named, "pix_fmt": "yuv420p", "level": 31, "duration": "60.0", **values}


TURNED: dict[str, Any] = {"side_data_list": [{"rotation": -90}]}
MP4 = {"format_name": "mov,mp4,m4a,3gp,3g2,mj2"}


@pytest.mark.parametrize(
    ("listed", "picture", "sounds"),
    [
        ([stream("video"), stream("audio", "aac")], 0, [0]),
        ([stream("video", "mjpeg", duration="0.04"), stream("video")], 1, []),
        ([stream("video", None), stream("video")], 1, []),
        ([stream("video", "h264"), stream("video", "h264")], 0, []),
        ([stream("video", "mjpeg", disposition={"attached_pic": 1}), stream("audio", "aac")], None, [0]),
        ([stream("video"), stream("audio", "unknown"), stream("audio", "aac")], 0, [1]),
        ([stream("video"), stream("audio", None), stream("audio", "aac"), stream("audio", "ac3")], 0, [1, 2]),
        ([stream("video"), stream("audio", "aac", channels=0), stream("audio", "aac", channels=2)], 0, [1]),
        ([stream("video", duration="N/A", tags={"DURATION": "00:00:00.063000000"}),
          stream("video", duration=None, tags={"DURATION": "00:01:00.000000000"})], 1, []),
        ([stream("video", duration=None), stream("audio", "aac")], 0, [0]),
        ([stream("video", "mjpeg", duration="0.04"), stream("audio", "mp3")], None, [0]),
    ],
)  # fmt: skip
def test_streams_are_chosen_by_duration_and_codec(
    listed: list[dict[str, Any]], picture: int | None, sounds: list[int]
) -> None:
    chosen = streams.choose_streams({"streams": listed, "format": MP4})
    assert (chosen.picture[0] if chosen.picture else None) == picture
    assert [number for number, _ in chosen.sounds] == sounds


@pytest.mark.parametrize(
    ("listed", "container", "expected"),
    [
        ([stream("video"), stream("audio", "aac")], MP4, True),
        ([stream("video", **TURNED), stream("audio", "aac")], MP4, False),
        ([stream("video", sample_aspect_ratio="64:45")], MP4, False),
        ([stream("video", sample_aspect_ratio="1:1")], MP4, True),
        ([stream("video", "mjpeg", duration="0.04"), stream("video")], MP4, False),
        ([stream("video"), stream("audio", "unknown"), stream("audio", "aac")], MP4, False),
        ([stream("video"), stream("audio", "unknown")], MP4, False),
        ([stream("video"), stream("audio", "aac")], {"format_name": "avi"}, False),
        ([stream("video"), stream("audio", "mp3")], {"format_name": "asf"}, False),
        ([stream("video"), stream("audio", "mp3")], {"format_name": "mpeg"}, False),
        ([stream("video"), stream("audio", "aac")], {"format_name": "matroska,webm"}, True),
        ([stream("video", "mjpeg", disposition={"attached_pic": 1}), stream("audio", "mp3")], {"format_name": "mp3"},
         True),
    ],
)  # fmt: skip
def test_which_streams_play_without_encoding(
    listed: list[dict[str, Any]], container: dict[str, Any], expected: bool
) -> None:
    assert streams.is_playable({"streams": listed, "format": container}) is expected


@pytest.mark.long
def test_a_film_on_its_side_and_one_of_wide_pixels_are_encoded(library: Library, tmp_path: Path) -> None:
    film(tmp_path / "宽.mp4", *H264, "-vf", "setsar=4/3", seconds=2, size="480x360")
    record = ingest_film(library, tmp_path / "宽.mp4")
    assert "source" not in names(record)
    width, height, _ = shown(library, record)
    assert (width, height) == (640, 360)


@pytest.mark.long
@pytest.mark.parametrize("late", ["picture", "sound"])
@pytest.mark.parametrize("options", [H264, ("-c:v", "mpeg4", "-c:a", "ac3")], ids=["copied", "encoded"])
def test_picture_and_sound_stay_together_where_one_begins_later(
    library: Library, tmp_path: Path, late: str, options: tuple[str, ...]
) -> None:
    trimmed = {"picture": ("-vf", "trim=start=1"), "sound": ("-af", "atrim=start=1")}[late]
    ffmpeg(*FLASH_AND_BEEP, "-map", "0:v", "-map", "1:a", *trimmed, *options, str(tmp_path / "晚.mkv"))
    assert offset(str(tmp_path / "晚.mkv")) == pytest.approx(0, abs=0.15)
    record = ingest_film(library, tmp_path / "晚.mkv")
    client = create_app(library).test_client()
    pictured = [variant.name for variant in list_variants(record) if variant.has_video]
    assert pictured
    for name in pictured:
        assert offset(str(played(client, record, name, tmp_path))) == pytest.approx(0, abs=0.15), name


def played(client: FlaskClient, record: RecordView, name: str, folder: Path) -> Path:
    """The segments of a variant in one file, as a player puts them together."""
    address = client.get(f"/api/v1/records/{record.id}").get_json()["hls_url"]
    for _ in range(200):
        playlist = client.get(address.replace("master", f"{name}/index")).text
        if "#EXT-X-ENDLIST" in playlist:
            break
        time.sleep(0.05)
    segments = re.findall(r"^(\w+\.ts)$", playlist, re.MULTILINE)
    joined = folder / f"{name}.ts"
    joined.write_bytes(
        b"".join(client.get(address.replace("master.m3u8", f"{name}/{segment}")).data for segment in segments)
    )
    return joined


@pytest.mark.long
def test_an_original_that_no_browser_opens_gives_way_to_a_rung(library: Library, tmp_path: Path) -> None:
    record = ingest_film(library, film(tmp_path / "片.mkv", *H264))
    playing = playing_asset(record)
    assert playing is not None
    assert names(record)[0] == "source"
    assert (playing.role, playing.media_type) == ("rendition", "video/mp4")
