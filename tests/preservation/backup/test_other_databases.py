"""A backup holds the same rows whichever database it was made from, and goes into either."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import JSON, inspect, text

from library_server.database.engine import Database
from library_server.preservation.backup.snapshot import take_snapshot
from library_server.settings import read_settings
from tests.factories.stories import STORIES, stories
from tests.preservation.backup.backups import make_backup
from tests.support.commands import json_output, refusal, tianyuan
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.postgresql_server import PASSWORD, PostgreSQLServer

Rows = dict[str, list[tuple[str, ...]]]


@pytest.fixture
def url(postgresql_server: PostgreSQLServer) -> Iterator[str]:
    """A database with a schema and no rows."""
    address = postgresql_server.new_database()
    yield address
    postgresql_server.drop(address)


@pytest.fixture
def other_url(postgresql_server: PostgreSQLServer) -> Iterator[str]:
    """A database without a schema."""
    address = postgresql_server.empty_database()
    yield address
    postgresql_server.drop(address)


@pytest.fixture
def pg_home(tmp_path: Path, url: str) -> Path:
    """The home of a library in PostgreSQL, closed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "tianyuan.toml").write_text(f'# of the district\ndatabase_url = "{url}"\n', encoding="utf-8")
    opened = open_library_at(home)
    assert ingest(opened, stories(tmp_path / "stories"), kind="story").added == STORIES
    opened.indexer.catch_up()
    opened.database.engine.dispose()
    return home


def rows_of(address: str) -> Rows:
    """Every row of every table; JSON as the text that is stored."""
    database = Database(address)
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        rows: Rows = {}
        for name in inspector.get_table_names():
            columns = [f"CAST({column['name']} AS TEXT)" if isinstance(column["type"], JSON) else column["name"]
                       for column in inspector.get_columns(name)]  # fmt: skip
            result = connection.execute(text(f"SELECT {', '.join(columns)} FROM {name}"))
            rows[name] = sorted(tuple(map(_plain, row)) for row in result)
    database.engine.dispose()
    return rows


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return str(value).removesuffix("+00:00").removesuffix(".000000")


def sqlite_address(home: Path) -> str:
    return f"sqlite:///{home / 'library.db'}"


def test_from_postgresql_to_an_empty_database_of_it(pg_home: Path, url: str, other_url: str, backups: Path) -> None:
    report = json_output(tianyuan(pg_home, "backup", str(backups), "--objects", "--json"))
    assert report["left_out"] == ["TIANYUAN_DATABASE_URL"]
    assert (report["records"], report["missing"]) == (STORIES, 0)
    for path in Path(report["backup"]).iterdir():
        assert PASSWORD.encode() not in path.read_bytes()
        assert url.partition("@")[0].encode() not in path.read_bytes()
    shutil.rmtree(pg_home)
    assert "TIANYUAN_DATABASE_URL" in refusal(tianyuan(pg_home, "restore", str(backups)))
    assert not pg_home.exists()
    environment = {"TIANYUAN_DATABASE_URL": other_url}
    restored = json_output(tianyuan(pg_home, "restore", str(backups), "--json", **environment))
    assert (restored["missing"], restored["aside"]) == (0, [])
    assert rows_of(other_url) == rows_of(url)
    assert "# of the district" in (pg_home / "tianyuan.toml").read_text("utf-8")
    assert json_output(tianyuan(pg_home, "index", "verify", "--json", **environment))["agrees"]


def test_numbering_goes_on_after_what_was_restored(
    pg_home: Path, other_url: str, backups: Path, tmp_path: Path
) -> None:
    make_backup(pg_home, backups)
    (pg_home / "tianyuan.toml").write_text(f'database_url = "{other_url}"\n', encoding="utf-8")
    assert tianyuan(pg_home, "restore", str(backups)).exit_code == 0
    opened = open_library_at(pg_home, read_settings(home=str(pg_home)))
    assert ingest(opened, tmp_path / "stories", kind="story").unchanged == STORIES
    report = ingest(opened, stories(tmp_path / "more", 3, first=70), kind="story")
    assert (report.added, report.rejected) == (3, 0)
    opened.database.engine.dispose()


