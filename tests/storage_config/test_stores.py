"""The contract of every store, held against the disk and against a real S3 server."""

from __future__ import annotations

import hashlib
import itertools
import random
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email.message import Message
from pathlib import Path

import pytest

from library_server.settings import Settings
from storage_config.errors import InvalidKey, ObjectNotFound
from storage_config.keys import derivative_key, original_key, trash_key
from storage_config.s3.buckets import check_buckets
from storage_config.s3.checksums import PART
from storage_config.stores.base import ObjectStore
from storage_config.stores.factory import open_location, open_store
from storage_config.stores.health import check_store
from tests.support.servers.s3_server import S3Server

_number = itertools.count()


@pytest.fixture(params=["filesystem", "s3", "moving"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """The disk, an S3 server, and an S3 server that is being moved to from the disk."""
    if request.param == "filesystem":
        return open_store(Settings(home=tmp_path))
    server: S3Server = request.getfixturevalue("s3_server")
    moving_from = "filesystem" if request.param == "moving" else None
    settings = server.settings(tmp_path, s3_bucket_prefix=f"contract-{next(_number)}", moving_from=moving_from)
    check_buckets(settings, fix=True)
    return open_store(settings)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"tianyuan" * 300_000)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Two whole parts of a multipart put and one of a single byte."""
    path = tmp_path / "large"
    path.write_bytes(random.Random(4).randbytes(2 * PART + 1))
    return path


@pytest.mark.slow
def test_an_object_moves_into_the_trash_and_back(store: ObjectStore, large: Path) -> None:
    key = original_key(store.put_original(large).sha256)
    target = trash_key(date(2026, 11, 25), key)
    assert store.move(key, target).size == large.stat().st_size
    with pytest.raises(ObjectNotFound):
        store.head_object(key)
    with pytest.raises(ObjectNotFound):
        store.move(key, target)
    for prefix in ("", "originals/", "derivatives/", "t"):
        assert [stored.key for stored in store.list(prefix)] == []
    assert (
        [stored.key for stored in store.list("trash/")]
        == [stored.key for stored in store.list("trash/2026-11-25/")]
        == [target]
    )
    assert list(store.list("trash/2026-11-26/")) == []
    store.move(target, key)
    with store.open(key) as reading:
        assert reading.read() == large.read_bytes()
    assert list(store.list("trash/")) == []
    store.move(key, target)
    store.delete(target)
    assert list(store.list("trash/")) == []


@pytest.mark.slow
def test_what_is_moved_in_both_places_does_not_come_back_from_the_old_one(
    s3_server: S3Server, tmp_path: Path, source: Path
) -> None:
    settings = s3_server.settings(tmp_path, s3_bucket_prefix=f"contract-{next(_number)}", moving_from="filesystem")
    check_buckets(settings, fix=True)
    for place in ("filesystem", "s3"):
        key = original_key(open_location(settings, place).put_original(source).sha256)
    store = open_store(settings)
    store.move(key, trash_key(date(2026, 11, 25), key))
    assert list(store.list("originals/")) == []
    store.move(trash_key(date(2026, 11, 25), key), key)
    assert [stored.key for place in ("filesystem", "s3") for stored in open_location(settings, place).list()] == [
        key,
        key,
    ]


@pytest.mark.slow
def test_an_original_lies_under_its_hash(store: ObjectStore, source: Path, large: Path) -> None:
    for path in (source, large):
        digest = store.put_original(path)
        assert digest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        key = original_key(digest.sha256)
        assert store.head_object(key).size == digest.size == path.stat().st_size
        with store.open(key) as reading:
            assert reading.read() == path.read_bytes()
        first = store.head_object(key).modified
        assert store.put_original(path) == digest
        assert store.head_object(key).modified == first
    assert {stored.size for stored in store.list()} == {source.stat().st_size, large.stat().st_size}


def test_an_empty_file_and_empty_bytes(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    key = original_key(store.put_original(tmp_path / "empty").sha256)
    assert store.head_object(key).size == 0
    with store.open(key) as reading:
        assert reading.read() == b""
    assert store.put_bytes("derivatives/a/b/c", b"").size == 0


@pytest.mark.slow
def test_objects_are_replaced_copied_listed_and_removed(store: ObjectStore, source: Path, large: Path) -> None:
    key, other = derivative_key("06h0p3c4td39ff50", "480.webp"), derivative_key("06h0p3c4td39ff50", "copy.webp")
    assert store.put_bytes(key, b"one").size == 3
    for path in (source, large):
        size = path.stat().st_size
        assert store.put_file(key, path).size == store.head_object(key).size == size
        assert not path.exists()
    assert store.copy(key, other).size == size
    store.flush()
    assert sorted(stored.key for stored in store.list("derivatives/")) == [key, other]
    assert [stored.key for stored in store.list(key)] == [key]
    assert list(store.list("originals/")) == []
    store.delete(key)
    store.delete(key)
    for act in (store.open, store.head_object):
        with pytest.raises(ObjectNotFound):
            act(key)
    with pytest.raises(ObjectNotFound):
        store.copy(key, other)


@pytest.mark.slow
def test_ranges_are_read_from_anywhere(store: ObjectStore, large: Path) -> None:
    key, data = original_key(store.put_original(large).sha256), large.read_bytes()
    for start, length in ((0, 10), (5, None), (PART - 3, 7), (len(data) - 1, 1), (len(data), None)):
        with store.open(key, start, length) as reading:
            assert reading.tell() == start
            assert reading.read(-1 if length is None else length) == data[start:][:length]
    with store.open(key, 100, 50) as reading:
        assert reading.read(20) == data[100:120]
        assert reading.seek(7) == 7
        assert reading.read(200) == data[7:207]
        assert reading.seek(-5, 2) == len(data) - 5
        assert reading.read() == data[-5:]
        with pytest.raises((ValueError, OSError)):
            reading.seek(-1)


@pytest.mark.long
def test_an_object_is_written_by_two_at_once(store: ObjectStore, source: Path, large: Path) -> None:
    for path in (source, large):
        with ThreadPoolExecutor(4) as pool:
            digests = list(pool.map(store.put_original, [path] * 4))
        assert len(set(digests)) == 1
        assert store.head_object(original_key(digests[0].sha256)).size == path.stat().st_size


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a//b", "a/../../b", "", "a/.hidden", "a/b\n"])
def test_keys_cannot_leave_the_store(store: ObjectStore, key: str) -> None:
    for act in (store.open, store.head_object, store.delete, store.local_path):
        with pytest.raises(InvalidKey):
            act(key)
    with pytest.raises(InvalidKey):
        store.put_bytes(key, b"x")
    with pytest.raises(InvalidKey):
        store.presigned_url(key, 60, "text/plain")
    with pytest.raises(InvalidKey):
        original_key(key)


def test_a_missing_source_is_named(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put_original(tmp_path / "none")


def test_a_store_that_can_be_reached_passes_the_check(store: ObjectStore) -> None:
    check_store(store, writing=True)
    assert list(store.list()) == []


@pytest.mark.slow
def test_the_bytes_are_a_file_here_or_have_an_address(store: ObjectStore, source: Path) -> None:
    key = original_key(store.put_original(source).sha256)
    path, address = store.local_path(key), store.presigned_url(key, 60, "text/plain; charset=utf-8", "attachment")
    assert (path is None) == (address is not None)
    if path is not None:
        assert path.read_bytes() == source.read_bytes()
        return
    assert address is not None
    request = urllib.request.Request(address, headers={"Range": "bytes=8-11"})
    with urllib.request.urlopen(request) as response:
        headers: Message = response.headers
        assert response.read() == source.read_bytes()[8:12]
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"] == "attachment"
