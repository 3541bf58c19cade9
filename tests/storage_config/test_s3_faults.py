"""An S3 server that dies, refuses, cuts off, is slow or full: nothing acknowledged is lost, a second run finishes."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from pathlib import Path

import pytest

from ingest_tools.derive.renditions import rendition_task
from library_server.app import create_app
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import JobState
from library_server.catalogue.records import queries
from library_server.jobs import queue as jobs
from library_server.jobs.registry import JobContext
from library_server.jobs.worker import Worker
from library_server.library import Library
from library_server.settings import Settings
from storage_config.errors import InvalidCredentials, ObjectDamaged, ObjectNotFound, StorageUnreachable, StoreUnusable
from storage_config.keys import original_key
from storage_config.s3 import upload
from storage_config.s3.buckets import check_buckets
from storage_config.s3.checksums import PART
from storage_config.s3.client import S3Client
from storage_config.s3.store import S3Store
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.faulty_proxy import faulty_proxy
from tests.support.servers.s3_server import ADMIN, WEB, S3Server

pytestmark = pytest.mark.server


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(random.Random(7).randbytes(4 * PART + 5))
    return path


def ready(server: S3Server, home: Path, **values: object) -> Settings:
    settings = server.settings(home, ADMIN, **values)
    check_buckets(settings, fix=True)
    return settings


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kill_at_the(
    nth: int, server: S3Server, monkeypatch: pytest.MonkeyPatch, then: float | None
) -> list[threading.Thread]:
    """Kill the server when bytes are about to be put the nth time, and start it again after `then` seconds."""
    real, calls, starting, lock = S3Client.send, [0], [], threading.Lock()

    def send(self: S3Client, *args: object, **options: object) -> str:
        with lock:
            calls[0] += 1
            if calls[0] == nth:
                server.kill()
                if then is not None:
                    starting.append(server.start_after(then))
        return real(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(S3Client, "send", send)
    return starting


@pytest.mark.long
def test_a_server_killed_amid_a_multipart_put_and_started_again(
    own_server: S3Server, tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(ready(own_server, tmp_path))
    starting = kill_at_the(3, own_server, monkeypatch, then=1.0)
    digest = store.put_original(large)
    for thread in starting:
        thread.join()
    assert starting
    with store.open(original_key(digest.sha256)) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == digest.sha256 == sha256(large)


@pytest.mark.long
def test_a_server_killed_for_good_leaves_nothing_half_written(
    own_server: S3Server, tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(ready(own_server, tmp_path), patient=False)
    with monkeypatch.context() as patch:
        kill_at_the(3, own_server, patch, then=None)
        with pytest.raises(StorageUnreachable):
            store.put_original(large)
    own_server.start()
    assert list(store.list()) == []
    digest = store.put_original(large)
    assert [stored.size for stored in store.list()] == [digest.size]


@pytest.mark.long
def test_a_server_killed_amid_a_read_and_started_again(own_server: S3Server, tmp_path: Path, large: Path) -> None:
    store = S3Store(ready(own_server, tmp_path))
    digest = store.put_original(large)
    with store.open(original_key(digest.sha256)) as stored:
        whole = hashlib.sha256(stored.read(3 << 20))
        own_server.kill()
        starting = own_server.start_after(1.0)
        while piece := stored.read(1 << 20):
            whole.update(piece)
    starting.join()
    assert whole.hexdigest() == digest.sha256


@pytest.mark.long
def test_half_a_minute_of_refused_connections_is_waited_out(s3_server: S3Server, tmp_path: Path, large: Path) -> None:
    ready(s3_server, tmp_path, s3_bucket_prefix="refused")
    with faulty_proxy(s3_server.endpoint) as (address, behaviour):
        store = S3Store(s3_server.settings(tmp_path, s3_bucket_prefix="refused", s3_endpoint=address))
        behaviour.refused_until = time.monotonic() + 30
        digest = store.put_original(large)
        assert store.head_object(original_key(digest.sha256)).size == digest.size
        quick = S3Store(s3_server.settings(tmp_path, s3_bucket_prefix="refused", s3_endpoint=address), patient=False)
        behaviour.refused_until = time.monotonic() + 30
        started = time.monotonic()
        with pytest.raises(StorageUnreachable):
            quick.head_object(original_key(digest.sha256))
        assert time.monotonic() - started < 15  # a reader waits much less than half a minute


@pytest.mark.long
def test_requests_to_a_busy_slow_or_interrupting_server_succeed(
    s3_server: S3Server, tmp_path: Path, large: Path
) -> None:
    ready(s3_server, tmp_path, s3_bucket_prefix="busy")
    with faulty_proxy(s3_server.endpoint) as (address, behaviour):
        store = S3Store(s3_server.settings(tmp_path, s3_bucket_prefix="busy", s3_endpoint=address))
        behaviour.busy, behaviour.delay = 4, 0.2
        digest = store.put_original(large)
        key = original_key(digest.sha256)
        fresh = S3Store(s3_server.settings(tmp_path, s3_bucket_prefix="busy", s3_endpoint=address))
        behaviour.cut, behaviour.cut_after = 3, 200_000
        with fresh.open(key) as stored:
            assert hashlib.sha256(stored.read()).hexdigest() == digest.sha256
        assert behaviour.busy == behaviour.cut == 0
        behaviour.cut, behaviour.cut_after = 1000, 1000
        again = S3Store(s3_server.settings(tmp_path, s3_bucket_prefix="busy", s3_endpoint=address), patient=False)
        with pytest.raises(StorageUnreachable), again.open(key) as stored:
            stored.read()


def test_bytes_that_change_on_the_way_are_not_stored(
    s3_server: S3Server, tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(ready(s3_server, tmp_path, s3_bucket_prefix="flipped"))
    real = upload._Parts._read

    def flipped(self: upload._Parts, part: int) -> memoryview:
        view = real(self, part)
        view[0] ^= 1
        return view

    monkeypatch.setattr(upload._Parts, "_read", flipped)
    with pytest.raises(ObjectDamaged):
        store.put_original(large)
    assert list(store.list()) == []


def test_a_server_with_etags_of_its_own_kind_is_read_back(
    s3_server: S3Server, tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(ready(s3_server, tmp_path, s3_bucket_prefix="etags"))
    real = upload._complete
    monkeypatch.setattr(upload, "_complete", lambda *args: f"{real(*args)[::-1]}x")
    digest = store.put_original(large)
    assert store.head_object(original_key(digest.sha256)).size == digest.size


def test_a_truncated_object_is_replaced_by_the_next_put(s3_server: S3Server, tmp_path: Path, large: Path) -> None:
    store = S3Store(ready(s3_server, tmp_path, s3_bucket_prefix="truncated"))
    small = tmp_path / "small"
    small.write_bytes(b"tianyuan")
    for path in (large, small):
        key = original_key(store.put_original(path).sha256)
        store.put_bytes(key, b"cut")
        store.put_original(path)
        assert store.head_object(key).size == path.stat().st_size


@pytest.mark.long
def test_an_ingest_stops_where_the_server_is_gone_and_the_same_command_finishes(
    own_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number in range(40):
        (files / f"{number:02}.txt").write_text(f"天元区第{number}村的故事", encoding="utf-8")
    library = open_library_at(tmp_path / "home", ready(own_server, tmp_path / "home"))
    monkeypatch.setattr("storage_config.s3.store.COMMAND_RETRIES", 1)
    library = open_library_at(tmp_path / "home", library.settings)
    with monkeypatch.context() as patch:
        kill_at_the(20, own_server, patch, then=None)
        with pytest.raises(StorageUnreachable):
            ingest(library, files, workers=2)
    with library.database.reading() as session:
        assert [str(batch.state) for batch in repository.list_batches(session)] == ["interrupted"]
        assert queries.count_published(session) < 40
    own_server.start()
    report = ingest(library, files, workers=2)
    assert report.rejected == 0
    assert report.seen == 40
    with library.database.reading() as session:
        assert queries.count_published(session) == 40


@pytest.mark.long
def test_credentials_that_are_revoked_stop_an_ingest(own_server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("天元")
    library = open_library_at(tmp_path / "home", ready(own_server, tmp_path / "home"))
    own_server.stop()
    own_server.grant({WEB: ["Read"]})
    own_server.start()
    with pytest.raises(InvalidCredentials, match="credentials refused"):
        ingest(library, tmp_path / "a.txt")


@pytest.mark.long
def test_two_ingests_of_the_same_files_at_once(s3_server: S3Server, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number in range(30):
        (files / f"{number:02}.txt").write_text(f"天元区第{number}村的故事", encoding="utf-8")
    settings = ready(s3_server, tmp_path / "home", s3_bucket_prefix="twice")
    library = open_library_at(tmp_path / "home", settings)
    threads = [threading.Thread(target=ingest, args=(library, files)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with library.database.reading() as session:
        assert queries.count_published(session) == 30
    assert sum(1 for _ in library.store.list("originals/")) == 30


@pytest.mark.long
def test_readers_are_told_while_the_server_is_away_and_a_job_waits(own_server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("第一章 天元\n\n栗雨的早晨。", encoding="utf-8")
    settings = ready(own_server, tmp_path / "home")
    library = open_library_at(tmp_path / "home", settings)
    ingest(library, tmp_path / "a.txt")
    library.indexer.catch_up()
    client = create_app(Library(settings, library.database, S3Store(settings, patient=False))).test_client()
    record = client.get("/api/v1/search").get_json()["items"][0]["id"]
    address = client.get(f"/api/v1/records/{record}").get_json()["assets"][0]["url"]
    assert client.get(address).status_code == client.get("/readyz").status_code == 200
    own_server.kill()
    assert client.get("/readyz").get_json() == {"status": "unready", "store": "storage_unreachable"}
    for path in (address, f"/read/{record}"):
        response = client.get(path)
        assert response.status_code == 503
        assert "过一会儿再试" in response.text
    assert client.get(f"/records/{record}").status_code == 200  # the page of the record can still be read

    with library.database.writing() as session:
        jobs.enqueue(session, "rendition", record)
    task = rendition_task(JobContext(library.database, S3Store(settings, patient=False), tmp_path))
    worker = Worker(library.database, lambda: 0, {"rendition": task})
    assert worker.run_one()
    with library.database.reading() as session:
        waiting = jobs.list_for_record(session, record)
    assert [(job.state, "storage unreachable" in (job.reason or "")) for job in waiting] == [(JobState.QUEUED, True)]
    assert not worker.run_one()  # the job can be claimed again after two minutes


@pytest.mark.long
def test_a_server_without_room_refuses_what_it_cannot_keep_and_goes_on_when_it_has_room_again(
    own_server: S3Server, tmp_path: Path
) -> None:
    own_server.kill()
    own_server.options = ("-volume.max=9", "-master.volumeSizeLimitMB=8")
    own_server.start()
    store = S3Store(ready(own_server, tmp_path / "home"), patient=False)
    stored: list[Path] = []
    with pytest.raises(StoreUnusable, match=r"storage (full|failing)"):
        put_many(store, tmp_path, stored)
    assert stored
    refused = tmp_path / f"original{len(stored)}"
    with pytest.raises((ObjectNotFound, StoreUnusable)):
        store.open(original_key(sha256(refused))).read()
    own_server.kill()
    own_server.options = ()
    own_server.start()
    store = S3Store(own_server.settings(tmp_path / "home"))
    stored.append(refused)
    store.put_original(refused)
    for path in stored:
        with store.open(original_key(sha256(path))) as reading:
            assert reading.read() == path.read_bytes()


def put_many(store: S3Store, folder: Path, stored: list[Path]) -> None:
    for number in range(40):
        path = folder / f"original{number}"
        path.write_bytes(random.Random(number).randbytes(4 << 20))
        store.put_original(path)
        stored.append(path)
