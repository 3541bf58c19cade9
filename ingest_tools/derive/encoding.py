"""One ffmpeg that decodes a film once and makes the whole ladder, the sound alone, pictures for seeking and subtitles.

Every rung has the same frames and key frames every three seconds of them, so that players change between rungs at any
segment. The `tee` muxer writes one encoded sound into every rung. Loudness is measured first (EBU R 128) and turned to
-23 LUFS by one gain, with a limiter for peaks.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingest_tools.derive.ladder import RUNG_SOUND_BITS, Rung, frames_a_second
from library_server.catalogue.details import Media
from library_server.jobs.worker import JobAttemptFailed
from library_server.processes.ffmpeg import MediaInput, ffmpeg_command, file_pattern
from library_server.processes.limits import stderr_tail

KEY_SECONDS = 3
LOUDNESS, MOST_GAIN = -23.0, 20.0
SPRITE_SIDE = 8
SECONDS_A_SECOND = 20
LEAST_SECONDS = 600
LEAST_OUTPUT_BYTES, OUTPUT_BYTES_A_SECOND = 1 << 30, 2_000_000
REPORT_SECONDS = 2.0
_MENDED = ("-fflags", "+genpts+discardcorrupt")
_INTEGRATED = re.compile(r"^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS", re.MULTILINE)


@dataclass(frozen=True)
class Encoding:
    """What to make of a source: `media` is of `streams.read_media`, `gain` in dB, a seek picture `every` seconds."""

    source: Path
    media: Media
    rungs: Sequence[Rung]
    duration_ms: int
    gain: float = 0.0
    every: int = 10
    threads: int = 1
    sound: bool = True
    sprite: bool = True

    @property
    def tracks(self) -> int:
        """How many sound tracks go into every rung."""
        return len(self.media.tracks) or (1 if self.media.audio else 0)


def build_command(task: Encoding, folder: Path) -> list[str]:
    """Return the ffmpeg command; files are named after the rungs, `audio.m4a`, `sprite-%03d.jpg` and
    `subtitle-N.vtt`.
    """
    most = max(LEAST_OUTPUT_BYTES, task.duration_ms // 1000 * OUTPUT_BYTES_A_SECOND)
    source = MediaInput.of_file(task.source, *_MENDED, "-threads", str(task.threads))
    return ffmpeg_command([source], _build_arguments(task, folder), output_bytes=most, niceness=10)


def _build_arguments(task: Encoding, folder: Path) -> list[str]:
    arguments = ["-loglevel", "error", "-progress", "pipe:1", "-nostats", "-filter_threads", str(task.threads)]
    graph = ";".join(_build_filter_graph(task))
    arguments += ["-filter_complex", graph] if graph else []
    maps: list[str] = []
    for at, rung in enumerate(task.rungs):
        maps += ["-map", f"[v{at}]", *_build_x264_options(at, rung, task)]
    for track in range(task.tracks):
        maps += ["-map", f"[a{track}]"]
        language = task.media.tracks[track].language if task.media.tracks else None
        maps += [f"-metadata:s:a:{track}", f"language={language}"] if language else []
    if task.tracks:
        maps += ["-c:a", "aac", "-b:a", str(RUNG_SOUND_BITS), "-ac", "2", "-ar", "48000"]
    outputs = list(_build_outputs(task, folder))
    if outputs:
        arguments += [
            *maps,
            "-max_muxing_queue_size",
            "4096",
            "-flags",
            "+global_header",
            "-f",
            "tee",
            "|".join(outputs),
        ]
    if _wants_sprite(task):
        arguments += [
            "-map",
            "[sprite]",
            "-c:v",
            "mjpeg",
            "-q:v",
            "6",
            "-f",
            "image2",
            file_pattern(folder, "sprite-%03d.jpg"),
        ]
    for subtitle in task.media.subtitles if task.sound else ():
        target = folder / f"subtitle-{subtitle.index}.vtt"
        arguments += ["-map", f"0:s:{subtitle.index}", "-c:s", "webvtt", str(target)]
    return arguments


def encode(task: Encoding, folder: Path, progress: Callable[[float], None]) -> None:
    """Run it, bounded in time, memory and output. Raises `JobAttemptFailed`."""
    errors = folder / "errors"  # a file: a pipe that nobody reads would fill up and stop ffmpeg
    with errors.open("wb") as saying:
        child = subprocess.Popen(
            build_command(task, folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=saying,
            start_new_session=True,
        )
    assert child.stdout is not None
    killer = threading.Timer(_most_seconds(task.duration_ms), child.kill)
    killer.start()
    try:
        _follow(child.stdout, task.duration_ms, progress)
        child.wait()
    finally:
        killer.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
    tail = stderr_tail(errors)
    if child.returncode != 0:
        raise JobAttemptFailed(f"conversion failed: {tail[-300:]}")


def measure_gain(source: Path, media: Media, duration_ms: int) -> float:
    """Return the gain in dB that brings the first sound track to -23 LUFS; 0 for silence and where it cannot be
    measured.
    """
    if not media.audio:
        return 0.0
    arguments = [
        "-nostats",
        "-map",
        f"0:a:{media.audio_index(0)}",
        "-vn",
        "-sn",
        "-af",
        "ebur128=framelog=verbose",
        "-f",
        "null",
        "-",
    ]
    measuring = ffmpeg_command([MediaInput.of_file(source, *_MENDED)], arguments, output_bytes=1 << 20, niceness=10)
    try:
        done = subprocess.run(measuring, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=_most_seconds(duration_ms))  # fmt: skip
    except subprocess.TimeoutExpired:
        return 0.0
    loudnesses = _INTEGRATED.findall(done.stderr[-4000:].decode("utf-8", "replace")) if done.returncode == 0 else []
    loudness = float(loudnesses[-1]) if loudnesses else -70.0
    return max(-MOST_GAIN, min(MOST_GAIN, LOUDNESS - loudness)) if loudness > -69 else 0.0


def sprite_cues(sheets: int, size: tuple[int, int], every: int, duration_ms: int) -> str:
    """WebVTT that says which part of which sheet shows which seconds (media fragments `#xywh=`)."""
    width, height = size
    lines = ["WEBVTT", ""]
    for at in range(min(sheets * SPRITE_SIDE**2, duration_ms // 1000 // every + 1)):
        sheet, place = divmod(at, SPRITE_SIDE**2)
        row, column = divmod(place, SPRITE_SIDE)
        lines += [f"{_format_timestamp(at * every)} --> {_format_timestamp((at + 1) * every)}",
                  f"sprite-{sheet + 1:03d}.jpg#xywh={column * width},{row * height},{width},{height}", ""]  # fmt: skip
    return "\n".join(lines)


def _build_filter_graph(task: Encoding) -> Iterator[str]:
    pictures = len(task.rungs) + _wants_sprite(task)
    if pictures:
        yield f"[0:v:{task.media.picture}]{','.join(_build_repair_filters(task))}[whole]"
        names = [f"[s{at}]" for at in range(len(task.rungs))] + (["[t]"] if _wants_sprite(task) else [])
        yield f"[whole]split={pictures}{''.join(names)}" if pictures > 1 else f"[whole]null{names[0]}"
        for at, rung in enumerate(task.rungs):
            yield f"[s{at}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1[v{at}]"
    if _wants_sprite(task):
        width, height = task.media.seek_picture_size
        yield (f"[t]fps=1/{task.every}:round=up,scale={width}:{height}:flags=fast_bilinear,setsar=1,"
               f"tile={SPRITE_SIDE}x{SPRITE_SIDE}:color=black[sprite]")  # fmt: skip
    for track in range(task.tracks):
        level = f",volume={task.gain:.2f}dB,alimiter=limit=0.89:level=false" if abs(task.gain) >= 0.5 else ""
        steady = "aresample=48000:async=1000:first_pts=0,aformat=channel_layouts=stereo"
        yield f"[0:a:{task.media.audio_index(track)}]{steady}{level}[a{track}]"


def _build_repair_filters(task: Encoding) -> Iterator[str]:
    """Yield what a source needs before it is scaled; ffmpeg itself turns what a telephone recorded on its side."""
    if task.media.interlaced:
        yield "bwdif=mode=send_frame:deint=all"
    if task.media.hdr:
        yield "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709"
        yield "tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
    yield f"fps={frames_a_second(task.media)}"
    yield "format=yuv420p"


def _build_x264_options(at: int, rung: Rung, task: Encoding) -> list[str]:
    keys = str(max(1, round(frames_a_second(task.media) * KEY_SECONDS)))
    options = {
        "c": "libx264", "preset": "veryfast", "profile": "high", "crf": "23", "maxrate": str(rung.bits),
        "bufsize": str(rung.bits * 2), "g": keys, "keyint_min": keys, "sc_threshold": "0",
        "threads": str(task.threads),
    }  # fmt: skip
    return [part for name, value in options.items() for part in (f"-{name}:v:{at}", value)]


def _build_outputs(task: Encoding, folder: Path) -> Iterator[str]:
    sounds = ",".join(f"a:{track}" for track in range(task.tracks))
    for at, rung in enumerate(task.rungs):
        select = f"v:{at},{sounds}" if sounds else f"v:{at}"
        yield f"[f=mp4:movflags=+faststart:select=\\'{select}\\']{_escape_path(folder / f'{rung.name}.mp4')}"
    if sounds and task.sound:
        yield f"[f=mp4:movflags=+faststart:select=\\'{sounds}\\']{_escape_path(folder / 'audio.m4a')}"


def _escape_path(path: Path) -> str:
    """Return a path for the tee muxer, which splits at `|` and reads `[`, `:` and quotes."""
    return re.sub(r"([\\'\[\]|:])", r"\\\1", str(path))


def _wants_sprite(task: Encoding) -> bool:
    return task.sprite and bool(task.media.video)


def _most_seconds(duration_ms: int) -> float:
    return max(LEAST_SECONDS, duration_ms / 1000 * SECONDS_A_SECOND)


def _follow(report: IO[bytes], duration_ms: int, progress: Callable[[float], None]) -> None:
    reported = 0.0
    for line in report:
        name, _, value = line.decode("ascii", "replace").strip().partition("=")
        if name == "out_time_us" and value.isdigit() and time.monotonic() - reported > REPORT_SECONDS:
            reported = time.monotonic()
            progress(min(0.99, int(value) / 1000 / max(duration_ms, 1)))


def _format_timestamp(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000"
