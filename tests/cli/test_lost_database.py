"""A database that is gone or empty is never taken for a new library, and a first start is never refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from library_server.catalogue.batches import repository
from library_server.catalogue.database_creation import make_database
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries
from library_server.cli import main
from library_server.database.errors import DatabaseLost
from library_server.library import open_library
from library_server.settings import read_settings
from storage_config.stores.factory import open_store
from tests.factories.stories import stories
from tests.support.libraries import ingest, open_library_at, settings_for
from tests.support.power_cuts import run_killed_after
from tests.support.servers.postgresql_server import PostgreSQLServer
from tests.support.servers.serving import serving


@pytest.fixture(params=["filesystem", "s3"])
def used(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The home of a library with three originals, closed."""
    settings = settings_for(request.param, tmp_path / "home", request)
    opened = open_library_at(settings.home, settings)
    assert ingest(opened, stories(tmp_path / "stories", 3)).added == 3
    opened.database.engine.dispose()
    return settings.home


def lose(home: Path) -> None:
    for path in home.glob("library.db*"):
        path.unlink()


def truncate(home: Path) -> None:
    lose(home)
    (home / "library.db").touch()


def begin_empty(home: Path) -> None:
    """Put an empty database in place of the lost one, as earlier versions did without an error."""
    lose(home)
    opened = open_library(read_settings(home=str(home)), new_database="tests")
    with opened.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM batches")
    opened.database.engine.dispose()


@pytest.mark.parametrize("harm", [lose, truncate, begin_empty])
@pytest.mark.slow
def test_every_command_refuses_and_says_what_to_do(harm: Callable[[Path], None], used: Path, tmp_path: Path) -> None:
    harm(used)
    before = sorted(path.name for path in used.glob("library.db*"))
    for words in (["ingest", str(tmp_path / "stories")], ["batches"], ["storage", "sweep", "--delete"], ["worker"]):
        result = CliRunner().invoke(main, words, env={"TIANYUAN_HOME": str(used)})
        assert result.exit_code == 1
        assert "备份" in result.stderr
        assert "--new-database" in result.stderr
        if harm is not begin_empty:
            assert sorted(path.name for path in used.glob("library.db*")) == before
    assert len(stored_originals(used)) == 3


def stored_originals(home: Path) -> list[str]:
    return [stored.key for stored in open_store(read_settings(home=str(home))).list("originals/")]


@pytest.mark.parametrize("harm", [lose, truncate, begin_empty])
@pytest.mark.slow
def test_the_option_new_database_starts_an_empty_catalogue(
    harm: Callable[[Path], None], used: Path, tmp_path: Path
) -> None:
    harm(used)
    command = ["ingest", str(tmp_path / "stories"), "--new-database"]
    result = CliRunner().invoke(main, command, env={"TIANYUAN_HOME": str(used)})
    assert result.exit_code == 0, result.output
    opened = open_library_at(used)  # no option is needed from now on
    with opened.database.reading() as session:
        assert queries.count_published(session) == 3
        noted = [batch.options for batch in repository.list_batches(session) if not batch.sources]
    assert noted == [{"new_database": True}]
    opened.database.engine.dispose()
    said_again = CliRunner().invoke(main, command, env={"TIANYUAN_HOME": str(used)})
    assert said_again.exit_code == 0
    opened = open_library_at(used)
    with opened.database.reading() as session:
        assert len(repository.list_batches(session)) == 3  # no catalogue was started a second time
    opened.database.engine.dispose()


@pytest.mark.parametrize("harm", [lose, truncate])
def test_logs_of_a_lost_database_are_set_aside_and_never_replayed(harm: Callable[[Path], None], tmp_path: Path) -> None:
    harm(tmp_path)
    for name in ("library.db-wal", "library.db-shm"):
        (tmp_path / name).write_bytes(name.encode())
    make_database(read_settings(home=str(tmp_path)))
    assert not list(tmp_path.glob("library.db-*[lm]"))
    contents = sorted(path.read_bytes() for path in tmp_path.glob("library.db-*.lost-*"))
    assert contents == [b"library.db-shm", b"library.db-wal"]


@pytest.mark.long
def test_serve_refuses_until_it_is_told_and_then_serves(used: Path) -> None:
    lose(used)
    command = [sys.executable, "-m", "library_server.cli", "serve", "--port", "1"]
    environment = {**os.environ, "TIANYUAN_HOME": str(used)}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.count("错误：") == 1
    assert not (used / "library.db").exists()
    with serving(used, "--workers", "2", "--new-database"):
        pass
    with serving(used, "--workers", "2"):
        pass


@pytest.mark.slow
def test_a_lost_database_of_a_catalogue_without_files_is_noticed_by_its_index(library_home: Path) -> None:
    opened = open_library_at(library_home)
    with opened.database.writing() as session:
        commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="只有纸本"))
    opened.indexer.catch_up()
    opened.database.engine.dispose()
    lose(library_home)
    with pytest.raises(DatabaseLost, match="missing"):
        open_library_at(library_home)


@pytest.mark.slow
def test_the_database_of_another_library_is_refused(used: Path, postgresql_server: PostgreSQLServer) -> None:
    for url in (postgresql_server.empty_database(), postgresql_server.new_database()):
        environment = {"TIANYUAN_HOME": str(used), "TIANYUAN_DATABASE_URL": url}
        result = CliRunner().invoke(main, ["batches"], env=environment)
        assert result.exit_code == 1
        assert "--new-database" in result.stderr


@pytest.mark.long
def test_a_first_start_that_is_killed_at_any_moment_can_be_repeated(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    command = [sys.executable, "-m", "library_server.cli", "batches"]
    for number in range(6):
        run_killed_after(0.3 + number * 0.12, command, environment)
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert (home / "library.db").stat().st_mode & 0o077 == 0
        lose(home)


@pytest.mark.long
def test_processes_that_make_the_first_database_at_once_share_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    stories(tmp_path / "stories", 8)
    command = [sys.executable, "-m", "library_server.cli", "ingest"]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    sources = sorted((tmp_path / "stories").iterdir())
    children = [subprocess.Popen([*command, str(path)], env=environment, **quiet) for path in sources]
    for child in children:
        _, err = child.communicate(timeout=120)
        assert child.returncode == 0, err.decode()
    opened = open_library_at(home)
    with opened.database.reading() as session:
        assert queries.count_published(session) == 8
        assert len(repository.list_batches(session)) == 8
    opened.database.engine.dispose()
    assert [path.name for path in home.glob(".library.db*")] == [".library.db.lock"]
