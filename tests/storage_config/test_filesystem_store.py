from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from storage_config.errors import ObjectDamaged, ObjectNotFound, StorageError, StorageFull
from storage_config.keys import derivative_key, original_key
from storage_config.stores.filesystem import STAGING_KEEP_SECONDS, FilesystemStore


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "objects")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"tianyuan" * 300_000)
    return path


def test_a_cut_object_is_replaced(store: FilesystemStore, source: Path) -> None:
    digest = store.put_original(source)
    path = store.local_path(original_key(digest.sha256))
    assert path is not None
    path.write_bytes(b"cut")
    store.put_original(source)
    assert path.stat().st_size == digest.size


def test_moving_what_another_process_moved_first_tells_that_it_is_missing(
    store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = derivative_key("record", "page.webp")
    monkeypatch.setattr(Path, "exists", lambda _: True)  # the store had found it a moment before
    with pytest.raises(ObjectNotFound):
        store.move(key, "trash/2026-01-01/" + key)


def test_bytes_that_change_on_the_way_are_noticed(
    store: FilesystemStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def flip(descriptor: int) -> None:
        real(descriptor)
        for path in (store.root / "staging").glob("*"):
            with path.open("r+b") as stored:
                stored.write(b"X")

    monkeypatch.setattr(os, "fsync", flip)
    with pytest.raises(ObjectDamaged):
        store.put_original(source)
    assert list(store.list()) == []


@pytest.mark.parametrize(("code", "raised"), [(errno.ENOSPC, StorageFull), (errno.EIO, StorageError)])
def test_a_full_or_broken_disk_leaves_nothing(
    store: FilesystemStore, source: Path, monkeypatch: pytest.MonkeyPatch, code: int, raised: type[Exception]
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(code, "injected")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(raised):
        store.put_original(source)
    monkeypatch.setattr(os, "replace", lambda *_: fail(0))
    with pytest.raises(raised):
        store.put_bytes("derivatives/a/b/c", b"x")
    assert list((store.root / "staging").glob("*")) == []


def test_a_file_of_another_disk_is_copied_in(
    store: FilesystemStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, data = os.replace, source.read_bytes()

    def replace(old: Path, new: Path) -> None:
        if old == source:
            raise OSError(errno.EXDEV, "another disk")
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    key = derivative_key("06h0p3c4td39ff50", "480.webp")
    store.put_file(key, source)
    with store.open(key) as reading:
        assert reading.read() == data
    assert not source.exists()
    assert list((store.root / "staging").glob("*")) == []


def test_what_crashed_writers_left_is_cleared_after_a_day(store: FilesystemStore) -> None:
    store.put_bytes("a/b", b"x")
    stale, fresh = store.root / "staging/stale", store.root / "staging/fresh"
    stale.touch()
    fresh.touch()
    old = time.time() - STAGING_KEEP_SECONDS - 10
    os.utime(stale, (old, old))
    assert store.clear_staging() == 1
    assert fresh.exists()
