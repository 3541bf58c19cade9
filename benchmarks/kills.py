"""kill -9 at random moments of an ingest (`KILLS`, default 50), then the same command: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.made_up import write_epubs
from library_server.catalogue import browsing
from library_server.library import open_library
from library_server.settings import Settings
from tests.conftest import swept_of

FILES = 120


def run() -> None:
    """Print how many files are there exactly once, and whether store, database and index agree."""
    kills = int(os.environ.get("KILLS", "50"))
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder) / "epubs", Path(folder) / "home"
        write_epubs(source, FILES, 60_000)
        environment = {**os.environ, "TIANYUAN_HOME": str(home)}
        command = [sys.executable, "-m", "library_server.cli", "ingest", str(source)]
        for _ in range(kills):
            child = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
            try:
                child.wait(chance.uniform(0.4, 2.2))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        subprocess.run([*command, "--wait"], env=environment, check=True, stdout=subprocess.DEVNULL)
        library = open_library(Settings(home=home))
        with library.database.reading() as session:
            count = browsing.count_published(session)
        left = swept_of(library, delete_older_than=0)
        swept = swept_of(library)
        print(f"{kills} kills: {count} of {FILES} files, each once; index agrees: {library.indexer.verify().agrees}; "
              f"rows without object: {swept.missing}; unnamed objects: {left.unnamed}, "
              f"after `sweep --delete` {swept.unnamed}")  # fmt: skip
        assert count == FILES
        assert not swept.missing
        assert not swept.unnamed
