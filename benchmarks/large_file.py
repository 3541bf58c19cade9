"""A film of 1 GB (`BYTES`) taken in, against `sha256sum`, `cp` and `sync` on the same file, in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.films import write_film

ROUNDS = 3


def run() -> None:
    """Print seconds of both, the best of three rounds in turn, and the ratio of their speeds."""
    size = int(os.environ.get("BYTES", "1000000000"))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "source" / "湘江两岸.mp4"
        write_film(film, size)
        ours, theirs = [], []
        for number in range(ROUNDS):
            theirs.append(_theirs(film, Path(folder) / f"copy-{number}"))
            ours.append(_ours(film, Path(folder) / f"home-{number}"))
        print(f"{film.stat().st_size / 1e6:.0f} MB: sha256sum + cp + sync {min(theirs):.2f} s, "
              f"tianyuan ingest {min(ours):.2f} s; ratio {min(theirs) / min(ours):.2f}")  # fmt: skip


def _theirs(film: Path, copy: Path) -> float:
    started = time.monotonic()
    command = f"sha256sum '{film}' && cp '{film}' '{copy}' && sync '{copy}'"
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - started
    copy.unlink()
    return seconds


def _ours(film: Path, home: Path) -> float:
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(film.parent), "--json"]
    started = time.monotonic()
    result = subprocess.run(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, check=True, capture_output=True)
    seconds = time.monotonic() - started
    assert json.loads(result.stdout)["added"] == 1
    return seconds
