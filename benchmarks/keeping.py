"""Listing, sweep, scrub and copy, by object and by byte, at 1,000, 10,000 and 100,000 objects on both stores.

Beside them on the same objects: `sha256sum` by the object and `openssl` by the byte (disk), the bare SDK's list
(S3, SeaweedFS on this machine). Then
the memory of a sweep of 2 million objects that 2 million rows name, and what 3 TB and 2 million objects come to.
`SCALES` are the numbers of objects, `BYTES` the size of the large originals of the pass by the byte (2 GB).
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import insert

from library_server.catalogue.assets.objects import objects_of
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.models import Asset
from library_server.catalogue.records import commands
from library_server.library import Library, open_library
from library_server.preservation.reconciliation import SweepReport, sweep
from library_server.preservation.scrubbing import Scrub
from library_server.preservation.store_copy import StoreCopy
from library_server.settings import Settings
from storage_config.keys import original_key
from storage_config.s3.buckets import check_buckets
from storage_config.s3.client import S3Client
from storage_config.stores.base import StoredObject
from storage_config.stores.factory import open_location
from tests.support.servers.s3_server import S3Server

SMALL_BYTES = 2000
LARGE_BYTES = 100_000_000
THREADS = 8
ROWS = 5000
OBJECTS_OF_A_DISTRICT, BYTES_OF_A_DISTRICT = 2_000_000, 3 * 10**12


def run() -> None:
    """Print microseconds an object and MB a second."""
    scales = [int(number) for number in os.environ.get("SCALES", "1000,10000,100000").split(",")]
    with tempfile.TemporaryDirectory() as room:
        server = S3Server(Path(room) / "server")
        server.start()
        try:
            for scale in scales:
                _by_object(server, Path(room) / str(scale), scale)
            _by_byte(server, Path(room) / "bytes")
        finally:
            server.kill()
    _memory_of_a_sweep()


def _by_object(server: S3Server, folder: Path, scale: int) -> None:
    library, on_s3 = _libraries(server, folder, f"scale-{scale}")
    sources = _small_files(folder, scale)
    for name, measured in (("disk", library), ("s3", on_s3)):
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(measured.store.put_original, sources))
        measured.store.flush()
        print(f"{scale:,} objects, {name}: put {_micro(began, scale)}", end="", flush=True)
        if name == "disk":
            _catalogue(measured, sources)
        listing = _timed(partial(_count_objects, measured), scale)
        swept = _timed(partial(_swept, measured), scale)
        scrubbed = _timed(partial(_scrubbed, measured, scale), scale)
        print(f", list {listing}, sweep {swept}, scrub {scrubbed}; beside it {_outside(measured, folder, scale)}")
    began = time.perf_counter()
    for stored in list(on_s3.store.list()):
        on_s3.store.delete(stored.key)
    print(f"{scale:,} objects: delete from s3 {_micro(began, scale)}", end="", flush=True)
    began = time.perf_counter()
    moved = StoreCopy(
        objects_of(library.database), library.store, on_s3.store, folder / "home/scratch", workers=THREADS
    ).run()
    assert moved.copied == scale
    print(f", copy disk to s3 {_micro(began, scale)}, said again {_again(library, on_s3, folder, scale)}")


def _by_byte(server: S3Server, folder: Path) -> None:
    library, on_s3 = _libraries(server, folder, "bytes")
    whole = int(os.environ.get("BYTES", "2000000000"))
    sources = []
    for number in range(max(1, whole // LARGE_BYTES)):
        path = folder / f"large{number}"
        path.write_bytes(random.Random(number).randbytes(LARGE_BYTES))
        sources.append(path)
    size = len(sources) * LARGE_BYTES
    for source in sources:
        library.store.put_original(source)
    _catalogue(library, sources)
    began = time.perf_counter()
    subprocess.run(["openssl", "dgst", "-sha256", *map(str, sources)], check=True, stdout=subprocess.DEVNULL)
    outside = time.perf_counter() - began
    began = time.perf_counter()
    StoreCopy(objects_of(library.database), library.store, on_s3.store, folder / "home/scratch", workers=2).run()
    copied = time.perf_counter() - began
    rates = {"openssl, one at a time": outside, "copy disk to s3": copied}
    for name, measured in (("scrub on disk", library), ("scrub on s3", on_s3)):
        began = time.perf_counter()
        _scrubbed(measured, len(sources))
        rates[name] = time.perf_counter() - began
    print("by the byte: " + ", ".join(f"{name} {size / 1e6 / seconds:.0f} MB/s" for name, seconds in rates.items()))


def _libraries(server: S3Server, folder: Path, prefix: str) -> tuple[Library, Library]:
    """A library on disk, and one with the same catalogue on S3."""
    (folder / "home/scratch").mkdir(parents=True)
    settings = server.settings(folder / "home", s3_bucket_prefix=prefix)
    check_buckets(settings, fix=True)
    library = open_library(Settings(home=folder / "home", disk_reserve="0"))
    return library, Library(settings, library.database, open_location(settings, "s3"))


def _small_files(folder: Path, count: int) -> list[Path]:
    files = folder / "files"
    files.mkdir()
    paths = []
    for number in range(count):
        path = files / str(number)
        path.write_bytes(random.Random(number).randbytes(SMALL_BYTES))
        paths.append(path)
    return paths


def _catalogue(library: Library, sources: list[Path]) -> None:
    """Rows for the originals, all of one record."""
    rows = (
        {"role": "original", "media_type": "text/plain", "size": source.stat().st_size, "sha256": sha256,
         "key": original_key(sha256)}
        for source in sources
        for sha256 in (hashlib.sha256(source.read_bytes()).hexdigest(),)
    )  # fmt: skip
    _insert(library, rows)


def _insert(library: Library, rows: Iterator[dict[str, object]]) -> None:
    with library.database.writing() as session:
        record = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="许多对象"))
    page: list[dict[str, object]] = []
    for number, row in enumerate(rows):
        page.append({**row, "id": f"b{number:015}", "record_id": record, "label": ""})
        if len(page) == ROWS:
            _write(library, page)
            page = []
    if page:
        _write(library, page)


def _write(library: Library, page: list[dict[str, object]]) -> None:
    with library.database.writing() as session:
        session.execute(insert(Asset), page)


def _count_objects(library: Library) -> int:
    return sum(1 for _ in library.store.list())


def _swept(library: Library) -> None:
    counts = SweepReport()
    for _ in sweep(library.database, library.store, counts):
        pass
    assert (counts.unnamed, counts.missing) == (0, 0), counts


def _scrubbed(library: Library, count: int) -> None:
    report = Scrub(library.database, library.store, library.settings.home / "scratch").run()
    assert (report.checked, report.damaged, report.missing) == (count, 0, 0), report


def _outside(library: Library, folder: Path, scale: int) -> str:
    if library.settings.storage == "s3":
        client = S3Client(library.settings, 1).get_minio()
        bucket = f"{library.settings.s3_bucket_prefix}-originals"
        return f"bare list {_timed(lambda: sum(1 for _ in client.list_objects(bucket, recursive=True)), scale)}"
    hashing = f"find {folder / 'home/objects'} -type f -print0 | xargs -0 sha256sum > /dev/null"
    return f"sha256sum {_timed(lambda: subprocess.run(hashing, shell=True, check=True), scale)}"


def _again(library: Library, on_s3: Library, folder: Path, scale: int) -> str:
    move = StoreCopy(objects_of(library.database), library.store, on_s3.store, folder / "home/scratch", workers=THREADS)
    return _timed(lambda: move.run().there == scale, scale)


def _timed(work: Callable[[], object], count: int) -> str:
    began = time.perf_counter()
    work()
    return _micro(began, count)


def _micro(began: float, count: int) -> str:
    return f"{(time.perf_counter() - began) / count * 1e6:.0f} µs"


class _Named:
    """A store of which every object is named by a row, made as it is listed."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        if prefix == "originals/":
            for number in range(OBJECTS_OF_A_DISTRICT):
                yield StoredObject(f"originals/{number:064}", 1, 0.0)

    def head_object(self, key: str) -> StoredObject:
        return StoredObject(key, 1, 0.0)