def test_replacing_sets_the_tables_aside(pg_home: Path, url: str, backups: Path, tmp_path: Path) -> None:
    make_backup(pg_home, backups)
    opened = open_library_at(pg_home)
    assert ingest(opened, stories(tmp_path / "more", 2, first=70), kind="story").added == 2
    with opened.database.reading() as session:
        session.execute(text("SELECT 1"))
        assert "tianyuan serve" in refusal(tianyuan(pg_home, "restore", str(backups), "--replace"))
    opened.database.engine.dispose()
    before = rows_of(url)
    assert "--replace" in refusal(tianyuan(pg_home, "restore", str(backups)))
    report = json_output(tianyuan(pg_home, "restore", str(backups), "--replace", "--json"))
    assert len(rows_of(url)["records"]) == STORIES
    (schema,) = report["aside"]
    database = Database(url)
    with database.engine.connect() as connection:
        count = connection.scalar(text(f"SELECT count(*) FROM {schema}.records"))
    database.engine.dispose()
    assert count == len(before["records"]) == STORIES + 2


@pytest.mark.long
def test_a_failure_leaves_the_server_as_it_was(
    pg_home: Path, url: str, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(pg_home, backups)
    before = rows_of(url)

    def fail(*_: object) -> None:
        raise OSError("the cable was pulled")

    with monkeypatch.context() as patching:
        patching.setattr("library_server.preservation.backup.row_copy._set_sequences", fail)
        assert "the cable was pulled" in refusal(tianyuan(pg_home, "restore", str(backups), "--replace"))
    assert rows_of(url) == before
    assert tianyuan(pg_home, "restore", str(backups)).exit_code == 0
    assert rows_of(url) == before


@pytest.mark.long
def test_from_sqlite_to_postgresql_and_back(home: Path, other_url: str, backups: Path, tmp_path: Path) -> None:
    before = rows_of(sqlite_address(home))
    make_backup(home, backups, "--objects")
    shutil.rmtree(home)
    environment = {"TIANYUAN_DATABASE_URL": other_url}
    assert tianyuan(home, "restore", str(backups), **environment).exit_code == 0
    assert rows_of(other_url) == before
    returned = tmp_path / "returned"
    assert tianyuan(home, "backup", str(returned), "--objects", **environment).exit_code == 0
    shutil.rmtree(home)
    address = sqlite_address(home)
    assert tianyuan(home, "restore", str(returned), TIANYUAN_DATABASE_URL=address).exit_code == 0
    assert rows_of(address) == before
    assert json_output(tianyuan(home, "index", "verify", "--json"))["agrees"]


@pytest.mark.long
def test_a_snapshot_is_of_one_moment_although_others_write(url: str, tmp_path: Path) -> None:
    """Batches are added by twos; the second table that is read shows no more than the first."""
    program = """
import sys
from sqlalchemy import text
from library_server.database.engine import Database
database, number = Database(sys.argv[1]), 0
while True:
    with database.writing() as session:
        for _ in range(2):
            number += 1
            values = {"id": f"b{number}"}
            session.execute(text("INSERT INTO batches (id, sources, options, actor, state, started_at)"
                                 " VALUES (:id, '[]', '{}', '', 'finished', now())"), values)
            session.execute(text("INSERT INTO entries (id, batch_id, path, fingerprint, size, state)"
                                 " VALUES (:id, :id, '', '', 0, 'added')"), values)
"""
    writer = subprocess.Popen([sys.executable, "-c", program, url])
    try:
        database = Database(url)
        while not len(rows_of(url)["batches"]):
            assert writer.poll() is None
        for number in range(3):
            take_snapshot(database, tmp_path / f"snapshot-{number}", threading.Event())
            rows = rows_of(f"sqlite:///{tmp_path}/snapshot-{number}")
            assert len(rows["batches"]) == len(rows["entries"]) > 0
            assert len(rows["batches"]) % 2 == 0
        database.engine.dispose()
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
