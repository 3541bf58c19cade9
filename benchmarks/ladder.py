"""The ladder against one hand-written ffmpeg command for the same rungs; and how soon a stored hour can be watched.

`SECONDS` (default 120) is the length of the film that is encoded,
`HOUR` (default 3600) that of the one that is remuxed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.running import server
from ingest_tools.derive import encoding, ladder
from ingest_tools.derive.encoding import Encoding
from ingest_tools.formats.audiovisual import media, streams
from library_server.app import create_app
from library_server.catalogue.details import Media
from library_server.library import open_library
from library_server.settings import Settings


def run() -> None:
    """Print both times in turn, their ratio, and the seconds until the first segment of an hour."""
    seconds, hour = int(os.environ.get("SECONDS", "120")), int(os.environ.get("HOUR", "3600"))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        _film(film, seconds, "1920x1080", "8M")
        technical = streams.read_media(media.probe(film))
        rungs = ladder.choose_rungs(technical, plays=True)
        ours, theirs = [], []
        for _ in range(2):
            theirs.append(_seconds(lambda: _by_hand(film, rungs, Path(folder))))
            ours.append(_seconds(lambda: _ladder(film, technical, rungs, seconds, Path(folder))))
        names = ", ".join(rung.name for rung in rungs)
        print(f"{seconds} s of 1080p to {names} and the sound: ours {min(ours):.1f} s, by hand {min(theirs):.1f} s")
        print(f"    {min(ours) / min(theirs):.2f} times (promised 1.15); {seconds / min(ours):.1f} times real time")
        film.unlink()
        long = Path(folder) / "hour.mp4"
        _film(long, hour, "1280x720", "2M")
        size = long.stat().st_size / 1e9
        print(f"an hour of {size:.1f} GB: first segment {_watchable(long, Path(folder) / 'home'):.1f} s (promised 10)")


def _film(path: Path, seconds: int, size: str, bits: str) -> None:
    seed = path.with_name("seed.mp4")
    _run("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=20,noise=alls=20:allf=t", "-f", "lavfi", "-i", "sine=d=20",
    "-c:v",
         "libx264", "-preset", "ultrafast", "-b:v", bits, "-pix_fmt", "yuv420p", "-g", "75", "-c:a", "aac",
         str(seed))  # fmt: skip
    _run(
        "-stream_loop",
        str(max(0, seconds // 20 - 1)),
        "-i",
        str(seed),
        "-c",
        "copy",
        "-movflags",
        "+faststart",
        str(path),
    )
    seed.unlink()


def _by_hand(film: Path, rungs: list[ladder.Rung], folder: Path) -> None:
    """What somebody who knows ffmpeg would write: decode once, split, scale, encode; the sound once for each file."""
    names = "".join(f"[s{at}]" for at in range(len(rungs)))
    scales = ";".join(f"[s{at}]scale={rung.width}:{rung.height}[v{at}]" for at, rung in enumerate(rungs))
    outputs: list[str] = []
    for at, rung in enumerate(rungs):
        outputs += ["-map", f"[v{at}]", "-map", "0:a:0", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
        "-maxrate",
                    str(rung.bits), "-bufsize", str(rung.bits * 2), "-g", "75", "-sc_threshold", "0", "-pix_fmt",
                    "yuv420p",
                    "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart",
                    str(folder / f"hand-{rung.name}.mp4")]  # fmt: skip
    outputs += ["-map", "0:a:0", "-c:a", "aac", "-b:a", "96k", str(folder / "hand.m4a")]
    _run("-i", str(film), "-filter_complex", f"[0:v]split={len(rungs)}{names};{scales}", *outputs)


def _ladder(film: Path, technical: Media, rungs: list[ladder.Rung], seconds: int, folder: Path) -> None:
    """All that the job does: measure the loudness, encode, pictures to jump by."""
    gain = encoding.measure_gain(film, technical, seconds * 1000)
    request = Encoding(film, technical, rungs, seconds * 1000, gain=gain, threads=os.cpu_count() or 1)
    encoding.encode(request, folder, lambda _: None)


def _watchable(film: Path, home: Path) -> float:
    started = time.monotonic()
    home.mkdir()
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(film)]
    subprocess.run(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, check=True, capture_output=True)
    stored = time.monotonic() - started
    library = open_library(Settings(home=home))
    library.indexer.catch_up()
    with create_app(library).test_client() as client:
        items = client.get("/api/v1/search").get_json()["items"]
        address = client.get(f"/api/v1/records/{items[0]['id']}").get_json()["hls_url"]
    library.database.engine.dispose()
    with server(home, "--workers", "1", "--no-jobs") as (host, _):
        asked = time.monotonic()
        playlist = urllib.request.urlopen(f"{host}{address.replace('master', 'source/index')}").read().decode()
        segment = next(line for line in playlist.split("\n") if line.endswith(".ts"))
        urllib.request.urlopen(f"{host}{address.replace('master.m3u8', f'source/{segment}')}").read()
        waited = time.monotonic() - asked
    print(f"stored in {stored:.1f} s, first segment {waited:.1f} s after it was asked for")
    return stored + waited


def _seconds(work: object) -> float:
    started = time.monotonic()
    work()  # type: ignore[operator]
    return time.monotonic() - started


def _run(*arguments: str) -> None:
    subprocess.run(["nice", "-n", "10", "ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)
