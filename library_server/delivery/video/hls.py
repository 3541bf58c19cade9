"""HLS (RFC 8216) of what plays as it is: remuxed into MPEG-TS of 6 s when first asked for, kept within a budget.

ffmpeg copies streams at some 400 times real time; the playlist grows as an EVENT while it works, so that the
first segments are out within two seconds. A folder that is complete carries `done`. Room is reserved before the
remux begins (`cache_space`): what was watched longest ago is evicted first, and folders in use are not, so that a film
may be refused for a while.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from library_server.delivery.video.cache_space import (
    DONE,
    FAILED,
    CacheSpace,
    NoRoom,
    TooLarge,
    TooManyRunning,
    clear,
    note_watched,
)
from library_server.processes.child import kill_group
from library_server.processes.ffmpeg import MediaInput, file_pattern, open_media, output_command
from library_server.processes.limits import stderr_tail
from library_server.settings import Settings
from library_server.translations.message_catalogs import gettext_noop as _
from library_server.web.threadpool import run_in_io_threadpool

log = structlog.get_logger(__name__)
SEGMENT_SECONDS = 6
FIRST_SEGMENT_WAIT = 20.0
REMUX_SECONDS = 1800
ORPHAN_SECONDS = REMUX_SECONDS + 60
SEGMENT_BYTES = 512 << 20
WHOLE_WAIT = 1.5
POLL_SECONDS = 0.05
NO_ROOM, TIMEOUT, INTERNAL = "no_room", "timeout", "internal"
AT_ONCE = max(2, os.cpu_count() or 1)
QUEUE_SECONDS, QUEUE_POLL_SECONDS, WATCH_SECONDS = 10.0, 0.25, 0.25
TS_BYTES_PER_SECOND, TS_BYTES_PER_FILM = 20_000, 256_000


class VideoUnavailable(Exception):
    """The video cannot be remuxed; `sentence` tells readers why, `retry_after` is in seconds where waiting helps."""

    code = "video_unavailable"
    sentence = _("这个视频暂时放不了。")
    retry_after: int | None = None

    def __init__(self) -> None:
        super().__init__(self.sentence)


class VideoNotReady(VideoUnavailable):
    """The first segment is not made yet."""

    code = "video_not_ready"
    sentence = _("视频还在准备，请稍后再试。")
    retry_after = 5


class VideoQueueFull(VideoUnavailable):
    """As many films are being remuxed as this machine can."""

    code = "video_queue_full"
    sentence = _("现在要看的人多，这个视频正在排队，请过十来秒再试。")
    retry_after = 10


class NoRoomForVideo(VideoUnavailable):
    """The cache has no room, and what is being watched stays."""

    code = "video_no_room"
    sentence = _("现在地方不够，放不了这个视频，请过几分钟再试。")
    retry_after = 120


class VideoTooLarge(VideoUnavailable):
    """The video is expected to take more than the whole cache; waiting does not help."""

    code = "video_too_large"
    sentence = _("这个视频太大，这里放不了，请下载后看。")


@dataclass(frozen=True)
class RemuxSource:
    """What to remux, as ffmpeg opens it (`file:` or a signed address), and a name that changes with its bytes.

    `sound` is opened the same way and takes the place of the source's own; `track` is the sound track wanted.
    `size` is the bytes of the source and of `sound`; 0 for local files, which are asked themselves.
    """

    address: str
    name: str
    duration_ms: int
    has_video: bool
    sound: str | None = None
    track: int = 0
    size: int = 0


class HlsCache:
    """Remuxed video under one folder, at most `budget` bytes of it, leaving `reserve` free on its disk.

    At most `fill_limit` films are remuxed at the same time on this machine, whatever the number of web processes.
    """

    def __init__(self, root: Path, budget: int, reserve: str = "0", fill_limit: int = AT_ONCE) -> None:
        self._root = root
        self._space = CacheSpace(root, budget, reserve, fill_limit)

    @classmethod
    def from_settings(cls, settings: Settings) -> HlsCache:
        """Return the cache of a library, where its settings put it."""
        return cls(settings.cache_folder / "hls", settings.hls_cache_bytes, settings.disk_reserve)

    def read_playlist(self, source: RemuxSource) -> bytes:
        """Return the media playlist, as far as it is made. Starts the remux and waits for the first segment."""
        folder = self._root / source.name
        playlist = folder / "index.m3u8"
        if not (folder / DONE).exists():
            if not (playlist.exists() and self._space.is_usable(folder)):  # a growing one is read as far as it is made
                self._start(source, folder)
            _wait_for(playlist, folder)
            _wait_until_complete(folder)
        try:
            os.utime(folder)
            return playlist.read_bytes()
        except FileNotFoundError as error:  # it failed, or was evicted, in this moment
            raise VideoNotReady from error

    def find_segment(self, name: str, segment: str) -> Path | None:
        """Return a finished segment; None where there is none of that name."""
        folder = self._root / name
        path = folder / segment
        if not path.is_file() or not self._space.is_usable(folder):
            return None
        note_watched(folder)
        return path

    def measure_size(self) -> int:
        """Return bytes of all remuxed video."""
        return self._space.measure_size()

    def shrink(self, needed: int) -> int:
        """Delete what was watched longest ago until so many bytes are freed; what is being watched stays."""
        return self._space.shrink(needed)

    def is_complete(self, source: RemuxSource) -> bool:
        """Return whether all of it is made."""
        return (self._root / source.name / DONE).exists()

    def _start(self, source: RemuxSource, folder: Path) -> None:
        lock = self._begin(source)
        if lock is None:
            return  # another process is at it, or was
        try:
            with (folder / "errors").open("wb") as saying:
                child = subprocess.Popen(
                    _build_command(source, folder), stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=saying, start_new_session=True, pass_fds=(lock.fileno(),),
                )  # fmt: skip
        except BaseException:
            lock.close()
            raise
        threading.Thread(target=self._finish, args=(child, folder, lock), daemon=True).start()

    def _begin(self, source: RemuxSource) -> BinaryIO | None:
        """Reserve room for a film; waits for a while where too many are being remuxed. Raises `VideoUnavailable`."""
        deadline = time.monotonic() + QUEUE_SECONDS
        while True:
            try:
                return run_in_io_threadpool(self._space.begin, source.name, _expected_bytes(source))
            except TooManyRunning as error:
                if time.monotonic() > deadline:
                    raise VideoQueueFull from error
                time.sleep(QUEUE_POLL_SECONDS)
            except NoRoom as error:
                log.warning("hls_refused", name=source.name, expected_bytes=_expected_bytes(source))
                raise NoRoomForVideo from error
            except TooLarge as error:
                log.warning("hls_too_large", name=source.name, expected_bytes=_expected_bytes(source))
                raise VideoTooLarge from error
            except OSError as error:
                log.error("hls_not_started", name=source.name, error=str(error))
                raise VideoUnavailable from error

    def _finish(self, child: subprocess.Popen[bytes], folder: Path, lock: BinaryIO) -> None:
        """Wait for ffmpeg, note the outcome, and give the lock back; of a film that failed nothing is kept."""
        with suppress(FileNotFoundError), closing(lock):
            try:
                reason = self._watch(child, folder, lock)
            except Exception as error:  # without this thread no limit of size or time is enforced
                log.error("hls_not_watched", name=folder.name, exc_info=error)
                kill_group(child)
                reason = INTERNAL
            errors = stderr_tail(folder / "errors")
            if child.returncode == 0 and not reason:
                (folder / DONE).write_text(errors, encoding="utf-8")
            else:
                run_in_io_threadpool(clear, folder)
                (folder / FAILED).write_text(reason or errors, encoding="utf-8")

    def _watch(self, child: subprocess.Popen[bytes], folder: Path, lock: BinaryIO) -> str:
        """Wait for ffmpeg to end; it is killed where it takes too long or there is no room. Returns why, or nothing."""
        deadline = time.monotonic() + REMUX_SECONDS
        is_running = True
        while is_running:
            with suppress(subprocess.TimeoutExpired):
                child.wait(WATCH_SECONDS)
                is_running = False
            reason = TIMEOUT if is_running and time.monotonic() > deadline else ""
            try:
                run_in_io_threadpool(self._space.keep_within, folder.name, lock, is_filled=not is_running)
            except (NoRoom, OSError) as error:
                log.warning("hls_stopped", name=folder.name, error=repr(error))
                reason = NO_ROOM
            if reason:
                kill_group(child)
                return reason
        return ""


def _expected_bytes(source: RemuxSource) -> int:
    """Return at most what the remux will take: the source, and what MPEG-TS adds to each packet, frame and second of
    it.

    ISO/IEC 13818-1: 4 of 188 bytes are headers, a frame is filled up to whole packets, tables repeat ten times a
    second; that is 12 kB a second at 25 frames.
    """
    size = source.size or sum(_local_bytes(address) for address in (source.address, source.sound) if address)
    return size + size // 10 + source.duration_ms * TS_BYTES_PER_SECOND // 1000 + TS_BYTES_PER_FILM


def _local_bytes(address: str) -> int:
    return Path(address.removeprefix("file:")).stat().st_size if address.startswith("file:") else 0


def _build_command(source: RemuxSource, folder: Path) -> list[str]:
    media = open_media(MediaInput(source.address))
    streams = [media["v:0"], media["a:0?"]] if source.has_video else [media[f"a:{source.track}"]]
    if source.sound:
        streams[1] = open_media(MediaInput(source.sound))["a:0"]
    return output_command(
        streams, folder / "index.m3u8", output_bytes=SEGMENT_BYTES, seconds=ORPHAN_SECONDS,
        c="copy", f="hls", hls_time=SEGMENT_SECONDS, hls_list_size=0, hls_playlist_type="event",
        hls_segment_type="mpegts", hls_flags="temp_file+independent_segments",
        hls_segment_filename=file_pattern(folder, "%05d.ts"), loglevel="error", max_muxing_queue_size=1024,
    )  # fmt: skip


def _wait_until_complete(folder: Path) -> None:
    """Most films are remuxed within a moment, and some set-top boxes cannot play a growing playlist."""
    deadline = time.monotonic() + WHOLE_WAIT
    while time.monotonic() < deadline and not ((folder / DONE).exists() or (folder / FAILED).exists()):
        time.sleep(POLL_SECONDS)


def _wait_for(playlist: Path, folder: Path) -> None:
    deadline = time.monotonic() + FIRST_SEGMENT_WAIT
    while not playlist.exists():
        if (folder / FAILED).exists():
            raise NoRoomForVideo if _find_failure(folder) == NO_ROOM else VideoUnavailable
        if time.monotonic() > deadline:
            raise VideoNotReady
        time.sleep(POLL_SECONDS)


def _find_failure(folder: Path) -> str:
    try:
        return (folder / FAILED).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
