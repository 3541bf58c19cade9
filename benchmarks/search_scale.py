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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.made_up import WORDS, draft
from benchmarks.running import private_bytes, server
from library_server.catalogue.records import commands
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
            fill(home, scale)
        with server(home) as (address, leader):
            ask(address, "search", [f"/api/v1/search?q={quote(words)}" for words in _queries()])
            ask(address, "empty search, sorted", [f"/api/v1/search?sort={s}" for s in ("title", "date", "newest") * 20])
            ask(address, "page 500", ["/api/v1/search?page=500&per_page=20", "/search?page=500"] * 10)
            ask(address, "home", ["/"] * 40)
            ask(address, "search page", [f"/search?q={quote(words)}" for words in _queries()[:100]])
            _say("eight at once", _together(address, 8, 480, every_seconds=0.0))
            _say("30 a second", _together(address, 16, 300, every_seconds=1 / 30))
            private = private_bytes(leader)
            each = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in private.items())
            print(f"private memory of all processes: {sum(private.values()) / 1e6:.0f} MB ({each})")


def fill(home: Path, scale: int) -> None:
    """Make a library of made-up records, and its index."""
    library = open_library(Settings(home=home))
    started = time.monotonic()
    for start in range(0, scale, BATCH):
        with library.database.writing() as session:
            for number in range(start, min(scale, start + BATCH)):
                commands.add_record(session, draft(number))
    written = time.monotonic()
    library.indexer.rebuild()
    print(f"{scale} records: written in {written - started:.0f} s, indexed in {time.monotonic() - written:.0f} s")
    library.database.engine.dispose()


def _queries() -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.sample(WORDS, chance.randint(1, 2))) for _ in range(QUERIES)]


def ask(address: str, name: str, paths: list[str]) -> None:
    """Get paths one after the other over one connection, and print the percentiles."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    _say(name, [_time(connection, path) for path in paths])
    connection.close()


def _together(address: str, clients: int, requests: int, *, every_seconds: float) -> list[float]:
    """Milliseconds of searches by several clients; request number n is due at n times `every_seconds`."""
    paths = [f"/api/v1/search?q={quote(words)}" for words in _queries()]
    started, local = time.perf_counter(), threading.local()

    def time_request(number: int) -> float:
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection(urlsplit(address).netloc)
        due = started + number * every_seconds
        time.sleep(max(0.0, due - time.perf_counter()))
        late = max(0.0, time.perf_counter() - due) * 1000 if every_seconds else 0.0
        return _time(local.connection, paths[number % len(paths)]) + late

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(time_request, range(requests)))


def _time(connection: http.client.HTTPConnection, path: str) -> float:
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    assert response.status == 200, (path, response.status)
    return (time.perf_counter() - started) * 1000


def _say(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    print(f"{name}: p50 {statistics.median(times):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms")
