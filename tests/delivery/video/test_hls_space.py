"""Remuxed video keeps within its budget, its disk and its number at once, whatever is asked of it and whatever dies."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from library_server.catalogue.records import queries
from library_server.delivery import routes
from library_server.delivery.video import cache_space, hls
from library_server.delivery.video.cache_space import STARTED_SECONDS, WATCHED_SECONDS
from library_server.delivery.video.hls import (
    HlsCache,
    NoRoomForVideo,
    RemuxSource,
    VideoQueueFull,
    VideoTooLarge,
    VideoUnavailable,
)
from library_server.library import Library
from tests.factories.pictures import film

SECONDS = 20
HOLD = """
import sys
from pathlib import Path
from library_server.delivery.video.cache_space import CacheSpace
lock = CacheSpace(Path(sys.argv[1]), 10**9, "0", 2).begin(sys.argv[2], int(sys.argv[3]))
print("held" if lock else "none", flush=True)
sys.stdin.read()
"""
PLAY = """
import sys, threading
from pathlib import Path
from library_server.delivery.video.hls import HlsCache, RemuxSource
cache = HlsCache(Path(sys.argv[1]), 10**9, fill_limit=2)
def play(address):
    cache.read_playlist(RemuxSource(address, address.rpartition("/")[2], 20_000, True, size=1_000_000))
threads = [threading.Thread(target=play, args=(address,)) for address in sys.argv[2:]]
[thread.start() for thread in threads]
print("started", flush=True)
[thread.join() for thread in threads]
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 20 seconds that can be played while it is being loaded."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return film(path, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac",
                "-movflags", "+faststart", seconds=SECONDS, size="160x90")  # fmt: skip


def source_of(path: Path, name: str, size: int = 0) -> RemuxSource:
    return RemuxSource(f"file:{path}", name, SECONDS * 1000, True, size=size)


def bytes_under(root: Path) -> int:
    size = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):
                size += (Path(folder) / name).stat().st_size
    return size


def wait_until(is_so: Callable[[], object]) -> None:
    patience = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < patience
        time.sleep(0.02)


def let_time_pass(root: Path, seconds: float) -> None:
    """Make everything in a cache older."""
    for path in [*root.rglob("*")]:
        moment = path.stat().st_mtime - seconds
        os.utime(path, (moment, moment))


@contextmanager
def measured(root: Path) -> Iterator[list[int]]:
    """The bytes under a folder, measured all the time."""
    sizes, over = [0], threading.Event()

    def measure() -> None:
        while not over.is_set():
            sizes.append(bytes_under(root))

    measuring = threading.Thread(target=measure)
    measuring.start()
    yield sizes
    over.set()
    measuring.join()


