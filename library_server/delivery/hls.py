"""HLS (RFC 8216) of what plays as it is: remuxed into MPEG-TS of 6 s when first asked for, kept within a budget.

ffmpeg copies streams at some 400 times real time; the playlist grows as an EVENT while it works, so that the
first segments are out within two seconds. A folder that is complete carries `done`; those
watched longest ago go first, and none that is being watched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from library_server.processes.ffmpeg import MediaInput, ffmpeg_command, file_pattern
from library_server.processes.limits import last_words

SEGMENT_SECONDS = 6
FIRST_SEGMENT_WAIT = 20.0
REMUX_SECONDS = 1800
SEGMENT_BYTES = 512 << 20
WHOLE_WAIT = 1.5
POLL_SECONDS = 0.05
WATCHED_SECONDS, TOUCHED_EVERY = 600.0, 60.0


class VideoUnavailable(Exception):
    """The video cannot be remuxed; the message is for people."""

    code = "video_unavailable"


@dataclass(frozen=True)
class Source:
    """What to remux, as ffmpeg opens it (`file:` or a signed address), and a name that changes with its bytes.

    `sound` is opened the same way and takes the place of the source's own; `track` is the sound track wanted.
    """

    address: str
    name: str
    duration_ms: int
    has_video: bool
    sound: str | None = None
    track: int = 0


class HlsCache:
    """Remuxed video under one folder, at most `budget` bytes of it."""

    def __init__(self, root: Path, budget: int) -> None:
        self._root = root
        self._budget = budget

    def playlist(self, source: Source) -> bytes:
        """The media playlist, as far as it is made. Starts the remux and waits for the first segment."""
        folder = self._root / source.name
        playlist = folder / "index.m3u8"
        if not (folder / "done").exists():
            self._start(source, folder)
            _wait_for(playlist, folder)
            _wait_a_little(folder)
        os.utime(folder)
        return playlist.read_bytes()

    def segment(self, name: str, segment: str) -> Path | None:
        """A finished segment; None where there is none of that name."""
        path = self._root / name / segment
        if not path.is_file():
            return None
        folder = path.parent
        if time.time() - folder.stat().st_mtime > TOUCHED_EVERY:
            os.utime(folder)  # somebody is watching
        return path

    def size(self) -> int:
        """Bytes of all remuxed video."""
        return sum(self._folders().values())

    def shrink(self, wanted: int, keep: Path | None = None) -> int:
        """Delete what was watched longest ago until so many bytes are freed; what is being watched stays."""
        if wanted <= 0:
            return 0
        freed = 0
        watched_since = time.time() - WATCHED_SECONDS
        sizes = self._folders()
        for path in sorted(sizes, key=_touched):
            if freed >= wanted or _touched(path) > watched_since:
                break
            if path != keep:
                shutil.rmtree(path, ignore_errors=True)
                freed += sizes[path]
        return freed

    def is_complete(self, source: Source) -> bool:
        """Whether all of it is made."""
        return (self._root / source.name / "done").exists()

    def _start(self, source: Source, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return  # another process is at it
        if (folder / "done").exists():
            lock.close()
            return
        (folder / "failed").unlink(missing_ok=True)
        self._make_room(folder)
        with (folder / "errors").open("wb") as saying:
            child = subprocess.Popen(
                _command(source, folder), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=saying, start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=_finish, args=(child, folder, lock), daemon=True).start()

    def _make_room(self, keep: Path) -> None:
        self.shrink(self.size() - self._budget, keep)

    def _folders(self) -> dict[Path, int]:
        """Folders of the cache and their bytes; some may go meanwhile."""
        found: dict[Path, int] = {}
        with suppress(FileNotFoundError):
            for path in self._root.iterdir():
                with suppress(FileNotFoundError, NotADirectoryError):
                    found[path] = sum(file.stat().st_size for file in path.iterdir())
        return found


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _command(source: Source, folder: Path) -> list[str]:
    inputs = [MediaInput(source.address), *([MediaInput(source.sound)] if source.sound else [])]
    sound = "1:a:0" if source.sound else "0:a:0?"
    maps = ["-map", "0:v:0", "-map", sound] if source.has_video else ["-map", f"0:a:{source.track}"]
    arguments = [
        *maps, "-c", "copy", "-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_list_size", "0",
        "-hls_playlist_type", "event", "-hls_segment_type", "mpegts", "-hls_flags", "temp_file+independent_segments",
        "-hls_segment_filename", file_pattern(folder, "%05d.ts"), "-loglevel", "error",
        "-max_muxing_queue_size", "1024", str(folder / "index.m3u8"),
    ]  # fmt: skip
    return ffmpeg_command(inputs, arguments, output_bytes=SEGMENT_BYTES)


def _finish(child: subprocess.Popen[bytes], folder: Path, lock: object) -> None:
    """Waits for ffmpeg, notes the outcome, and gives the lock back."""
    try:
        child.wait(REMUX_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if folder.is_dir():
        outcome = "done" if child.returncode == 0 else "failed"
        (folder / outcome).write_text(last_words(folder / "errors"), encoding="utf-8")
    lock.close()  # type: ignore[attr-defined]


def _wait_a_little(folder: Path) -> None:
    """Most films are remuxed whole within a moment, and a whole playlist is understood by every box."""
    deadline = time.monotonic() + WHOLE_WAIT
    while time.monotonic() < deadline and not ((folder / "done").exists() or (folder / "failed").exists()):
        time.sleep(POLL_SECONDS)


def _wait_for(playlist: Path, folder: Path) -> None:
    deadline = time.monotonic() + FIRST_SEGMENT_WAIT
    while not playlist.exists():
        if (folder / "failed").exists():
            raise VideoUnavailable("这个视频暂时放不了。 This video cannot be played just now.")
        if time.monotonic() > deadline:
            raise VideoUnavailable("视频还在准备，请稍后再试。 The video is being prepared: try again soon.")
        time.sleep(POLL_SECONDS)
