"""A database, disk or home that cannot be used ends every command with one sentence and exit code 1."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from library_server.catalogue.batches import repository
from library_server.catalogue.enums import BatchState
from library_server.cli import main
from tests.factories.stories import stories
from tests.support.libraries import open_library_at
from tests.support.servers.postgresql_server import PASSWORD, PostgreSQLServer
from tests.support.servers.serving import free_port

SECRET = "sesame-open-0123456789"
COMMANDS = [
    ["ingest", "{source}"],
    ["ingest", "{source}", "--dry-run", "--json"],
    ["batches"],
    ["retry", "nothing"],
    ["same"],
    ["history", "nothing"],
    ["machine"],
    ["export", "--format", "csv"],
    ["search", "栗雨"],
    ["index", "status"],
    ["index", "verify"],
    ["index", "rebuild"],
    ["storage", "usage"],
    ["storage", "sweep", "--json"],
    ["storage", "scrub"],
    ["storage", "trim"],
    ["storage", "history", "nothing"],
    ["storage", "copy", "--from", "filesystem", "--to", "{target}"],
    ["backup", "{target}"],
    ["worker"],
    ["demo"],
]

WRITING = [words for words in COMMANDS if words[:2] in (
    ["ingest", "{source}"], ["batches"], ["index", "rebuild"], ["storage", "usage"], ["storage", "scrub"], ["demo"],
)]  # fmt: skip


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library that was used and closed."""
    folder = tmp_path_factory.mktemp("used")
    home = folder / "home"
    result = run(home, "ingest", str(stories(folder / "stories", 3)), "--wait")
    assert result.returncode == 0, result.stderr
    return home


@pytest.fixture
def home(used_home: Path, tmp_path: Path) -> Path:
    """A copy of `used_home` that the test may damage."""
    return Path(shutil.copytree(used_home, tmp_path / "home"))


