"""500 viewers (`VIEWERS`) who each read a film at 2 Mbit/s for a minute: who stalls, and the longest wait.

A viewer asks for six seconds of film at a time and takes 64 KB whenever it has played as much; it stalls
when bytes that are due have not come for two seconds.
"""

from __future__ import annotations

import heapq
import os
import random
import tempfile
import time
from pathlib import Path

from benchmarks.films import write_film
from benchmarks.ranged_clients import Reader
from benchmarks.running import film_library, server

BYTES_A_SECOND = 2_000_000 / 8
SEGMENT, SIP = int(6 * BYTES_A_SECOND), 64 * 1024
STALL_SECONDS, SECONDS, RETRY_SECONDS = 2.0, 60.0, 0.01


def run() -> None:
    """Print stalls, the worst first byte, and what was delivered of what was due."""
    count = int(os.environ.get("VIEWERS", "500"))
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "source" / "film.mp4"
        write_film(film, 300_000_000)
        path = film_library(Path(folder) / "home", film)
        with server(Path(folder) / "home", "--no-jobs") as (address, _):
            print(_watch(f"{address}{path}", film.stat().st_size, count))


def _watch(address: str, size: int, count: int) -> str:
    chance = random.Random(3)
    buffer = memoryview(bytearray(SIP))
    readers = [Reader(address, size, SEGMENT, chance) for _ in range(count)]
    started = time.monotonic()
    due = [
        (started + chance.uniform(0, 6), number, 0.0) for number in range(count)
    ]  # time of the request, viewer, start of the wait
    heapq.heapify(due)
    stalls = set()
    requested = set()
    while due[0][0] < started + SECONDS:
        when, number, waiting = heapq.heappop(due)
        time.sleep(max(0.0, when - time.monotonic()))
        reader = readers[number]
        if number not in requested:
            requested.add(number)
            reader.ask()
        before = reader.received
        try:
            if reader.receive(buffer):
                reader.ask()
        except BlockingIOError:
            waiting = waiting or when
            if time.monotonic() - waiting > STALL_SECONDS:
                stalls.add(number)
            heapq.heappush(due, (time.monotonic() + RETRY_SECONDS, number, waiting))
            continue
        heapq.heappush(due, (max(when, waiting) + (reader.received - before) / BYTES_A_SECOND, number, 0.0))
    worst = max(reader.worst_first_byte for reader in readers)
    rate = sum(reader.received for reader in readers) / (time.monotonic() - started) * 8 / 1e6
    return f"{count} viewers: {len(stalls)} stalled, worst first byte {worst:.2f} s, {rate:.0f} Mbit/s together"
