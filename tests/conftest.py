"""Shared ground: a library in a temporary home, a folder of real small files, a running server, a browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.pipeline.results import IngestReport
from ingest_tools.sample import make_sample
from library_server.app import create_app
from library_server.library import Library, open_library
from library_server.preservation.deletion import Candidates, delete_unnamed
from library_server.preservation.reconciliation import SweepReport, sweep
from library_server.preservation.trash import today
from library_server.settings import Settings, read_settings
from storage_config.stores.base import StoredObject
from tests.postgresql_server import PostgreSQLServer
from tests.s3_server import S3Server
from tests.serving import serving
from tests.support.buffered_client import BufferedClient
from tests.support.kept_parsers import borrowed_parsers, close_parsers
from tests.support.new_database import put_new_database
from tests.support.shared_folder import made_once

Flask.test_client_class = BufferedClient

# `ci` draws the same examples each time, so that a commit is not blamed for another's luck; `soak` looks for new ones
hypothesis.settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
hypothesis.settings.register_profile("fast", max_examples=20, deadline=None, derandomize=True)
hypothesis.settings.register_profile("soak", max_examples=10_000, deadline=None, print_blob=True,
                                     suppress_health_check=list(hypothesis.HealthCheck))  # fmt: skip
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
ON_EVERY_DATABASE = {
    "tests.catalogue.test_records",
    "tests.ingest.test_bad_input",
    "tests.ingest.test_ingest",
    "tests.ingest.test_lists",
    "tests.ingest.test_marc",
    "tests.ingest.test_one_bad_entry",
    "tests.ingest.test_own_exports",
    "tests.ingest.test_queue",
    "tests.ingest.test_same",
    "tests.preservation.test_budget",
    "tests.preservation.test_usage",
    "tests.search.test_search",
}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TIANYUAN_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")  # commands answer in Chinese


def open_at(home: Path, settings: Settings | None = None) -> Library:
    (home / "scratch").mkdir(parents=True, exist_ok=True)
    settings = settings or read_settings(home=str(home))
    put_new_database(settings)
    return open_library(settings)


def take_in(library: Library, *sources: Path, **options: object) -> IngestReport:
    given = Options(**options)  # type: ignore[arg-type]
    with borrowed_parsers(given.workers) as parsers:
        run = Ingest(library.database, library.store, library.settings.home / "scratch", given, parsers)
        return run.run(list(sources))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A real PostgreSQL server for tests that do not stop it."""
    running = PostgreSQLServer()
    yield running
    running.remove()


def swept_of(library: Library) -> SweepReport:
    """What a sweep finds; nothing is deleted."""
    counts = SweepReport()
    for _ in sweep(library.database, library.store, counts):
        pass
    return counts


def delete_unnamed_of(library: Library, older_than: float = 0) -> int:
    """Delete what no row names, as an operator who typed the number; returns how many objects went."""
    with Candidates(library.settings.home / "scratch") as candidates:
        for found in sweep(library.database, library.store, SweepReport()):
            if isinstance(found, StoredObject) and found.modified <= time.time() - older_than:
                candidates.add(found.key)
        return delete_unnamed(library.database, library.store, candidates, today()).deleted


def killed_after(seconds: float, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command, and kill it as a power cut does if it is still running then."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()


SERVERS = frozenset({"browser", "postgresql_server", "s3_server", "server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a server of their own, or run on PostgreSQL."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        if SERVERS.intersection(names) or not {"postgresql", "s3"}.isdisjoint(filter(_is_text, parameters)):
            item.add_marker(pytest.mark.server)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the modules that must hold on every database run once on each."""
    if "library_home" in metafunc.fixturenames and metafunc.module.__name__ in ON_EVERY_DATABASE:
        metafunc.parametrize("library_home", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def library_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The home of a library that is opened first by the test; its settings name the database."""
    home = tmp_path / "home"
    home.mkdir()
    if getattr(request, "param", "sqlite") == "sqlite":
        yield home
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql_server")
    url = server.new_database()
    (home / "tianyuan.toml").write_text(f'database_url = "{url}"\n', encoding="utf-8")
    yield home
    server.drop(url)


@pytest.fixture
def library(library_home: Path) -> Iterator[Library]:
    opened = open_at(library_home)
    yield opened
    opened.database.engine.dispose()


@pytest.fixture
def client(library: Library) -> FlaskClient:
    return create_app(library).test_client()


@pytest.fixture(scope="session", autouse=True)
def _parsers() -> Iterator[None]:
    """End the children that read files for `take_in`."""
    yield
    close_parsers()


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "sample", make_sample)


@pytest.fixture(scope="session")
def sample_library(tmp_path_factory: pytest.TempPathFactory, sample_folder: Path) -> Iterator[Library]:
    """A library with the whole sample in it, a copy for each worker; tests only read it."""

    def make(home: Path) -> None:
        opened = open_at(home)
        report = take_in(opened, sample_folder)
        assert report.rejected == 0, report.rejections
        opened.indexer.catch_up()
        opened.database.engine.dispose()

    home = tmp_path_factory.mktemp("library") / "home"
    shutil.copytree(made_once(tmp_path_factory, "sample-library", make), home)
    opened = open_at(home)
    yield opened
    opened.database.engine.dispose()


@pytest.fixture(scope="session")
def sample_app(sample_library: Library) -> Flask:
    return create_app(sample_library)


@pytest.fixture
def sample(sample_app: Flask) -> FlaskClient:
    return sample_app.test_client()


@pytest.fixture(scope="session")
def server(sample_library: Library) -> Iterator[str]:
    """The real server over the sample, on a free port; gives its address."""
    with serving(sample_library.settings.home, "--workers", "1", "--no-jobs") as (address, _):
        yield address


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server for tests that do not stop it."""
    running = S3Server(tmp_path_factory.mktemp("s3") / "server")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[S3Server]:
    """A server that the test may kill."""
    running = S3Server(tmp_path / "server")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield opened
        opened.close()
