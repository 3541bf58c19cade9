"""Recordings with chapters, and CUE sheets, that tests draw themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.factories.pictures import ffmpeg


def recording(path: Path, seconds: int = 12, *options: str, pitch: int = 440) -> Path:
    """A tone; `options` are output options."""
    ffmpeg("-f", "lavfi", "-i", f"sine=frequency={pitch}:d={seconds}", *options, str(path))
    return path


def with_chapters(path: Path, chapters: Sequence[tuple[int, int, str]], seconds: int = 12, *options: str) -> Path:
    """A recording with chapters inside: start, end (in milliseconds) and title of each."""
    lines = [";FFMETADATA1"]
    for start, end, title in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={title}"]
    listed = path.with_name(f"{path.name}.chapters")
    listed.write_text("\n".join(lines) + "\n", "utf-8")
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:d={seconds}"]
    ffmpeg(*tone, "-i", str(listed), "-map_metadata", "1", *options, str(path))
    listed.unlink()
    return path


def sheet(*tracks: tuple[str, str], file: str = "唱片.wav", head: str = "") -> str:
    """A CUE sheet of one file: title and time of each track."""
    lines = [head, f'FILE "{file}" WAVE']
    for number, (title, time) in enumerate(tracks, start=1):
        lines += [f"  TRACK {number:02d} AUDIO", f'    TITLE "{title}"', f"    INDEX 01 {time}"]
    return "\r\n".join(line for line in lines if line) + "\r\n"
