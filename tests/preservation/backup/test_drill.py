"""The drill of the handbook: back up while the library is used, lose everything, restore, serve, read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from library_server.desk.auth import COOKIE, DeskAuth
from library_server.library import Library
from library_server.preservation.backup import folders
from library_server.settings import read_settings
from tests.factories.stories import STORIES, stories
from tests.preservation.backup.backups import listed_objects, make_backup
from tests.support.commands import json_output, refusal, tianyuan
from tests.support.libraries import ingest, open_library_at, settings_for, sweep_report
from tests.support.servers.s3_server import ADMIN
from tests.support.servers.serving import serving

WRITTEN = 30


@pytest.fixture
def sample_home(sample_library: Library, tmp_path: Path) -> Path:
    """The sample: EPUBs, PDFs, films, recordings, photos and stories, in a home that the test may lose."""
    home = tmp_path / "home"
    shutil.copytree(sample_library.settings.home, home)
    return home


@contextmanager
def ingesting(home: Path, source: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(source), "--kind", "story", "--json"]
    child = subprocess.Popen(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def fetched(address: str, cookie: str = "") -> bytes:
    request = urllib.request.Request(address, headers={"Cookie": f"{COOKIE}={cookie}"} if cookie else {})
    with urllib.request.urlopen(request, timeout=30) as reply:
        data: bytes = reply.read()
        return data


def every_record(address: str) -> list[dict[str, Any]]:
    items = json.loads(fetched(f"{address}/api/v1/search?per_page=100"))["items"]
    return [json.loads(fetched(f"{address}/api/v1/records/{item['id']}")) for item in items]


def read_every_file(address: str) -> int:
    """Fetch each file that readers may have, and compare its hash. Returns how many."""
    read = 0
    for record in every_record(address):
        for asset in record["assets"]:
            if asset["url"] and asset["sha256"]:
                assert hashlib.sha256(fetched(f"{address}{asset['url']}")).hexdigest() == asset["sha256"]
                read += 1
    return read


def killed_backup(home: Path, backups: Path) -> None:
    """Begin a backup, and kill it once it has begun to write."""
    command = [sys.executable, "-m", "library_server.cli", "backup", str(backups), "--verify"]
    while True:
        child = subprocess.Popen(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, stdout=subprocess.DEVNULL)
        while child.poll() is None and not list(backups.glob(".*-partial")):
            time.sleep(0.001)
        child.kill()
        child.wait()
        if list(backups.glob(".*-partial")):
            return


@pytest.mark.long
def test_a_library_in_use_is_backed_up_lost_and_restored(sample_home: Path, backups: Path, tmp_path: Path) -> None:
    signing = DeskAuth(read_settings(home=str(sample_home)).signing_key())
    session = signing.create_session(signing.create_login_token())
    assert session
    source = stories(tmp_path / "new", WRITTEN)
    with serving(sample_home, "--workers", "1") as (address, server), ingesting(sample_home, source) as writer:
        titles = {record["title"] for record in every_record(address)}
        files = read_every_file(address)
        backup = make_backup(sample_home, backups, "--objects")
        assert writer.wait(120) == 0
        before = {path.name: path.read_bytes() for path in backup.iterdir()}
        killed_backup(sample_home, backups)
        assert server.poll() is None
    assert folders.complete_backups(backups)[0] == backup
    assert {path.name: path.read_bytes() for path in backup.iterdir()} == before
    for later in folders.complete_backups(backups)[1:]:
        shutil.rmtree(later)  # a backup that finished before it was killed
    shutil.rmtree(sample_home)

    report = json_output(tianyuan(sample_home, "restore", str(backups), "--verify", "--json"))
    assert (report["missing"], report["wrong_size"], report["damaged"]) == (0, 0, 0)
    assert json_output(tianyuan(sample_home, "index", "verify", "--json"))["agrees"]
    with serving(sample_home, "--workers", "1") as (address, _):
        assert titles <= {record["title"] for record in every_record(address)}
        assert read_every_file(address) >= files > 40
        assert "馆员工作台".encode() in fetched(f"{address}/desk/batches", session)

    again = json_output(tianyuan(sample_home, "ingest", str(source), "--kind", "story", "--json"))
    assert (again["seen"], again["rejected"]) == (WRITTEN, 0)
    assert again["added"] + again["unchanged"] == WRITTEN
    opened = open_library_at(sample_home)
    assert sweep_report(opened).missing == 0
    opened.database.engine.dispose()
    once_more = json_output(tianyuan(sample_home, "ingest", str(source), "--kind", "story", "--json"))
    assert once_more["unchanged"] == WRITTEN


@pytest.fixture
def s3_home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The home of a library whose objects are on an S3 server, closed."""
    settings = settings_for("s3", tmp_path / "home", request)
    opened = open_library_at(settings.home, settings)
    assert ingest(opened, stories(tmp_path / "stories"), kind="story").added == STORIES
    opened.database.engine.dispose()
    return settings.home


@pytest.mark.server
def test_a_library_on_s3_is_restored_with_keys_that_the_operator_gives(s3_home: Path, backups: Path) -> None:
    report = json_output(tianyuan(s3_home, "backup", str(backups), "--verify", "--json"))
    assert report["left_out"] == ["TIANYUAN_S3_ACCESS_KEY", "TIANYUAN_S3_SECRET_KEY"]
    assert report["missing"] == report["damaged"] == 0
    settings = read_settings(home=str(s3_home))
    rows = listed_objects(Path(report["backup"]))
    assert {(row["store"], row["bucket"]) for row in rows} == {
        ("s3", f"{settings.s3_bucket_prefix}-originals"), ("s3", f"{settings.s3_bucket_prefix}-derivatives"),
    }  # fmt: skip
    for path in Path(report["backup"]).iterdir():
        assert ADMIN[1].encode() not in path.read_bytes()
    shutil.rmtree(s3_home)
    assert "TIANYUAN_S3_ACCESS_KEY" in refusal(tianyuan(s3_home, "restore", str(backups)))
    assert not s3_home.exists()
    keys = {"TIANYUAN_S3_ACCESS_KEY": ADMIN[0], "TIANYUAN_S3_SECRET_KEY": ADMIN[1]}
    assert tianyuan(s3_home, "restore", str(backups), **keys).exit_code == 0
    assert (s3_home / "tianyuan.toml").read_text("utf-8").count(settings.s3_bucket_prefix) == 1
    assert json_output(tianyuan(s3_home, "storage", "sweep", "--json", **keys))["missing"] == 0


@pytest.mark.server
def test_objects_that_are_gone_from_s3_are_named_and_come_back_from_copies(
    s3_home: Path, backups: Path, tmp_path: Path
) -> None:
    backup = make_backup(s3_home, backups, "--objects")
    opened = open_library_at(s3_home, read_settings(home=str(s3_home)))
    gone = [stored.key for stored in opened.store.list("originals/")][:2]
    for key in gone:
        opened.store.delete(key)
    opened.database.engine.dispose()
    (s3_home / "library.db").unlink()
    alone = shutil.copytree(backup, tmp_path / "alone")  # without the copies of objects
    result = tianyuan(s3_home, "restore", str(alone), "--json")
    assert result.exit_code == 3
    assert {(finding["state"], finding["key"]) for finding in json_output(result)["findings"]} == {
        ("missing", key) for key in gone
    }
    restored = json_output(tianyuan(s3_home, "restore", str(backups), "--replace", "--json"))
    assert (restored["copied"], restored["missing"]) == (2, 0)
