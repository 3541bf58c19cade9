"""What ffprobe says of the streams of a film or recording, as the catalogue keeps it in a record's details."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
SQUARE = frozenset({"1:1", "0:1"})
COPYABLE = frozenset({"mov", "matroska", "mpegts", "flv", "mp3", "aac"})  # others lack timestamps of B-frames, or lie
STILL_SHARE = 10  # pictures for less than a tenth of the longest stream stand still
TEXT_SUBTITLES = frozenset({"subrip", "ass", "ssa", "webvtt", "mov_text", "text"})
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_COMMENTARY = re.compile(r"commentary|评论(?:音?轨|声道)|导[演评].{0,4}(?:解说|评论)|旁白|audio descri", re.IGNORECASE)
_INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
TRACKS_LIMIT = 8


@dataclass(frozen=True)
class Chosen:
    """The streams that a file is shown and heard by, each with its number among those of its kind.

    `picture` is None for a recording, also where there is a picture that stands still.
    """

    picture: tuple[int, dict[str, Any]] | None
    sounds: tuple[tuple[int, dict[str, Any]], ...]

    @property
    def video(self) -> dict[str, Any] | None:
        """The stream of moving pictures."""
        return self.picture[1] if self.picture else None

    @property
    def audio(self) -> dict[str, Any] | None:
        """The first stream of sound."""
        return self.sounds[0][1] if self.sounds else None


def choose_streams(probed: dict[str, Any]) -> Chosen:
    """Return what of a probed file is the film: not its cover, not a still before it, not a track that cannot be
    decoded. The sound that the file names as usual comes first, a commentary last.
    """
    streams = probed.get("streams", [])
    pictures = [stream for stream in streams if stream.get("codec_type") == "video"]
    sounds = [stream for stream in streams if stream.get("codec_type") == "audio"]
    decodable = [
        (number, stream)
        for number, stream in enumerate(sounds)
        if _is_decodable(stream) and stream.get("channels") != 0
    ]
    decodable.sort(key=lambda sound: (_is_commentary(sound[1]), not sound[1].get("disposition", {}).get("default")))
    moving = [
        (number, stream) for number, stream in enumerate(pictures) if _is_decodable(stream) and not is_attached(stream)
    ]
    longest = max((_read_seconds(stream) or 0.0 for stream in (*pictures, *sounds)), default=0.0)
    whole = [
        (number, stream) for number, stream in moving if (_read_seconds(stream) or longest) * STILL_SHARE >= longest
    ]
    return Chosen(whole[0] if whole else None, tuple(decodable))


def is_attached(stream: dict[str, Any]) -> bool:
    """Return whether a stream is a cover picture inside a recording."""
    return bool(stream.get("disposition", {}).get("attached_pic"))


def is_playable(probed: dict[str, Any]) -> bool:
    """Return whether browsers and boxes show a probed file as it is once its streams are copied into another container.

    That is H.264 up to level 4.1 in 8 bits, AAC or MP3, from a container with sound timestamps. Rotation and the shape
    of pixels are lost in the copy, and it takes the first stream of each kind.
    """
    chosen = choose_streams(probed)
    names = str(probed.get("format", {}).get("format_name", "")).split(",")
    has_sound = any(stream.get("codec_type") == "audio" for stream in probed.get("streams", []))
    return (
        not COPYABLE.isdisjoint(names)
        and (chosen.picture is None or (chosen.picture[0] == 0 and _picture_plays(chosen.picture[1])))
        and (not has_sound or (bool(chosen.sounds) and chosen.sounds[0][0] == 0 and _sound_plays(chosen.sounds[0][1])))
    )


def read_media(probed: dict[str, Any]) -> Media:
    """Codecs, the size as shown (upright, square pixels), rate in frames a second, bits a second, and the tracks."""
    streams, chosen = probed.get("streams", []), choose_streams(probed)
    video, audio = chosen.video, chosen.audio
    sounds = chosen.sounds[:TRACKS_LIMIT]
    subtitles = [stream for stream in streams if stream.get("codec_type") == "subtitle"]
    texts = [(index, stream) for index, stream in enumerate(subtitles) if stream.get("codec_name") in TEXT_SUBTITLES]
    width, height = shown_size(video) if video else (0, 0)
    return Media(
        video=video.get("codec_name") if video else None,
        width=width,
        height=height,
        rate=_read_frame_rate(video) if video else None,
        interlaced=video is not None and video.get("field_order") in _INTERLACED,
        hdr=video is not None and video.get("color_transfer") in HDR_TRANSFERS,
        audio=audio.get("codec_name") if audio else None,
        channels=audio.get("channels") if audio else None,
        bits=_parse_number(probed.get("format", {}).get("bit_rate")) or None,
        tracks=tuple(AudioTrack(language=_read_language(stream), title=_read_title(stream)) for _, stream in sounds)
        if len(sounds) > 1
        else (),
        subtitles=tuple(
            SubtitleTrack(
                index=index,
                language=_read_language(stream),
                title=_read_title(stream),
                purpose=_read_purpose(stream),
            )
            for index, stream in texts[:TRACKS_LIMIT]
        ),
        picture=chosen.picture[0] if chosen.picture else 0,
        sounds=tuple(number for number, _ in sounds)
        if any(at != number for at, (number, _) in enumerate(sounds))
        else (),
    )


def shown_size(video: dict[str, Any]) -> tuple[int, int]:
    """Width and height as people see them: pixels made square, rotation of the recorder applied."""
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    ratio = re.fullmatch(r"(\d+):(\d+)", video.get("sample_aspect_ratio") or "")
    if ratio and int(ratio[1]) and int(ratio[2]):
        width = round(width * int(ratio[1]) / int(ratio[2]))
    return (height, width) if _read_rotation(video) % 180 == 90 else (width, height)


def _picture_plays(video: dict[str, Any]) -> bool:
    return (
        video.get("codec_name") == "h264"
        and video.get("pix_fmt") in PLAYABLE_PIXELS
        and video.get("profile", "High") in PLAYABLE_PROFILES
        and 0 <= int(video.get("level") or 0) <= HIGHEST_LEVEL
        and video.get("field_order") not in _INTERLACED
        and _read_rotation(video) == 0
        and (video.get("sample_aspect_ratio") or "1:1") in SQUARE
    )


def _sound_plays(audio: dict[str, Any]) -> bool:
    return audio.get("codec_name") in PLAYABLE_AUDIO


def _is_decodable(stream: dict[str, Any]) -> bool:
    return stream.get("codec_name") not in {None, "", "none", "unknown"}


def _is_commentary(sound: dict[str, Any]) -> bool:
    flags = sound.get("disposition", {})
    spoken = flags.get("comment") or flags.get("visual_impaired")
    return bool(spoken) or _COMMENTARY.search(_read_title(sound)) is not None


def _read_purpose(subtitles: dict[str, Any]) -> str:
    """`forced` or `sdh` as in the names of subtitles; else empty."""
    flags, title = subtitles.get("disposition", {}), _read_title(subtitles)
    if flags.get("forced") or re.search(r"\bforced\b", title, re.IGNORECASE):
        return "forced"
    return "sdh" if flags.get("hearing_impaired") or re.search(r"\bSDH\b", title) else ""


def _read_rotation(video: dict[str, Any]) -> int:
    """Degrees by which the recorder says a picture is to be turned, 0 to 359."""
    return next((int(side["rotation"]) % 360 for side in video.get("side_data_list", []) if side.get("rotation")), 0)


def _read_seconds(stream: dict[str, Any]) -> float | None:
    """Return how long a stream is: Matroska says so in a tag `HH:MM:SS.fff`; None where nothing says it."""
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", seconds := str(stream.get("duration"))):
        return float(seconds)
    clock = re.fullmatch(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)", _get_tag(stream, "duration"))
    return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3]) if clock else None


def _read_frame_rate(video: dict[str, Any]) -> float:
    for name in ("avg_frame_rate", "r_frame_rate"):
        try:
            rate = float(Fraction(video.get(name) or "0"))
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if 1 <= rate <= 240:
            return round(rate, 3)
    return 25.0


def _read_language(stream: dict[str, Any]) -> str:
    return normalize_language(_get_tag(stream, "language")) or "und"


def _read_title(stream: dict[str, Any]) -> str:
    return normalize(_get_tag(stream, "title"))[:80]


def _get_tag(stream: dict[str, Any], name: str) -> str:
    return next((str(value) for key, value in stream.get("tags", {}).items() if key.lower() == name), "")


def _parse_number(text: Any) -> int | None:
    return read_integer(str(text or ""), 15)
