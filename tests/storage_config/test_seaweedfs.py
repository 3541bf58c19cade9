"""A SeaweedFS with fewer volumes than buckets is refused before anything is stored, and the cause is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from library_server.settings import Settings
from storage_config.errors import StorageFailing, StorageFull
from storage_config.s3.buckets import check_buckets, plan_buckets
from storage_config.s3.seaweedfs import VolumeSlots, default_master, read_volume_slots, refuse_lack_of_volumes
from storage_config.stores.factory import open_store
from storage_config.stores.health import check_store
from tests.factories.stories import stories
from tests.support.commands import json_output, refusal, tianyuan
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.s3_server import ADMIN, S3Server
from tests.support.servers.serving import free_port


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[int], S3Server]]:
    """Starts a server with so many volumes of 30 GB."""
    servers: list[S3Server] = []

    def start(volumes: int) -> S3Server:
        server = S3Server(tmp_path / "server", f"-volume.max={volumes}", "-master.volumeSizeLimitMB=30000")
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest.mark.slow
def test_too_few_volumes_are_refused_with_what_to_change(started: Callable[[int], S3Server], tmp_path: Path) -> None:
    server = started(1)
    home = server.home(tmp_path / "home", ADMIN).home
    master = ("--master", server.master)
    message = refusal(tianyuan(home, "storage", "check", "--create", *master))
    for part in ("只剩 1 个空的卷", "tianyuan-originals", "tianyuan-trash", "WEED_VOLUME_MB"):
        assert part in message
    slots = read_volume_slots(server.master)
    assert slots == VolumeSlots(1, 1, frozenset())  # nothing was written to find that out


@pytest.mark.slow
def test_without_the_master_a_bucket_that_takes_nothing_is_named(
    started: Callable[[int], S3Server], tmp_path: Path
) -> None:
    settings = started(1).home(tmp_path / "home", ADMIN)
    check_buckets(settings, fix=True)
    away = ("--master", f"127.0.0.1:{free_port()}")
    message = refusal(tianyuan(settings.home, "storage", "check", *away))
    assert "tianyuan-derivatives" in message
    assert "WEED_VOLUME_MB" in message
    with pytest.raises(StorageFailing, match="tianyuan-derivatives"):
        check_store(open_store(settings, patient=False), writing=True)


@pytest.mark.slow
def test_a_copy_is_refused_before_the_first_object(started: Callable[[int], S3Server], tmp_path: Path) -> None:
    settings = started(1).home(tmp_path / "home", ADMIN)
    check_buckets(settings, fix=True)
    toml = settings.home / "tianyuan.toml"
    toml.write_text(toml.read_text().replace('storage = "s3"', 'storage = "filesystem"'))
    library = open_library_at(settings.home, Settings(home=settings.home))
    ingest(library, stories(tmp_path / "stories"))
    library.database.engine.dispose()
    began = time.monotonic()
    message = refusal(tianyuan(settings.home, "storage", "copy", "--from", "filesystem", "--to", "s3"))
    assert "WEED_VOLUME_MB" in message
    assert time.monotonic() - began < 60  # without the check there were 84 seconds of retries
    assert list(open_store(settings, patient=False).list()) == []


@pytest.mark.slow
def test_enough_volumes_are_counted_and_nothing_is_left_behind(
    started: Callable[[int], S3Server], tmp_path: Path
) -> None:
    server = started(40)
    settings = server.home(tmp_path / "home", ADMIN)
    report = json_output(tianyuan(settings.home, "storage", "check", "--create", "--master", server.master, "--json"))
    assert (report["writable"], report["volumes_most"], report["volumes_free"]) == (True, 40, 40)
    again = json_output(tianyuan(settings.home, "storage", "check", "--master", server.master, "--json"))
    assert again["volumes_free"] < 40
    store = open_store(settings, patient=False)
    assert list(store.list()) == []


def test_who_does_not_answer_as_a_master_is_no_seaweedfs(s3_server: S3Server) -> None:
    assert read_volume_slots(f"127.0.0.1:{free_port()}") is None
    assert read_volume_slots(s3_server.endpoint) is None
    assert read_volume_slots("nowhere.invalid:9333") is None
    slots = read_volume_slots(s3_server.master)
    assert slots is not None
    assert slots.most == 2000


@pytest.mark.parametrize(("free", "writable", "refused"), [(4, 0, False), (3, 0, True), (0, 4, False), (0, 3, True)])
def test_each_bucket_needs_a_volume(free: int, writable: int, refused: bool, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    slots = VolumeSlots(free, 10, frozenset(bucket.name for bucket in plan_buckets(settings)[:writable]))
    if not refused:
        refuse_lack_of_volumes(settings, slots)
        return
    with pytest.raises(StorageFull):
        refuse_lack_of_volumes(settings, slots)


@pytest.mark.parametrize(
    ("endpoint", "master"),
    [("10.0.0.5:8333", "10.0.0.5:9333"), ("s3.example", "s3.example:9333"), ("[::1]:8333", "[::1]:9333")],
)
def test_the_master_is_looked_for_on_the_host_of_the_server(endpoint: str, master: str, tmp_path: Path) -> None:
    assert default_master(Settings(home=tmp_path, s3_endpoint=endpoint)) == master
