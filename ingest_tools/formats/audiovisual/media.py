"""Video and audio by ffprobe and ffmpeg: streams, tags, duration, a poster or the cover inside.

What plays at once (see `streams`) is remuxed when asked for; the rest waits for its renditions.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.audiovisual import NUMBERS_PER_DISC, cue_sheet
from ingest_tools.formats.audiovisual.chapters import chapters_of_probe
from ingest_tools.formats.audiovisual.durations import measure_duration
from ingest_tools.formats.audiovisual.streams import choose_streams, is_playable, read_media
from ingest_tools.formats.audiovisual.tags.artists import creators_of_tags, split_artists
from ingest_tools.formats.audiovisual.tags.texts import decode_tags
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, RecordDetails
from library_server.catalogue.normalization.numerals import read_integer
from library_server.processes.ffmpeg import NOT_ALLOWED, MediaInput, ffmpeg_command, ffprobe_command

PROBE_SECONDS = 30
PROBED = ("-show_format", "-show_streams", "-show_chapters")
POSTER_SECONDS = 60
POSTER_BYTES = 256 << 20
LATEST_POSTER = 300  # seconds into a film, of the first frame that is tried
_POSTER_PARTS = (0.1, 0.3, 0.5)  # of the time of a film, at which its frames are tried
STREAMS_LIMIT = 100
_PLAYED = frozenset(("video", "audio", "subtitle"))  # not the fonts of subtitles, of which some films have hundreds
LONGEST_SECONDS = 2_147_483  # what the catalogue's column of milliseconds holds: 24 days
_MEDIA_TYPES = {
    "mov": "video/mp4", "mp4": "video/mp4", "matroska": "video/x-matroska", "webm": "video/webm",
    "avi": "video/x-msvideo", "flv": "video/x-flv", "mpegts": "video/mp2t", "mpeg": "video/mpeg",
    "mpegvideo": "video/mpeg", "asf": "video/x-ms-wmv",
    "rm": "application/vnd.rn-realmedia", "mxf": "application/mxf", "dv": "video/dv", "aiff": "audio/aiff",
    "caf": "audio/x-caf", "au": "audio/basic", "ape": "audio/x-ape", "amr": "audio/amr", "ac3": "audio/ac3",
    "eac3": "audio/eac3", "dts": "audio/vnd.dts", "wv": "audio/x-wavpack", "tta": "audio/x-tta", "w64": "audio/wav",
    "mpc": "audio/x-musepack", "mpc8": "audio/x-musepack",
    "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "wav": "audio/wav", "aac": "audio/aac",
}  # fmt: skip


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Streams, tags and poster of a film, lecture or recording. Raises `RejectedError`."""
    probed = probe(path)
    streams = probed.get("streams", [])
    played = sum(stream.get("codec_type") in _PLAYED for stream in streams)
    if played > STREAMS_LIMIT:
        raise RejectedError("too_large", f"{played} streams")
    chosen = choose_streams(probed)
    video, audio = chosen.video, chosen.audio
    if video is None and audio is None:
        raise RejectedError("no_streams")
    duration = _find_duration(probed, video, audio) or measure_duration(path)
    if duration is None:
        raise RejectedError("no_streams")
    tags = _read_tags(audio if video is None else None) | _read_tags(probed.get("format"))
    has_picture = any(stream.get("codec_type") == "video" for stream in streams)
    picture = chosen.picture[0] if chosen.picture else None
    derived, cover = _make_poster(path, out, duration, picture) if covers and has_picture else ([], None)
    chapters = chapters_of_probe(probed, duration)
    description = Description(
        format="video" if video else "audio",
        media_type=_media_type(probed, is_video=video is not None),
        kind="lecture" if video else "audio",
        title=tags.get("title"),
        creators=creators_of_tags(tags, path.suffix.lower()) if video is None else _read_performers(tags),
        date=(tags.get("date") or tags.get("year") or "").split("T")[0] or None,
        abstract=tags.get("description") or tags.get("synopsis"),
        series=tags.get("album"),
        part_number=_find_part_number(tags),
        rights=tags.get("copyright"),
        duration_ms=duration,
        details=RecordDetails(media=read_media(probed), plays=is_playable(probed), cover=cover, chapters=chapters),
        derived=derived,
    )
    sheet = cue_sheet.parse(tags["cuesheet"]) if "cuesheet" in tags and not chapters else None
    return cue_sheet.describe(sheet, path, description) if sheet and sheet.files else description