class Gate:
    """A server that sends the first half of a film, and the rest once it is opened."""

    def __init__(self, path: Path) -> None:
        self.opened = threading.Event()
        self.asked: set[str] = set()
        data, gate = path.read_bytes(), self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gate.asked.add(self.path)
                start = int(self.headers.get("Range", "bytes=0-")[6:].split("-")[0])
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                self.send_header("Content-Length", str(len(data) - start))
                self.end_headers()
                half = max(start, len(data) * 3 // 4)
                try:
                    self.wfile.write(data[start:half])
                    gate.opened.wait(60)
                    self.wfile.write(data[half:])
                except OSError:
                    self.close_connection = True

            def log_message(self, *_arguments: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gate(drawn: Path) -> Iterator[Gate]:
    opened = Gate(drawn)
    yield opened
    opened.close()


def gated(gate: Gate, name: str) -> RemuxSource:
    return RemuxSource(f"{gate.address}/{name}", name, SECONDS * 1000, True, size=1_000_000)


def ffmpeg_of(folder: Path) -> list[int]:
    """Processes of ffmpeg that write into a folder."""
    process_ids = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if arguments[0].endswith(b"ffmpeg") and str(folder / "index.m3u8").encode() in arguments:
            process_ids.append(int(process.name))
    return process_ids


@pytest.mark.slow
def test_a_scan_of_25_films_keeps_the_budget(drawn: Path, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    budget = 3 * hls._expected_bytes(source_of(drawn, "x")) + 1000
    cache = HlsCache(root, budget)
    played, refused = [], []
    with measured(root) as sizes:
        for number in range(25):
            try:
                assert b"#EXTM3U" in cache.read_playlist(source_of(drawn, f"film{number}"))
                played.append(number)
            except NoRoomForVideo:
                refused.append(number)
            assert cache.measure_size() <= budget
            wait_until(lambda number=number: not ffmpeg_of(root / f"film{number}"))  # type: ignore[misc]
        assert max(sizes) <= budget
        assert len(played) >= 3
        assert refused
        let_time_pass(root, STARTED_SECONDS)  # the scan only asked for playlists
        assert b"#EXT-X-ENDLIST" in cache.read_playlist(source_of(drawn, "another"))
        assert max(sizes) <= budget
    assert cache.measure_size() > 0


@pytest.mark.slow
def test_films_that_are_watched_stay_and_new_ones_are_refused(drawn: Path, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    cache = HlsCache(root, hls._expected_bytes(source_of(drawn, "x")) + 1000)
    cache.read_playlist(source_of(drawn, "watched"))
    wait_until((root / "watched/done").exists)
    let_time_pass(root, STARTED_SECONDS)
    assert cache.find_segment("watched", "00000.ts") is not None
    for name in ("one", "other"):
        with pytest.raises(NoRoomForVideo) as refused:
            cache.read_playlist(source_of(drawn, name))
        assert refused.value.retry_after
        assert cache.find_segment(name, "00000.ts") is None
    assert cache.find_segment("watched", "00000.ts") is not None
    let_time_pass(root, WATCHED_SECONDS)
    assert cache.read_playlist(source_of(drawn, "one"))
    assert cache.find_segment("watched", "00000.ts") is None


def test_reservations_of_another_process_count_until_it_dies(drawn: Path, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    expected = hls._expected_bytes(source_of(drawn, "x"))
    cache = HlsCache(root, expected * 2 - 1)
    command = [sys.executable, "-c", HOLD, str(root), "theirs", str(expected)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(NoRoomForVideo):
            cache.read_playlist(source_of(drawn, "ours"))
        holder.kill()
    assert cache.read_playlist(source_of(drawn, "ours"))
    assert not (root / "theirs").exists()


@pytest.mark.slow
def test_two_processes_together_remux_two_at_once(gate: Gate, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    players = []
    for process in range(2):
        names = [f"{gate.address}/film{process}{number}" for number in range(3)]
        command = [sys.executable, "-c", PLAY, str(root), *names]
        players.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    try:
        for player in players:
            assert player.stdout is not None
            assert player.stdout.readline() == "started\n"
        wait_until(lambda: len(gate.asked) == 2)
        wait_until(lambda: len([*root.glob("film*")]) == 6)  # all six wait for their turn
        assert len(gate.asked) == 2
        gate.opened.set()
        wait_until(lambda: len([*root.glob("film*/done")]) == 6)
    finally:
        for player in players:
            player.kill()
            player.communicate()


@pytest.mark.slow
def test_a_request_that_waits_too_long_for_its_turn_is_refused(
    gate: Gate, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hls, "QUEUE_SECONDS", 0.1)
    cache = HlsCache(tmp_path / "hls", 10**9, fill_limit=1)
    assert b"00000.ts" in cache.read_playlist(gated(gate, "first"))
    with pytest.raises(VideoQueueFull, match="排队") as refused:
        cache.read_playlist(source_of(drawn, "second"))
    assert refused.value.retry_after
    gate.opened.set()
    monkeypatch.setattr(hls, "QUEUE_SECONDS", 60.0)
    assert cache.read_playlist(source_of(drawn, "second"))


@pytest.mark.slow
def test_segments_of_a_killed_ffmpeg_are_not_served(gate: Gate, tmp_path: Path) -> None:
    folder = tmp_path / "hls/film"
    cache = HlsCache(tmp_path / "hls", 10**9)
    playlist = cache.read_playlist(gated(gate, "film"))
    assert b"#EXT-X-ENDLIST" not in playlist
    assert cache.find_segment("film", "00000.ts") is not None
    for process in ffmpeg_of(folder):
        os.kill(process, signal.SIGKILL)
    wait_until((folder / "failed").exists)
    assert cache.find_segment("film", "00000.ts") is None
    assert {path.name for path in folder.iterdir()} == {"failed", "lock"}
    gate.opened.set()
    assert b"#EXTM3U" in cache.read_playlist(gated(gate, "film"))
    wait_until((folder / "done").exists)
    assert b"#EXT-X-ENDLIST" in cache.read_playlist(gated(gate, "film"))


@pytest.mark.slow
def test_segments_of_a_killed_web_process_are_served_while_its_ffmpeg_runs(gate: Gate, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    cache = HlsCache(root, 10**9)
    command = [sys.executable, "-c", PLAY, str(root), f"{gate.address}/film"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as player:
        wait_until((root / "film/00000.ts").exists)
        player.kill()
    assert cache.find_segment("film", "00000.ts") is not None  # ffmpeg still runs
    assert cache.shrink(1 << 40) == 0
    for process in ffmpeg_of(root / "film"):
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: cache.find_segment("film", "00000.ts") is None)  # the system closes its lock a moment later
    assert (root / "film/00000.ts").exists()
    gate.opened.set()
    assert b"00000.ts" in cache.read_playlist(gated(gate, "film"))
    wait_until((root / "film/done").exists)


@pytest.mark.slow
def test_the_reserve_of_the_disk_is_not_used(gate: Gate, drawn: Path, tmp_path: Path) -> None:
    root = tmp_path / "hls"
    with pytest.raises(NoRoomForVideo):
        HlsCache(root, 10**9, "100%").read_playlist(source_of(drawn, "film"))
    assert not [*root.rglob("*.ts")]
    cache = HlsCache(root, 10**9)
    cache.read_playlist(gated(gate, "film"))
    cache._space._reserve = "100%"  # the disk becomes full
    wait_until((root / "film/failed").exists)
    assert not ffmpeg_of(root / "film")
    assert not [*root.rglob("*.ts")]
    with pytest.raises(NoRoomForVideo):
        hls._wait_for(root / "film/index.m3u8", root / "film")


@pytest.mark.slow
def test_a_film_that_outgrows_what_was_expected_is_given_up(drawn: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", "40", "-i", str(drawn), "-c", "copy", str(big)], check=True
    )
    root = tmp_path / "hls"
    claims = source_of(big, "film", size=1)
    assert big.stat().st_size > hls._expected_bytes(claims)
    cache = HlsCache(root, hls._expected_bytes(claims) + 1000)
    with suppress(VideoUnavailable):  # or the film has begun to play
        cache.read_playlist(claims)
    wait_until((root / "film/failed").exists)
    assert not [*root.rglob("*.ts")]
    roomy = HlsCache(tmp_path / "roomy", big.stat().st_size * 2)
    roomy.read_playlist(claims)
    wait_until((tmp_path / "roomy/film/done").exists)
    assert roomy.find_segment("film", "00000.ts") is not None


def test_a_film_larger_than_the_whole_cache_is_refused_for_good(drawn: Path, tmp_path: Path) -> None:
    cache = HlsCache(tmp_path / "hls", hls._expected_bytes(source_of(drawn, "film")) - 1)
    with pytest.raises(VideoTooLarge, match="太大") as refused:
        cache.read_playlist(source_of(drawn, "film"))
    assert refused.value.retry_after is None


def test_no_request_waits_while_it_holds_the_shared_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "hls"
    (root / "film").mkdir(parents=True)
    looking = (root / "film/lock").open("w+b")
    fcntl.flock(looking, fcntl.LOCK_SH)  # as a process does that only tests the lock
    slept = []

    def sleep(seconds: float) -> None:
        with (root / ".lock").open("wb") as everyone:
            fcntl.flock(everyone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        slept.append(seconds)
        looking.close()

    monkeypatch.setattr("library_server.delivery.video.cache_space.time.sleep", sleep)
    space = cache_space.CacheSpace(root, 1000, "0", 2)
    lock = space.begin("film", 10)
    assert lock is not None
    assert len(slept) == 1
    assert space.begin("film", 10) is None
    assert len(slept) == 1
    lock.close()


@pytest.mark.slow
def test_a_growing_playlist_is_read_again_without_asking_for_room(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = HlsCache(tmp_path / "hls", 10**9)
    cache.read_playlist(gated(gate, "film"))
    monkeypatch.setattr(cache._space, "begin", None)
    assert b"00000.ts" in cache.read_playlist(gated(gate, "film"))
    gate.opened.set()
    wait_until((tmp_path / "hls/film/done").exists)


@pytest.mark.slow
def test_a_remux_that_cannot_be_watched_is_ended(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hls/film"
    cache = HlsCache(tmp_path / "hls", 10**9)
    cache.read_playlist(gated(gate, "film"))

    def fail(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cache._space, "keep_within", fail)
    wait_until((folder / "failed").exists)
    wait_until(lambda: not cache._space.is_usable(folder))
    assert not ffmpeg_of(folder)


@pytest.mark.slow
def test_a_failed_remux_is_tried_again(drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"nothing")
    cache = HlsCache(tmp_path / "hls", 10**9)
    with pytest.raises(VideoUnavailable):
        cache.read_playlist(source_of(path, "film"))
    shutil.copy(drawn, path)
    assert b"#EXTM3U" in cache.read_playlist(source_of(path, "film"))


@pytest.mark.slow
def test_remuxed_films_are_no_larger_than_expected(drawn: Path, tmp_path: Path) -> None:
    fast = film(tmp_path / "fast.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-r", "60", "-c:a", "aac", "-b:a",
                "16k", seconds=SECONDS, size="64x64")  # fmt: skip
    sound = tmp_path / "sound.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(drawn), "-vn", "-b:a", "16k", str(sound)], check=True)
    cache = HlsCache(tmp_path / "hls", 10**9)
    for path in (drawn, fast, sound):
        source = RemuxSource(f"file:{path}", path.stem, SECONDS * 1000, path != sound)
        cache.read_playlist(source)
        wait_until((tmp_path / "hls" / path.stem / "done").exists)
        assert bytes_under(tmp_path / "hls" / path.stem) <= hls._expected_bytes(source)


def test_a_refusal_says_when_to_come_back(
    sample: FlaskClient, sample_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sample_library.database.reading() as session:
        card = next(playable for playable in queries.list_playable(session) if "春梢" in playable.title)
    address = sample.get(f"/api/v1/records/{card.id}").get_json()["hls_url"].replace("master", "source/index")
    monkeypatch.setattr(routes, "_get_cache", lambda: HlsCache(tmp_path / "hls", 1))
    response = sample.get(address)
    assert (response.status_code, "Retry-After" in response.headers) == (503, False)
    assert "下载后看" in response.text
    monkeypatch.setattr(routes, "_get_cache", lambda: HlsCache(tmp_path / "hls", 10**9, "100%"))
    response = sample.get(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == str(NoRoomForVideo.retry_after)
    assert "地方不够" in response.text


def test_the_file_that_notes_watching_is_renewed_only_when_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "film"
    folder.mkdir()
    cache_space.note_watched(folder)
    noted = (folder / "watched").stat().st_mtime_ns
    cache_space.note_watched(folder)
    assert (folder / "watched").stat().st_mtime_ns == noted
    os.utime(folder / "watched", (1, 1))
    cache_space.note_watched(folder)
    assert (folder / "watched").stat().st_mtime > 1
    cache_space.note_watched(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