def _memory_of_a_sweep() -> None:
    with tempfile.TemporaryDirectory() as room:
        home = Path(room)
        library = open_library(Settings(home=home))
        _insert(library, (
            {"role": "original", "media_type": "text/plain", "size": 1, "sha256": f"{number:064}",
             "key": f"originals/{number:064}"} for number in range(OBJECTS_OF_A_DISTRICT)
        ))  # fmt: skip
        library.database.engine.dispose()
        with get_context("spawn").Pool(1) as pool:
            seconds, peak, counts = pool.apply(_sweep_and_watch, (home,))
    print(f"sweep of {OBJECTS_OF_A_DISTRICT:,} objects and rows: {seconds:.0f} s beside listing, "
          f"peak memory {peak / 1e6:.0f} MB, {counts.unnamed} unnamed, {counts.missing} missing")  # fmt: skip


def _sweep_and_watch(home: Path) -> tuple[float, int, SweepReport]:
    library = open_library(Settings(home=home))
    counts = SweepReport()
    began = time.perf_counter()
    for _ in sweep(library.database, _Named(), counts):  # type: ignore[arg-type]
        pass
    return time.perf_counter() - began, _peak(), counts


def _peak() -> int:
    """Most resident bytes of this process since its exec; `ru_maxrss` would count its parent's before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024
