"""EPUBs a second until all is found, against `calibredb add` on the same folder where calibre is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_up import write_epubs


def run() -> None:
    """Print books a second of both, and the ratio."""
    count = int(os.environ.get("EPUBS", "300"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "epubs"
        write_epubs(source, count)
        size = sum(path.stat().st_size for path in source.iterdir()) / count
        print(f"{count} EPUBs of {size / 1000:.0f} KB")
        ours = count / _ours(source, Path(folder) / "home", count)
        print(f"tianyuan ingest --wait: {ours:.1f} books/s")
        if shutil.which("calibredb"):
            theirs = count / _theirs(source, Path(folder) / "calibre")
            print(f"calibredb add: {theirs:.1f} books/s; ratio {ours / theirs:.2f}")


def _ours(source: Path, home: Path, count: int) -> float:
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    started = time.monotonic()
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(source), "--wait", "--json"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    seconds = time.monotonic() - started
    assert json.loads(done.stdout)["added"] == count
    return seconds


def _theirs(source: Path, library: Path) -> float:
    started = time.monotonic()
    subprocess.run(["calibredb", "add", "-r", str(source), "--with-library", str(library)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
    return time.monotonic() - started