def _read_performers(tags: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, "performer") for name in split_artists(tags.get("artist") or tags.get("album_artist"))]


def probe(path: Path) -> dict[str, Any]:
    """ffprobe's JSON of a file, its tags in the encoding they were written in. Raises `RejectedError`."""
    command = ffprobe_command(MediaInput.of_file(path), PROBED, raw_texts=True)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RejectedError("too_slow") from error
    if done.returncode != 0:
        error_text = done.stderr.decode("utf-8", "replace").strip()
        if NOT_ALLOWED in error_text:
            raise RejectedError("unknown_format")
        raise RejectedError(
            "truncated" if "moov atom" in error_text else "damaged", error_text.split("\n")[-1].split(": ", 1)[-1]
        )
    return decode_tags(json.loads(done.stdout.decode("utf-8", "surrogateescape")))


def _find_duration(probed: dict[str, Any], *streams: dict[str, Any] | None) -> int | None:
    for source in (probed.get("format", {}), *(stream for stream in streams if stream)):
        try:
            seconds = float(source.get("duration", ""))
        except ValueError:
            continue
        if seconds > 0:
            return round(min(seconds, LONGEST_SECONDS) * 1000)
    return None


def _media_type(probed: dict[str, Any], *, is_video: bool) -> str:
    names = str(probed.get("format", {}).get("format_name", "")).split(",")
    media_type = next((_MEDIA_TYPES[name] for name in names if name in _MEDIA_TYPES), "application/octet-stream")
    return media_type if is_video else media_type.replace("video/mp4", "audio/mp4").replace("video/", "audio/")


def _make_poster(
    path: Path, out: Path, duration_ms: int, picture: int | None
) -> tuple[list[Derived], CoverImage | None]:
    """Return a frame a tenth into the film, or the cover picture inside a recording; nothing where neither is had.

    A film whose frame there is of one colour, black say, has a later one, if any shows something. `picture` is the
    number of the stream of moving pictures, None for a recording.
    """
    frame = out / "cover.source"
    poster: tuple[list[Derived], CoverImage | None] = ([], None)
    try:
        for part in _POSTER_PARTS if picture is not None else _POSTER_PARTS[:1]:
            seek = (
                () if picture is None else ("-ss", f"{min(duration_ms * part / 1000, LATEST_POSTER * part * 10):.3f}")
            )
            _extract_frame(path, frame, "0:v" if picture is None else f"0:v:{picture}", seek)
            smallest = pictures.SMALLEST_COVER if picture is None else 1
            sizes, facts = pictures.make_sizes(frame, out, smallest=smallest)
            poster = sizes, facts.cover
            if not pictures.is_blank(frame):
                break
    except (subprocess.SubprocessError, RejectedError, OSError):
        pass  # what there is of it is kept
    finally:
        frame.unlink(missing_ok=True)
    return poster


def _extract_frame(path: Path, frame: Path, stream: str, seek: tuple[str, ...]) -> None:
    """Write one picture of a stream. Raises `subprocess.SubprocessError` and `OSError`."""
    arguments = ["-map", stream, "-frames:v", "1", "-f", "image2", "-update", "1",
                 "-c:v", "png", "-loglevel", "error", "-threads", "1", str(frame)]  # fmt: skip
    command = ffmpeg_command([MediaInput.of_file(path, *seek)], arguments, output_bytes=POSTER_BYTES)
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=POSTER_SECONDS, check=True)


def _read_tags(holder: dict[str, Any] | None) -> dict[str, str]:
    """Tags of the container, or of the one stream of an Ogg file, which keeps them there."""
    return {key.lower(): str(value) for key, value in (holder or {}).get("tags", {}).items()}


def _find_part_number(tags: dict[str, str]) -> int | None:
    """Return the number of the track; of one of several discs, those of the second are counted from 201."""
    track, disc = _parse_number(tags.get("track")), _parse_number(tags.get("disc") or tags.get("discnumber"))
    discs = _parse_number((tags.get("disc") or "").partition("/")[2] or tags.get("disctotal") or tags.get("totaldiscs"))
    is_one_of_several = disc is not None and 0 < disc < NUMBERS_PER_DISC and (disc > 1 or (discs or 1) > 1)
    return (
        disc * NUMBERS_PER_DISC + track if track and track < NUMBERS_PER_DISC and disc and is_one_of_several else track
    )


def _parse_number(text: str | None) -> int | None:
    first = (text or "").split("/")[0].strip()
    return read_integer(first, 5)
