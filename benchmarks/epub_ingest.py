"""EPUBs a second, against `calibredb add` on the same folder in turn where calibre is installed (`EPUBS`, default 300).

Twice over: with covers in both sizes and the whole text, until all is done; and with covers left to the queue, until
the books are found and can be read. Start-up counts. Then the share of time by stage.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.made_up import write_epubs

FOUND = "can be found"  # printed only where jobs remain


def run() -> None:
    """Print books a second of all, the ratios, and the stages."""
    count = int(os.environ.get("EPUBS", "300"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "epubs"
        write_epubs(source, count)
        size = sum(path.stat().st_size for path in source.iterdir()) / count
        print(f"{count} EPUBs of {size / 1000:.0f} KB")
        rates: dict[str, float] = {}
        if shutil.which("calibredb"):
            rates["calibredb add"] = count / _theirs(source, Path(folder) / "calibre")
        for name, options in (("with covers", []), ("covers later", ["--covers-later"])):
            done, searchable, report = _ours(source, Path(folder) / name, count, options)
            rates[name] = count / (done if not options else searchable)
            print(f"{name}: found after {searchable:.1f} s, all done after {done:.1f} s; {_shares(report)}")
        for name, rate in rates.items():
            ratio = f", {rate / rates['calibredb add']:.2f} times" if "calibredb add" in rates else ""
            print(f"{name}: {rate:.1f} books/s{ratio}")


def _ours(source: Path, home: Path, count: int, options: list[str]) -> tuple[float, float, dict[str, Any]]:
    """Seconds until all is done and until all is found, and the report."""
    environment = {**os.environ, "TIANYUAN_HOME": str(home), "LC_ALL": "en_US.UTF-8"}
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(source), "--wait", "--json", *options]
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stdout is not None
        searchable = next((time.monotonic() - started for line in child.stderr if FOUND in line), None)
        child.stderr.read()
        report: dict[str, Any] = json.loads(child.stdout.read())
    assert report["added"] == count
    done = time.monotonic() - started
    return done, done if searchable is None else searchable, report


def _shares(report: dict[str, Any]) -> str:
    total = sum(report["stages"].values())
    return ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in report["stages"].items())


def _theirs(source: Path, library: Path) -> float:
    started = time.monotonic()
    subprocess.run(["calibredb", "add", "-r", str(source), "--with-library", str(library)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
    return time.monotonic() - started
