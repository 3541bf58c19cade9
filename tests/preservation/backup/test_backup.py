"""A backup is complete, consistent and private, or it is not there."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from library_server.database.engine import Database
from library_server.preservation.backup import folders
from library_server.preservation.backup.snapshot import PAGES_AT_ONCE, take_snapshot
from tests.factories.stories import STORIES, stories
from tests.preservation.backup.backups import listed_objects, make_backup, original_files
from tests.support.commands import json_output, refusal, run_killed_at, tianyuan
from tests.support.libraries import ingest, open_library_at

FILES = {"library.db", "manifest.json", "objects.csv.gz", "secret_key", "SHA256SUMS", "tianyuan.toml"}


@pytest.mark.slow
def test_database_settings_key_and_a_list_of_every_object(home: Path, backups: Path) -> None:
    (home / "tianyuan.toml").write_text('# of the district\nbase_url = "https://library.example"\n', encoding="utf-8")
    report = json_output(tianyuan(home, "backup", str(backups), "--json"))
    backup = Path(report["backup"])
    assert {path.name for path in backup.iterdir()} == FILES
    assert (report["records"], report["missing"], report["wrong_size"], report["findings"]) == (STORIES, 0, 0, [])
    stored = {path.relative_to(home / "objects").as_posix(): path for path in (home / "objects").rglob("*")
              if path.is_file() and "staging" not in path.parts}  # fmt: skip
    rows = listed_objects(backup)
    assert {row["key"] for row in rows} == set(stored)
    assert report["objects"] == len(rows)
    assert report["object_bytes"] == sum(int(row["bytes"]) for row in rows)
    for row in rows:
        data = stored[row["key"]].read_bytes()
        assert (row["store"], row["bucket"], row["state"]) == ("filesystem", "", "there")
        assert (int(row["bytes"]), row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (backup / "secret_key").read_bytes() == (home / "secret_key").read_bytes()
    assert (backup / "tianyuan.toml").read_text("utf-8") == (home / "tianyuan.toml").read_text("utf-8")
    with closing(sqlite3.connect(backup / "library.db")) as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (STORIES,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@pytest.mark.slow
def test_the_sums_are_those_that_sha256sum_takes(home: Path, backups: Path) -> None:
    backup = make_backup(home, backups)
    result = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=backup, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == len(FILES) - 1
    files = json.loads((backup / "manifest.json").read_text("utf-8"))["files"]
    assert {file["name"] for file in files} == FILES - {"manifest.json", "SHA256SUMS"}


@pytest.mark.slow
def test_only_its_owner_may_read_it(home: Path, backups: Path) -> None:
    umask = os.umask(0)
    try:
        backup = make_backup(home, backups, "--objects")
    finally:
        os.umask(umask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in backup.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (backups, backup, backups / "objects")} == {0o700}


@pytest.mark.slow
def test_no_password_is_in_any_file(home: Path, backups: Path) -> None:
    (home / "tianyuan.toml").write_text(
        f'other_s3_access_key = "in-the-file-1"\nother_s3_secret_key = "in-the-file-2"\nreplica = "{home.parent}"\n'
        'secret_key = "0123456789abcdefghijklmnopqrstuvwxyz"\n', encoding="utf-8",
    )  # fmt: skip
    (home / "secret_key").unlink()
    environment = {"TIANYUAN_S3_ACCESS_KEY": "around-1", "TIANYUAN_S3_SECRET_KEY": "around-2",
                   "TIANYUAN_BASE_URL": "https://library.example"}  # fmt: skip
    result = tianyuan(home, "backup", str(backups), **environment)
    assert result.exit_code == 0, result.output
    for name in ("OTHER_S3_ACCESS_KEY", "OTHER_S3_SECRET_KEY", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert f"TIANYUAN_{name}" in result.output
    backup = folders.complete_backups(backups)[0]
    for path in backup.iterdir():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for secret in (b"in-the-file-1", b"in-the-file-2", b"around-1", b"around-2"):
            assert secret not in data, path
        assert path.name == "secret_key" or b"0123456789abcdef" not in data, path
    assert (backup / "secret_key").read_text() == "0123456789abcdefghijklmnopqrstuvwxyz"
    assert "replica" in (backup / "tianyuan.toml").read_text("utf-8")
    environment = json.loads((backup / "manifest.json").read_text("utf-8"))["environment"]
    assert environment == {"base_url": "https://library.example"}


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("sqlite:////srv/library.db", True),
        ("postgresql://tianyuan@db/library", True),
        ("postgresql://tianyuan:secret@db/library", False),
        ("postgresql://db/library?user=tianyuan&password=secret", False),
    ],
)
def test_an_address_with_a_password_is_left_out(url: str, is_kept: bool) -> None:
    from library_server.preservation.backup.kept_settings import without_passwords

    text, left_out = without_passwords(f'database_url = "{url}"\nproxies = 1\n')
    assert ("database_url" in text, left_out) == (is_kept, () if is_kept else ("database_url",))
    assert "proxies = 1" in text


@pytest.mark.slow
def test_every_run_makes_a_folder_of_its_own_and_keeps_the_others(home: Path, backups: Path) -> None:
    first = make_backup(home, backups)
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    second, third = make_backup(home, backups), make_backup(home, backups)
    assert folders.complete_backups(backups) == [first, second, third]
    assert {path.name: path.read_bytes() for path in first.iterdir()} == before
    report = json_output(tianyuan(home, "backup", str(backups), "--keep", "2", "--json"))
    assert report["removed"] == [str(first), str(second)]
    assert folders.complete_backups(backups) == [third, Path(report["backup"])]


def test_backups_of_one_second_are_in_their_order(tmp_path: Path) -> None:
    names = ["20261126T190640Z", "20261126T190640Z-2", "20261126T190640Z-10", "20261127T000000Z"]
    for name in (*reversed(names), "objects", "20261126T190641Z-partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    assert [path.name for path in folders.complete_backups(tmp_path)] == names


@pytest.mark.slow
def test_objects_that_are_not_as_the_database_says_are_named(home: Path, backups: Path) -> None:
    gone, shorter, changed = original_files(home)[:3]
    gone.unlink()
    shorter.write_bytes(shorter.read_bytes()[:-1])
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    result = tianyuan(home, "backup", str(backups), "--json")
    assert result.exit_code == 3
    report = json_output(result)
    assert {(finding["state"], Path(finding["key"]).name) for finding in report["findings"]} == {
        ("missing", gone.name), ("wrong_size", shorter.name),
    }  # fmt: skip
    read = tianyuan(home, "backup", str(backups), "--verify")
    assert read.exit_code == 3
    assert f"damaged  originals/{changed.name[:2]}" in read.stdout
    assert "tianyuan storage scrub" in read.stdout
    states = {Path(row["key"]).name: row["state"] for row in listed_objects(folders.complete_backups(backups)[-1])}
    assert (states[gone.name], states[shorter.name], states[changed.name]) == ("missing", "wrong_size", "damaged")


@pytest.mark.slow
def test_objects_are_copied_once(home: Path, backups: Path, tmp_path: Path) -> None:
    first = json_output(tianyuan(home, "backup", str(backups), "--objects", "--json"))
    assert first["copied"] == first["objects"]
    opened = open_library_at(home)
    assert ingest(opened, stories(tmp_path / "more", 1, first=70), kind="story").added == 1
    opened.database.engine.dispose()
    second = json_output(tianyuan(home, "backup", str(backups), "--objects", "--json"))
    assert second["copied"] == second["objects"] - first["objects"]
    for path in original_files(home):
        copy = backups / "objects" / path.relative_to(home / "objects")
        assert copy.read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_places_where_no_backup_is_made(home: Path, backups: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home)
    (tmp_path / "letter").write_text("not a folder")
    for place in (home, home / "backups", tmp_path / "link" / "backups"):
        assert "数据文件夹" in refusal(tianyuan(home, "backup", str(place)))
    assert "不是文件夹" in refusal(tianyuan(home, "backup", str(tmp_path / "letter")))
    assert "TIANYUAN_HOME" in refusal(tianyuan(tmp_path / "nowhere", "backup", str(backups)))
    assert not backups.exists()
    backups.mkdir()
    with folders.lock_folder(backups):
        assert "正在进行" in refusal(tianyuan(home, "backup", str(backups)))
    (home / "library.db").write_bytes(b"this is a letter to the library. " * 200)
    assert "坏了" in refusal(tianyuan(home, "backup", str(backups)))
    assert list(backups.iterdir()) == []


def test_an_error_within_the_lock_is_not_reported_as_another_backup(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), folders.lock_folder(tmp_path):
        raise BlockingIOError("a pipe is full")


@pytest.mark.slow
def test_a_disk_without_room_is_refused_before_anything_is_written(home: Path, backups: Path) -> None:
    backups.mkdir()
    script = (
        'mount -t tmpfs -o size=8m tmpfs "$1"; "$2" -m library_server.cli backup "$1"; code=$?; ls -A "$1"; exit $code'
    )
    inside = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    command = [*inside, "sh", "-c", script, "sh", str(backups), sys.executable]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, ""), result.stderr
    assert result.stderr.startswith("错误：磁盘放不下")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("point", ["creation:write_object_list", "creation:write_manifest", "creation:folders.publish",
                                   "object_list:os.fsync"])  # fmt: skip
@pytest.mark.long
def test_a_kill_leaves_the_last_good_backup(point: str, home: Path, backups: Path) -> None:
    good = make_backup(home, backups)
    before = {path.name: path.read_bytes() for path in good.iterdir()}
    run_killed_at(f"library_server.preservation.backup.{point}", home, "backup", str(backups))
    assert folders.complete_backups(backups) == [good]
    assert {path.name: path.read_bytes() for path in good.iterdir()} == before
    assert len(list(backups.glob(".*-partial"))) == 1
    again = make_backup(home, backups)
    assert sorted(backups.iterdir()) == [good, again]


@pytest.fixture
def pairs(tmp_path: Path) -> Iterator[Path]:
    """A database of many pages to which another process adds rows by twos, and never stops."""
    path = tmp_path / "pairs.db"
    shutil.copy(_empty_database(tmp_path / "empty"), path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE pairs (number INTEGER PRIMARY KEY, filler BLOB)")
        connection.executemany("INSERT INTO pairs (filler) VALUES (zeroblob(4000))", [()] * 2 * PAGES_AT_ONCE)
        connection.commit()
    program = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
while True:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO pairs (filler) VALUES (zeroblob(4000))")
    connection.execute("INSERT INTO pairs (filler) VALUES (zeroblob(4000))")
    connection.execute("COMMIT")
"""
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)])
    while rows_in(path) == 2 * PAGES_AT_ONCE:
        assert writer.poll() is None
    yield path
    assert writer.poll() is None
    writer.kill()
    writer.wait()


def rows_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM pairs").fetchone()[0]
        return count


def _empty_database(home: Path) -> Path:
    open_library_at(home).database.engine.dispose()
    return home / "library.db"


@pytest.mark.slow
def test_a_snapshot_is_of_one_moment_although_another_process_writes(pairs: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{pairs}")
    for number in range(3):
        snapshot = tmp_path / f"snapshot-{number}"
        take_snapshot(database, snapshot, threading.Event())
        assert rows_in(snapshot) > 2 * PAGES_AT_ONCE
        assert rows_in(snapshot) % 2 == 0
        with closing(sqlite3.connect(snapshot)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.engine.dispose()