def run(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "library_server.cli", *words]
    environment = {**os.environ, "TIANYUAN_HOME": str(home), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def invoke(words: list[str], home: Path, **variables: str) -> Result:
    source, target = home.with_name("source"), home.with_name("target")
    stories(source, 1)
    filled = [word.format(source=source, target=target) for word in words]
    return CliRunner().invoke(main, filled, env={"TIANYUAN_HOME": str(home), **variables})


def error_line(result: Result) -> str:
    """The sentence of a command that failed as it should: one line, in both languages, and nothing else."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("错误：")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.output
    assert any("一" <= letter <= "鿿" for letter in lines[0])
    assert result.stdout == ""
    return lines[0]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.slow
def test_a_file_that_is_no_database(words: list[str], home: Path) -> None:
    (home / "library.db").write_bytes(b"this is a letter to the library, and no database at all. " * 200)
    sentence = error_line(invoke(words, home))
    assert "备份" in sentence
    assert str(home / "library.db") in sentence


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.slow
def test_a_database_that_is_damaged(words: list[str], home: Path) -> None:
    path = home / "library.db"
    with path.open("r+b") as writing:
        writing.seek(4096)
        writing.write(os.urandom(path.stat().st_size - 4096))
    assert "备份" in error_line(invoke(words, home))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.slow
def test_a_database_that_a_newer_version_has_written(words: list[str], home: Path) -> None:
    with sqlite3.connect(home / "library.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "升级" in error_line(invoke(words, home))


@pytest.mark.parametrize("words", [["batches"], ["ingest", "{source}"], ["worker"]], ids=lambda words: str(words[0]))
@pytest.mark.parametrize(
    ("url", "part"),
    [
        (f"postgresql://tianyuan:{SECRET}@127.0.0.1:{free_port()}/library", "连不上"),
        (f"postgres://tianyuan:{SECRET}@nowhere.invalid/library", "连不上"),
        (f"postgresql://127.0.0.1/library?user=tianyuan&password={SECRET}&no_such_option=1", "选项"),
        (f"mysql://tianyuan:{SECRET}@127.0.0.1/library", "TIANYUAN_DATABASE_URL"),
        (f"postgresql+nonsense://tianyuan:{SECRET}@127.0.0.1/library", "TIANYUAN_DATABASE_URL"),
        (f"postgresql://tianyuan:{SECRET}@127.0.0.1:port/library", "TIANYUAN_DATABASE_URL"),
        (f"tianyuan:{SECRET}@127.0.0.1/library", "TIANYUAN_DATABASE_URL"),
        (f"postgresql://127.0.0.1/library?password={SECRET}", "TIANYUAN_DATABASE_URL"),
        ("sqlite://", "TIANYUAN_DATABASE_URL"),
        ("", "TIANYUAN_DATABASE_URL"),
    ],
    ids=["refused", "no host", "option", "mysql", "driver", "port", "no scheme", "no user", "memory", "empty"],
)
@pytest.mark.slow
def test_an_address_that_leads_to_no_database(words: list[str], url: str, part: str, home: Path) -> None:
    result = invoke(words, home, TIANYUAN_DATABASE_URL=url)
    assert part in error_line(result)
    assert SECRET not in result.output


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.slow
def test_a_database_server_that_does_not_answer(words: list[str], home: Path) -> None:
    url = f"postgresql://tianyuan:{SECRET}@127.0.0.1:{free_port()}/library"
    result = invoke(words, home, TIANYUAN_DATABASE_URL=url)
    assert "连不上" in error_line(result)
    assert SECRET not in result.output


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
@pytest.mark.slow
def test_a_home_that_is_a_file(words: list[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not a folder")
    assert "TIANYUAN_HOME" in error_line(invoke(words, home))


READ_ONLY = """
mount --bind {home} {home} && mount -o remount,bind,ro {home}
exec "$@"
"""


@pytest.mark.parametrize("words", WRITING, ids=lambda words: " ".join(words[:2]))
@pytest.mark.long
def test_a_home_on_a_disk_that_cannot_be_written(words: list[str], home: Path) -> None:
    source = stories(home.with_name("source"), 1)
    filled = [word.format(source=source, target=home.with_name("target")) for word in words]
    result = in_namespace(READ_ONLY.format(home=home), home, *filled)
    assert "Traceback" not in result.stderr
    if result.returncode:
        assert result.returncode == 1
        assert result.stderr.count("错误：") == 1


@pytest.mark.parametrize("words", [["ingest", "{source}"], ["serve"], ["worker"]], ids=lambda words: str(words[0]))
@pytest.mark.long
def test_commands_that_write_report_a_read_only_disk(words: list[str], home: Path) -> None:
    source = stories(home.with_name("source"), 1, first=70)
    result = in_namespace(READ_ONLY.format(home=home), home, *[word.format(source=source) for word in words])
    assert result.returncode == 1, result.stderr
    assert "只能读" in result.stderr
    assert "Traceback" not in result.stderr


FULL = """
mount -t tmpfs -o size=1500k tmpfs {home}
cp -a {used}/. {home}/
dd if=/dev/zero of={home}/ballast bs=4k 2>/dev/null || true
exec "$@"
"""


@pytest.mark.parametrize("words", WRITING, ids=lambda words: " ".join(words[:2]))
@pytest.mark.long
def test_a_home_on_a_disk_that_is_full(words: list[str], home: Path, used_home: Path) -> None:
    source = stories(home.with_name("source"), 1, first=70)
    filled = [word.format(source=source, target=home.with_name("target")) for word in words]
    result = in_namespace(FULL.format(home=home, used=used_home), home, *filled, seconds=20)
    assert "Traceback" not in result.stderr
    if result.returncode not in {0, 124}:  # a worker does not end but tries again
        assert result.returncode == 1, result.stderr
        assert result.stderr.count("错误：") == 1


def in_namespace(script: str, home: Path, *words: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    """Run a command where its home lies on a file system of its own."""
    command = ["timeout", "-s", "INT", str(seconds), sys.executable, "-m", "library_server.cli", *words]
    inside = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-ec", script, "sh"]
    environment = {**os.environ, "TIANYUAN_HOME": str(home), "TIANYUAN_DISK_RESERVE": "0"}
    return subprocess.run([*inside, *command], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("words", [["batches"], ["ingest", "{source}"], ["serve", "--port", str(free_port())]],
                         ids=["batches", "ingest", "serve"])  # fmt: skip
def test_postgresql_that_refuses_the_connection(
    words: list[str], postgresql_server: PostgreSQLServer, tmp_path: Path
) -> None:
    source = str(stories(tmp_path / "source", 1))
    filled = [word.format(source=source) for word in words]
    good = postgresql_server.empty_database()
    latin = postgresql_server.empty_database(
        ENCODING="'LATIN1'", TEMPLATE="template0", LOCALE_PROVIDER="libc", LOCALE="'C'"
    )
    name = good.rpartition("/")[2]
    theirs = f"theirs_{words[0]}"  # only its owner may make tables there, as in PostgreSQL since version 15
    postgresql_server.execute(f"CREATE DATABASE {theirs}")
    for url, part in (
        (postgresql_server.url(name, SECRET), "账号"),
        (postgresql_server.url("no_such_database"), "createdb"),
        (postgresql_server.url(theirs), "权限"),
        (latin, "UTF8"),
    ):
        result = run(tmp_path / "home", *filled, TIANYUAN_DATABASE_URL=url)
        assert result.returncode == 1, result.stdout
        assert part in result.stderr
        assert result.stderr.count("错误：") == 1
        assert "Traceback" not in result.stderr
        for secret in (SECRET, PASSWORD, "p%40ss"):
            assert secret not in result.stderr + result.stdout


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQLServer]:
    """A server that the test may stop."""
    running = PostgreSQLServer()
    yield running
    running.remove()


@pytest.mark.long
def test_postgresql_that_stops_during_an_ingest(own_postgresql: PostgreSQLServer, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    url = own_postgresql.new_database()
    (home / "tianyuan.toml").write_text(f'database_url = "{url}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(stories(tmp_path / "source", 400)), "--json"]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list((home / "objects").glob("originals/*/*/*")):
        assert child.poll() is None
        time.sleep(0.02)
    own_postgresql.stop(signal.SIGQUIT)
    _, err = child.communicate(timeout=120)
    assert child.returncode == 1, err
    assert "Traceback" not in err
    assert "连不上" in err
    assert "收进来的都在" in err
    own_postgresql.start()
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["rejected"] == 0
    library = open_library_at(home)
    with library.database.reading() as session:
        states = [batch.state for batch in repository.list_batches(session)]
    assert states == [BatchState.FINISHED, BatchState.INTERRUPTED]
    library.database.engine.dispose()
