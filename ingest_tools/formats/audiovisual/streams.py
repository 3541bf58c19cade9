"""What ffprobe says of the streams of a film or recording, as the catalogue keeps it in a record's details."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from library_server.catalogue.details import AudioTrack, Media, SubtitleTrack
from library_server.catalogue.normalization.numerals import read_integer
from library_server.catalogue.normalization.text import normalize, normalize_language

PLAYABLE_AUDIO = frozenset({"aac", "mp3"})
PLAYABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
PLAYABLE_PROFILES = frozenset(
    {"Constrained Baseline", "Baseline", "Main", "High", "Progressive High", "Constrained High"}
)
HIGHEST_LEVEL = 41
TEXT_SUBTITLES = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
TRACKS_LIMIT = 8


def is_attached(stream: dict[str, Any]) -> bool:
    """Whether a stream is a cover picture inside a recording."""
    return bool(stream.get("disposition", {}).get("attached_pic"))


def is_picture(stream: dict[str, Any]) -> bool:
    """Whether a stream is moving pictures."""
    return stream.get("codec_type") == "video" and not is_attached(stream)


def plays(video: dict[str, Any] | None, audio: dict[str, Any] | None) -> bool:
    """Whether browsers and boxes play the streams as they are: H.264 up to level 4.1 in 8 bits, AAC or MP3."""
    return (video is None or _picture_plays(video)) and (audio is None or audio.get("codec_name") in PLAYABLE_AUDIO)


def technical(found: dict[str, Any]) -> Media:
    """Codecs, the size as shown (upright, square pixels), rate in frames a second, bits a second, and the tracks."""
    streams = found.get("streams", [])
    video = next((one for one in streams if is_picture(one)), None)
    sounds = [one for one in streams if one.get("codec_type") == "audio"]
    subtitles = [one for one in streams if one.get("codec_type") == "subtitle"]
    texts = [(index, one) for index, one in enumerate(subtitles) if one.get("codec_name") in TEXT_SUBTITLES]
    width, height = shown_size(video) if video else (0, 0)
    return Media(
        video=video.get("codec_name") if video else None,
        width=width,
        height=height,
        rate=_rate(video) if video else None,
        interlaced=video is not None and video.get("field_order") in _INTERLACED,
        hdr=video is not None and video.get("color_transfer") in HDR_TRANSFERS,
        audio=sounds[0].get("codec_name") if sounds else None,
        channels=sounds[0].get("channels") if sounds else None,
        bits=_number(found.get("format", {}).get("bit_rate")) or None,
        tracks=tuple(AudioTrack(language=_language(one), title=_title(one)) for one in sounds[:TRACKS_LIMIT])
        if len(sounds) > 1
        else (),
        subtitles=tuple(
            SubtitleTrack(index=index, language=_language(one), title=_title(one))
            for index, one in texts[:TRACKS_LIMIT]
        ),
    )


def shown_size(video: dict[str, Any]) -> tuple[int, int]:
    """Width and height as people see them: pixels made square, rotation of the recorder applied."""
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    ratio = re.fullmatch(r"(\d+):(\d+)", video.get("sample_aspect_ratio") or "")
    if ratio and int(ratio[1]) and int(ratio[2]):
        width = round(width * int(ratio[1]) / int(ratio[2]))
    turned = any(abs(int(side.get("rotation", 0))) % 180 == 90 for side in video.get("side_data_list", []))
    return (height, width) if turned else (width, height)


def _picture_plays(video: dict[str, Any]) -> bool:
    return (
        video.get("codec_name") == "h264"
        and video.get("pix_fmt") in PLAYABLE_PIXELS
        and video.get("profile", "High") in PLAYABLE_PROFILES
        and 0 <= int(video.get("level") or 0) <= HIGHEST_LEVEL
        and video.get("field_order") not in _INTERLACED
    )


def _rate(video: dict[str, Any]) -> float:
    for name in ("avg_frame_rate", "r_frame_rate"):
        try:
            rate = float(Fraction(video.get(name) or "0"))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if 1 <= rate <= 240:
            return round(rate, 3)
    return 25.0


def _language(stream: dict[str, Any]) -> str:
    return normalize_language(_tag(stream, "language")) or "und"


def _title(stream: dict[str, Any]) -> str:
    return normalize(_tag(stream, "title"))[:80]


def _tag(stream: dict[str, Any], name: str) -> str:
    return next((str(value) for key, value in stream.get("tags", {}).items() if key.lower() == name), "")


def _number(text: Any) -> int | None:
    return read_integer(str(text or ""), 15)
