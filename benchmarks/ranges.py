"""2 MB ranges of one film over 32 connections, against nginx on the same file, in turn."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.films import write_film
from benchmarks.ranged_clients import bytes_a_second
from benchmarks.running import film_library, nginx, server

RANGE, CONNECTIONS, SECONDS, ROUNDS = 2_000_000, 32, 6.0, 3


def run() -> None:
    """Print MB/s of both over three rounds in turn, and the ratio of the medians."""
    if not shutil.which("nginx"):
        print("nginx is not installed; nothing to compare with")
        return
    size = int(os.environ.get("BYTES", "1000000000"))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "source" / "film.mp4"
        write_film(film, size)
        path = film_library(Path(folder) / "home", film)
        size = film.stat().st_size
        with nginx(film.parent) as theirs, server(Path(folder) / "home", "--no-jobs") as (ours, _):
            rates: dict[str, list[float]] = {f"{theirs}/film.mp4": [], f"{ours}{path}": []}
            for _ in range(ROUNDS):
                for address, rounds in rates.items():
                    rounds.append(bytes_a_second(address, size, RANGE, CONNECTIONS, SECONDS) / 1e6)
        by_nginx, by_us = (statistics.median(rounds) for rounds in rates.values())
        print(f"nginx {by_nginx:.0f} MB/s, tianyuan {by_us:.0f} MB/s; ratio {by_us / by_nginx:.2f}")
