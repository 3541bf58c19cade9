"""Moving to another store: verified, resumable, readers served all the while, and a switch that refuses."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from library_server.app import create_app
from library_server.catalogue.assets.objects import NamedObject, named_objects, objects_of
from library_server.cli import main
from library_server.library import Library
from library_server.preservation.store_copy import CopyReport, StoreCopy
from library_server.settings import Settings, read_settings
from storage_config.errors import InvalidSettings
from storage_config.s3.buckets import check_buckets
from storage_config.stores.factory import open_location
from storage_config.stores.migration_settings import settings_changes
from tests.factories.stories import STORIES, stories
from tests.support.libraries import ingest, open_library_at, sweep_report
from tests.support.power_cuts import run_killed_when
from tests.support.servers.s3_server import ADMIN, S3Server

COUNT = 40


@pytest.fixture
def on_disk(s3_server: S3Server, tmp_path: Path) -> Iterator[Library]:
    """A library on its disk, with an S3 server set beside it."""
    prefix = f"moving-{tmp_path.name.replace('_', '-')[-20:].strip('-').lower()}"
    opened = set_up(s3_server, tmp_path, prefix)
    ingest(opened, stories(tmp_path / "stories"))
    yield opened
    opened.database.engine.dispose()


def set_up(server: S3Server, folder: Path, prefix: str) -> Library:
    settings = server.home(folder / "home", ADMIN, s3_bucket_prefix=prefix)
    check_buckets(settings, fix=True)
    toml = settings.home / "tianyuan.toml"
    toml.write_text("# the district's own\n" + toml.read_text().replace('storage = "s3"', 'storage = "filesystem"'))
    return open_library_at(settings.home, read_settings(home=str(settings.home)))


def named_rows(library: Library) -> list[NamedObject]:
    return [*named_objects(library.database, "originals/"), *named_objects(library.database, "derivatives/")]


def run_copy(library: Library, *options: str) -> Result:
    environment = {"TIANYUAN_HOME": str(library.settings.home)}
    return CliRunner().invoke(main, ["storage", "copy", "--json", *options], env=environment)


def reopened(library: Library) -> Library:
    return open_library_at(library.settings.home, read_settings(home=str(library.settings.home)))


@pytest.mark.slow
def test_all_that_is_named_is_copied_once_and_a_second_run_finds_it_there(on_disk: Library) -> None:
    first = json.loads(run_copy(on_disk, "--from", "filesystem", "--to", "s3").stdout)
    assert (first["copied"], first["there"], first["lacking"]) == (len(named_rows(on_disk)), 0, 0)
    assert first["bytes"] == sum(row.size for row in named_rows(on_disk))
    second = json.loads(run_copy(on_disk, "--from", "filesystem", "--to", "s3").stdout)
    assert (second["copied"], second["there"]) == (0, len(named_rows(on_disk)))
    target = open_location(on_disk.settings, "s3")
    for row in named_rows(on_disk):
        with target.open(row.key) as moved, on_disk.store.open(row.key) as original:
            assert moved.read() == original.read()


@pytest.mark.slow
def test_a_copy_back_to_a_folder(on_disk: Library, tmp_path: Path) -> None:
    run_copy(on_disk, "--from", "filesystem", "--to", "s3")
    back = json.loads(run_copy(on_disk, "--from", "s3", "--to", str(tmp_path / "mirror")).stdout)
    assert back["copied"] == len(named_rows(on_disk))
    refused = run_copy(on_disk, "--from", "filesystem", "--to", str(tmp_path / "mirror"), "--switch")
    assert refused.exit_code == 1
    assert "只能当第二份" in refused.output


@pytest.mark.slow
def test_damaged_and_missing_objects_are_told_and_the_switch_refuses(on_disk: Library) -> None:
    turned, gone, *_ = [row for row in named_rows(on_disk) if row.role == "original"]
    path = on_disk.store.local_path(turned.key)
    assert path is not None
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + b"?")
    gone_path = on_disk.store.local_path(gone.key)
    assert gone_path is not None
    away = gone_path.rename(gone_path.with_suffix(".away"))

    result = run_copy(on_disk, "--from", "filesystem", "--to", "s3", "--switch")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (report["damaged"], report["missing"], report["lacking"], report["switched"]) == (1, 1, 2, False)
    assert {finding["key"] for finding in report["findings"]} == {turned.key, gone.key}
    assert "没有切换" in result.stderr
    assert read_settings(home=str(on_disk.settings.home)).storage == "filesystem"

    path.write_bytes(sound)
    away.rename(gone_path)
    result = run_copy(on_disk, "--from", "filesystem", "--to", "s3", "--switch")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["switched"] is True


@pytest.mark.long
def test_the_switch_in_two_steps_loses_nothing_that_is_put_between_them(on_disk: Library, tmp_path: Path) -> None:
    assert run_copy(on_disk, "--from", "filesystem", "--to", "s3", "--switch").exit_code == 0
    late = ingest(on_disk, stories(tmp_path / "late", 1, first=90))  # this process has not been restarted
    assert late.added == 1

    moving = reopened(on_disk)
    assert (moving.settings.storage, moving.settings.moving_from) == ("s3", "filesystem")
    every_story_is_read(moving, STORIES + 1)
    assert ingest(moving, stories(tmp_path / "new", 1, first=95)).added == 1
    assert sweep_report(moving).missing == 0
    lacking = set(open_location(moving.settings, "s3").list("originals/"))
    assert len(lacking) == STORIES + 1  # only the disk has the late story

    assert run_copy(moving, "--from", "filesystem", "--to", "s3", "--switch").exit_code == 0
    moved = reopened(on_disk)
    assert (moved.settings.storage, moved.settings.moving_from) == ("s3", None)
    assert "the district's own" in (moved.settings.home / "tianyuan.toml").read_text()
    every_story_is_read(moved, STORIES + 2)
    assert sweep_report(moved).missing == 0
    for opened in (moving, moved):
        opened.database.engine.dispose()


def every_story_is_read(library: Library, count: int) -> None:
    library.indexer.catch_up()
    client = create_app(library).test_client()
    results = client.get("/api/v1/search?per_page=100").json
    assert results is not None
    assert results["total"] == count
    for item in results["items"]:
        record = client.get(f"/api/v1/records/{item['id']}").json
        assert record is not None
        for asset in record["assets"]:
            assert client.get(asset["url"]).status_code == 200


@pytest.mark.slow
def test_a_switch_that_the_environment_overrides_names_the_variable(
    on_disk: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANYUAN_STORAGE", "filesystem")
    result = run_copy(on_disk, "--from", "filesystem", "--to", "s3", "--switch")
    assert result.exit_code == 1
    assert "TIANYUAN_STORAGE" in result.output


def test_settings_of_two_s3_servers_are_exchanged(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, storage="s3", s3_endpoint="old:9000", s3_access_key="a", s3_secret_key=SecretStr("b"),
        other_s3_endpoint="new:9000", other_s3_access_key="c", other_s3_secret_key=SecretStr("d"),
    )  # fmt: skip
    changes = settings_changes(settings, "s3", "other-s3")
    assert (changes["s3_endpoint"], changes["other_s3_endpoint"]) == ("new:9000", "old:9000")
    assert (changes["storage"], changes["moving_from"], changes["s3_secret_key"]) == ("s3", "other-s3", "d")
    with pytest.raises(InvalidSettings, match="other store in use"):
        settings_changes(settings, "filesystem", "s3")
    with pytest.raises(InvalidSettings, match="OTHER_S3_ENDPOINT"):
        Settings(home=tmp_path).with_other_s3()


@pytest.mark.long
def test_from_one_s3_server_to_another_in_two_steps(s3_server: S3Server, tmp_path: Path) -> None:
    old = s3_server.home(tmp_path / "home", ADMIN, s3_bucket_prefix="old-server", other_s3_endpoint=s3_server.endpoint,
                         other_s3_access_key=ADMIN[0], other_s3_secure=False,
                         other_s3_bucket_prefix="new-server")  # fmt: skip
    toml = old.home / "tianyuan.toml"
    toml.write_text(toml.read_text() + f'\nother_s3_secret_key = "{ADMIN[1]}"\n')
    settings = read_settings(home=str(old.home))
    for each in (settings, settings.with_other_s3()):
        check_buckets(each, fix=True)
    library = open_library_at(settings.home, settings)
    ingest(library, stories(tmp_path / "stories"))
    result = CliRunner().invoke(main, ["storage", "copy", "--from", "s3", "--to", "other-s3", "--switch"],
                              env={"TIANYUAN_HOME": str(settings.home)})  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "--from other-s3 --to s3 --switch" in result.output
    moving = reopened(library)
    assert (moving.settings.s3_bucket_prefix, moving.settings.moving_from) == ("new-server", "other-s3")
    every_story_is_read(moving, STORIES)
    assert run_copy(moving, "--from", "other-s3", "--to", "s3", "--switch").exit_code == 0
    moved = reopened(library)
    assert moved.settings.moving_from is None
    every_story_is_read(moved, STORIES)
    for opened in (library, moving, moved):
        opened.database.engine.dispose()


@pytest.mark.slow
def test_pages_may_play_from_either_server_while_the_library_moves(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, storage="s3", s3_endpoint="new:9000", s3_access_key="a", s3_secret_key=SecretStr("b"),
        other_s3_endpoint="old:9000", other_s3_access_key="c", other_s3_secret_key=SecretStr("d"),
        other_s3_secure=False, moving_from="other-s3", delivery="redirect",
    )  # fmt: skip
    used = open_library_at(tmp_path)
    ingest(used, stories(tmp_path / "stories", 1))  # a library with records does not ask the servers for objects
    used.database.engine.dispose()
    library = open_library_at(tmp_path, settings)
    library.indexer.catch_up()
    policy = create_app(library).test_client().get("/mine").headers["Content-Security-Policy"]
    assert "media-src 'self' blob: https://new:9000 http://old:9000;" in policy
    library.database.engine.dispose()


@pytest.mark.long
def test_a_kill_amid_a_copy_and_the_same_command_goes_on(s3_server: S3Server, tmp_path: Path) -> None:
    library = set_up(s3_server, tmp_path, "kill-amid-copy")
    ingest(library, stories(tmp_path / "stories", COUNT))
    objects = named_rows(library)
    size = sum(row.size for row in objects)
    command = [sys.executable, "-m", "library_server.cli", "storage", "copy", "--from", "filesystem", "--to", "s3"]
    environment = {**os.environ, "TIANYUAN_HOME": str(library.settings.home)}
    target = open_location(library.settings, "s3")
    run_killed_when(lambda: any(target.list()), [*command, "--rate", f"{size // 8}B/s"], environment)
    copied = len(list(target.list()))
    assert 0 < copied < len(objects)
    report = json.loads(run_copy(library, "--from", "filesystem", "--to", "s3").stdout)
    assert (report["there"], report["copied"], report["lacking"]) == (copied, len(objects) - copied, 0)
    library.database.engine.dispose()


@pytest.mark.long
def test_a_server_killed_amid_a_copy_and_started_again(own_server: S3Server, tmp_path: Path) -> None:
    library = set_up(own_server, tmp_path, "server-killed")
    ingest(library, stories(tmp_path / "stories", 80))
    starting: list[threading.Thread] = []

    def kill_once(so_far: CopyReport) -> None:
        if not starting and so_far.copied:
            own_server.kill()
            starting.append(own_server.start_after(2))

    target = open_location(library.settings, "s3")
    moved = StoreCopy(objects_of(library.database), library.store, target, library.settings.home / "scratch").run(
        kill_once
    )
    assert starting
    starting[0].join()
    assert (moved.copied, moved.lacking) == (len(named_rows(library)), 0)
    library.database.engine.dispose()
