"""Video and audio by ffprobe and ffmpeg: streams, tags, duration, a poster or the cover inside.

What plays at once (see `streams`) is remuxed when asked for; the rest waits for its renditions.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual import cue_sheet, posters
from ingest_tools.formats.audiovisual.chapters import chapters_of_probe
from ingest_tools.formats.audiovisual.completeness.truncation import check_completeness
from ingest_tools.formats.audiovisual.durations import measure_duration
from ingest_tools.formats.audiovisual.streams import choose_streams, is_playable, read_media
from ingest_tools.formats.audiovisual.tags import fields, id3v1, several_values
from ingest_tools.formats.audiovisual.tags.artists import creators_of_tags, split_artists
from ingest_tools.formats.audiovisual.tags.texts import decode_tags
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import RecordDetails
from library_server.lazy_patterns import lazy_pattern
from library_server.processes.ffmpeg import NOT_ALLOWED, MediaInput, ffprobe_command

PROBE_SECONDS = 30
PROBED = ("-show_format", "-show_streams", "-show_chapters")
STREAMS_LIMIT = 100
_TIMED_TEXT = frozenset(("subtitle", "data"))
_PLAYED = frozenset(("video", "audio", "subtitle"))  # not the fonts of subtitles, of which some films have hundreds
LONGEST_SECONDS = 2_147_483  # what the catalogue's column of milliseconds holds: 24 days
_LOST_TEXT = lazy_pattern(r"[?\ufffd][?\ufffd\s]+")  # of an encoding that lacks the characters
_MEDIA_TYPES = {
    "mov": "video/mp4", "mp4": "video/mp4", "matroska": "video/x-matroska", "webm": "video/webm",
    "avi": "video/x-msvideo", "flv": "video/x-flv", "mpegts": "video/mp2t", "mpeg": "video/mpeg",
    "mpegvideo": "video/mpeg", "asf": "video/x-ms-wmv",
    "rm": "application/vnd.rn-realmedia", "mxf": "application/mxf", "dv": "video/dv", "aiff": "audio/aiff",
    "caf": "audio/x-caf", "au": "audio/basic", "ape": "audio/x-ape", "amr": "audio/amr", "ac3": "audio/ac3",
    "eac3": "audio/eac3", "dts": "audio/vnd.dts", "wv": "audio/x-wavpack", "tta": "audio/x-tta", "w64": "audio/wav",
    "mpc": "audio/x-musepack", "mpc8": "audio/x-musepack", "dsf": "audio/x-dsf", "iff": "audio/x-dff",
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
    check_completeness(path, duration)
    tags = _read_tags(audio if video is None else None) | _read_tags(probed.get("format"))
    if not tags.get("title", "").strip() and probed.get("format", {}).get("format_name") == "mp3":
        tags = id3v1.read(path) | {name: value for name, value in tags.items() if value.strip()}
    tags = several_values.complete(tags, path)
    picture = chosen.picture[0] if chosen.picture else None
    derived, cover = posters.make_poster(path, out, duration, probed, picture) if covers else ([], None)
    chapters = chapters_of_probe(probed, duration)
    description = Description(
        format="video" if video else "audio",
        media_type=_media_type(probed, is_video=video is not None),
        kind="lecture" if video else "audio",
        creators=creators_of_tags(tags, path.suffix.lower()) if video is None else _read_performers(tags),
        duration_ms=duration,
        details=RecordDetails(media=read_media(probed), plays=is_playable(probed), cover=cover, chapters=chapters),
        derived=derived,
    )
    description = fields.describe(tags, description)
    if lyrics := fields.find_lyrics(tags):
        description = _join_lyrics(lyrics, path, out, description)
    sheet = cue_sheet.parse(tags["cuesheet"]) if "cuesheet" in tags and not chapters else None
    return cue_sheet.describe(sheet, path, description) if sheet and sheet.files else description


def _join_lyrics(lyrics: str, path: Path, out: Path, description: Description) -> Description:
    """Return a description with lyrics from a tag; as it was where they cannot be read."""
    from ingest_tools.formats.audiovisual import subtitle  # few recordings have any

    source = out / "lyrics.lrc"
    source.write_text(lyrics, "utf-8", "replace")
    try:
        return subtitle.describe(source, path.with_suffix(".lrc"), path.stem, description, out)
    except RejectedError:
        return description
    finally:
        source.unlink()


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
    """Return the duration in milliseconds of what is played: chapters and subtitles may be longer than the sound."""
    played = [_read_seconds(stream) for stream in streams if stream]
    texts = [_read_seconds(stream) for stream in probed.get("streams", []) if stream.get("codec_type") in _TIMED_TEXT]
    whole = _read_seconds(probed.get("format", {}))
    is_of_texts = all(played) and max(texts, default=0.0) > max(played, default=0.0)
    seconds = max(played, default=0.0) if is_of_texts else next(filter(None, (whole, *played)), 0.0)
    return round(min(seconds, LONGEST_SECONDS) * 1000) if seconds > 0 else None


def _read_seconds(holder: dict[str, Any]) -> float:
    try:
        seconds = float(holder.get("duration", ""))
    except ValueError:
        return 0.0
    return seconds if seconds > 0 else 0.0


def _media_type(probed: dict[str, Any], *, is_video: bool) -> str:
    names = str(probed.get("format", {}).get("format_name", "")).split(",")
    media_type = next((_MEDIA_TYPES[name] for name in names if name in _MEDIA_TYPES), "application/octet-stream")
    return media_type if is_video else media_type.replace("video/mp4", "audio/mp4").replace("video/", "audio/")


def _read_tags(holder: dict[str, Any] | None) -> dict[str, str]:
    """Tags of the container, or of the one stream of an Ogg file, which keeps them there; without `????`."""
    tags = {key.lower(): str(value) for key, value in (holder or {}).get("tags", {}).items()}
    return {name: value for name, value in tags.items() if not _LOST_TEXT.fullmatch(value)}
