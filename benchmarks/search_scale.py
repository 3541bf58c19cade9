"""Search and pages over HTTP at a number of records (`SCALE`, default 10,000), with facets; and private memory.

`FILLED` names a folder that keeps the made-up library, so that it need not be made again.
"""

from __future__ import annotations

import http.client
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.made_up import WORDS, draft
from benchmarks.running import private_bytes, server
from library_server.catalogue import editing
from library_server.library import open_library
from library_server.settings import Settings

QUERIES = 400
BATCH = 2000


def run() -> None:
    """Fill a library, serve it, ask, and print percentiles in milliseconds."""
    scale = int(os.environ.get("SCALE", "10000"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("FILLED", folder))
        if not (home / "library.db").exists():
            _fill(home, scale)
        with server(home) as (address, leader):
            _ask(address, "search", [f"/api/v1/search?q={quote(words)}" for words in _queries()])
            _ask(
                address, "empty search, sorted", [f"/api/v1/search?sort={s}" for s in ("title", "date", "newest") * 20]
            )
            _ask(address, "page 500", ["/api/v1/search?page=500&per_page=20", "/search?page=500"] * 10)
            _ask(address, "home", ["/"] * 40)
            _ask(address, "search page", [f"/search?q={quote(words)}" for words in _queries()[:100]])
            threads = [threading.Thread(target=_ask, args=(address, "eight at once", _eight())) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            private = private_bytes(leader)
            each = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in private.items())
            print(f"private memory of all processes: {sum(private.values()) / 1e6:.0f} MB ({each})")


def _fill(home: Path, scale: int) -> None:
    library = open_library(Settings(home=home))
    started = time.monotonic()
    for start in range(0, scale, BATCH):
        with library.database.writing() as session:
            for number in range(start, min(scale, start + BATCH)):
                editing.add_record(session, draft(number))
    written = time.monotonic()
    library.indexer.rebuild()
    print(f"{scale} records: written in {written - started:.0f} s, indexed in {time.monotonic() - written:.0f} s")
    library.database.engine.dispose()


def _queries() -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.sample(WORDS, chance.randint(1, 2))) for _ in range(QUERIES)]


def _eight() -> list[str]:
    return [f"/api/v1/search?q={quote(words)}" for words in _queries()[:60]]


def _ask(address: str, name: str, paths: list[str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    times = []
    for path in paths:
        started = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.status == 200, (path, response.status)
        times.append((time.perf_counter() - started) * 1000)
    connection.close()
    ordered = sorted(times)
    print(f"{name}: p50 {statistics.median(times):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms")
