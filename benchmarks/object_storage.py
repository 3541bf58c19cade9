"""Our S3 store against the bare SDK, on the same server in turn: large puts, small puts, ranged reads, memory.

The server is SeaweedFS on this machine, so that its work and ours share the cores. `BYTES` is the large file
(1 GB), `MEMORY_BYTES` the one whose put is watched for memory (10 GB), `SMALL` the number of 100 KB objects.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from library_server.settings import Settings
from storage_config.keys import original_key
from storage_config.s3.buckets import check_buckets
from storage_config.s3.client import S3Client
from storage_config.s3.store import S3Store
from tests.support.servers.s3_server import S3Server

ROUNDS = 5
PARALLEL = 4
SMALL_BYTES = 100_000
RANGE_BYTES, RANGES = 256_000, 1000
BUCKET = "tianyuan-originals"


def run() -> None:
    """Print each figure and its ratio to the SDK alone."""
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        server = S3Server(folder / "server")
        server.start()
        try:
            settings = server.settings(folder)
            check_buckets(settings, fix=True)
            _large(settings, folder)
            _small(settings, folder)
            _ranges(settings, folder)
            _memory(settings, folder)
        finally:
            server.kill()


def _large(settings: Settings, folder: Path) -> None:
    size = int(os.environ.get("BYTES", "1000000000"))
    client, store = S3Client(settings, 1).get_minio(), S3Store(settings)
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS):
        source = _written(folder / "large", size, seed=number)
        theirs.append(_seconds(client.fput_object, BUCKET, "theirs", str(source)))
        ours.append(_seconds(store.put_original, source))
        client.remove_object(BUCKET, "theirs")
        store.delete(original_key(store.put_original(source).sha256))
        source.unlink()
    _print(f"put of {size / 1e6:.0f} MB, fput_object", theirs, "put_original", ours)


def _small(settings: Settings, folder: Path) -> None:
    count = int(os.environ.get("SMALL", "2000"))
    client, store = S3Client(settings, 1).get_minio(), S3Store(settings)
    ours: list[float] = []
    theirs: list[float] = []

    def bare(source: Path) -> None:
        client.fput_object(BUCKET, f"theirs/{source.parent.name}/{source.name}", str(source))

    for number in range(3):
        few = folder / f"small-{number}"
        few.mkdir()
        sources = [_written(few / str(at), SMALL_BYTES, seed=number * count + at) for at in range(count)]
        theirs.append(_seconds(_by_threads, bare, sources))
        ours.append(_seconds(_by_threads, store.put_original, sources))
    _print(f"{count} puts of 100 KB by {PARALLEL} threads, fput_object", theirs, "put_original", ours)


def _by_threads(act: Callable[[Path], object], sources: list[Path]) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(act, sources))


def _ranges(settings: Settings, folder: Path) -> None:
    client, store = S3Client(settings, 1).get_minio(), S3Store(settings)
    source = _written(folder / "ranged", 200_000_000, seed=99)
    key = original_key(store.put_original(source).sha256)
    name = key.removeprefix("originals/")
    starts = [random.Random(5).randrange(source.stat().st_size - RANGE_BYTES) for _ in range(RANGES)]

    def theirs(start: int) -> None:
        response = client.get_object(BUCKET, name, offset=start, length=RANGE_BYTES)
        assert len(response.read()) == RANGE_BYTES
        response.close()
        response.release_conn()

    def ours(start: int) -> None:
        with store.open(key, start, RANGE_BYTES) as reading:
            assert len(reading.read(RANGE_BYTES)) == RANGE_BYTES

    taken: dict[str, list[float]] = {"theirs": [], "ours": []}
    for start in starts:  # both run in turn, so that the load of the machine is the same for both
        taken["theirs"].append(_seconds(theirs, start))
        taken["ours"].append(_seconds(ours, start))
    high = {who: statistics.quantiles(values, n=100)[98] * 1000 for who, values in taken.items()}
    print(f"ranges of 256 KB, p99: get_object {high['theirs']:.1f} ms, open {high['ours']:.1f} ms; "
          f"ratio {high['ours'] / high['theirs']:.2f}", flush=True)  # fmt: skip


def _memory(settings: Settings, folder: Path) -> None:
    size = int(os.environ.get("MEMORY_BYTES", "10000000000"))
    source = _written(folder / "huge", size, seed=1)
    with get_context("spawn").Pool(1) as pool:
        seconds, peak = pool.apply(_put_alone, (settings, source))
    print(f"put of {size / 1e9:.0f} GB: {seconds:.0f} s, peak memory {peak / 1e6:.0f} MB", flush=True)


def _put_alone(settings: Settings, source: Path) -> tuple[float, float]:
    store = S3Store(settings)
    seconds = _seconds(store.put_original, source)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _written(path: Path, size: int, seed: int) -> Path:
    """A file of bytes that do not compress, each 8 MB different from the last."""
    block = random.Random(seed).randbytes(min(size, 8_000_000))
    with path.open("wb") as writing:
        for number in range(-(-size // len(block))):
            mark = hashlib.sha256(f"{seed}/{number}".encode()).digest()
            writing.write((mark + block)[: min(len(block), size - number * len(block))])
    return path


def _seconds(act: Callable[..., object], *arguments: object) -> float:
    started = time.monotonic()
    act(*arguments)
    return time.monotonic() - started


def _print(what: str, theirs: list[float], name: str, ours: list[float]) -> None:
    """Medians: the machine's disk makes single rounds differ by a third."""
    their_median, our_median = statistics.median(theirs), statistics.median(ours)
    print(f"{what} {their_median:.2f} s, {name} {our_median:.2f} s; ratio {their_median / our_median:.2f}", flush=True)
