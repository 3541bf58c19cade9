"""Shared ground: a library in a temporary home, a folder of real small files, a running server, a browser."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, expect, sync_playwright

import ingest_tools.sample
from ingest_tools.sample import make_sample
from library_server.app import create_app
from library_server.desk.auth import COOKIE, DeskAuth
from library_server.library import Library
from tests.support.buffered_client import BufferedClient
from tests.support.kept_parsers import close_parsers
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.chromium import ARGUMENTS, CHROMIUM
from tests.support.servers.postgresql_server import PostgreSQLServer
from tests.support.servers.s3_server import S3Server
from tests.support.servers.serving import serving
from tests.support.shared_folder import make_once, run_folder

Flask.test_client_class = BufferedClient
expect.set_options(timeout=20_000)  # on a busy machine pages take longer than Playwright's five seconds

# `ci` draws the same examples each time, so that a commit is not blamed for another's luck; `soak` looks for new ones
hypothesis.settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
hypothesis.settings.register_profile("fast", max_examples=20, deadline=None, derandomize=True)
hypothesis.settings.register_profile("soak", max_examples=10_000, deadline=None, print_blob=True,
                                     suppress_health_check=list(hypothesis.HealthCheck))  # fmt: skip
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
ON_EVERY_DATABASE = {
    "tests.catalogue.test_records",
    "tests.ingest_tools.formats.test_bad_input",
    "tests.ingest_tools.pipeline.test_ingest",
    "tests.ingest_tools.pipeline.test_marc",
    "tests.ingest_tools.pipeline.test_one_bad_entry",
    "tests.ingest_tools.pipeline.known_records.test_own_exports",
    "tests.jobs.test_queue",
    "tests.ingest_tools.pipeline.known_records.test_same",
    "tests.preservation.test_budget",
    "tests.preservation.test_usage",
    "tests.search.test_search",
}
# whole ingests, which PostgreSQL makes twice as long: `make test` runs them on SQLite, `make test-long` on PostgreSQL
LONG_ON_POSTGRESQL = {
    "tests.ingest_tools.formats.test_bad_input",
    "tests.ingest_tools.pipeline.test_ingest",
    "tests.ingest_tools.pipeline.test_marc",
    "tests.ingest_tools.pipeline.test_one_bad_entry",
    "tests.ingest_tools.pipeline.known_records.test_own_exports",
    "tests.ingest_tools.pipeline.known_records.test_same",
    "tests.preservation.test_budget",
}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TIANYUAN_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")  # commands answer in Chinese


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """A real PostgreSQL server for tests that do not stop it."""
    running = PostgreSQLServer()
    yield running
    running.remove()


SERVER_WEIGHT = 10  # a test with a server takes as long as so many slow ones, and waits for most of it
SERVERS = frozenset({"browser", "postgresql_server", "s3_server", "server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server; put the files with the most slow tests first."""
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.slow)
        names = getattr(item, "fixturenames", ())
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        if SERVERS.intersection(names) or not {"postgresql", "s3"}.isdisjoint(filter(_is_text, parameters)):
            item.add_marker(pytest.mark.server)
    waits: Counter[Path] = Counter()
    for item in items:
        if item.get_closest_marker("server"):
            waits[item.path] += SERVER_WEIGHT
        elif item.get_closest_marker("slow"):
            waits[item.path] += 1
    items.sort(key=lambda item: -waits[item.path])  # files that take long come first, so that the workers end together


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the modules that must hold on every database run once on each."""
    module = metafunc.module.__name__
    if "library_home" in metafunc.fixturenames and module in ON_EVERY_DATABASE:
        marks = [pytest.mark.long] if module in LONG_ON_POSTGRESQL else []
        metafunc.parametrize("library_home", ["sqlite", pytest.param("postgresql", marks=marks)], indirect=True)


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
    opened = open_library_at(library_home)
    yield opened
    opened.database.engine.dispose()


@pytest.fixture
def client(library: Library) -> FlaskClient:
    return create_app(library).test_client()


@pytest.fixture
def desk(library: Library) -> FlaskClient:
    """A client of a librarian who has opened the desk; its requests name no page that they come from."""
    client = create_app(library).test_client()
    auth = DeskAuth(library.settings.signing_key())
    client.set_cookie(COOKIE, str(auth.create_session(auth.create_login_token())), path="/desk")
    return client


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let all apps of this run share compiled templates: compiling is a fifth of the time of tests of pages."""
    folder = run_folder(tmp_path_factory) / "templates"
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(folder))}


@pytest.fixture(scope="session", autouse=True)
def _parsers() -> Iterator[None]:
    """End the children that read files for `ingest`."""
    yield
    close_parsers()


@pytest.fixture(scope="session")
def sample_folder(pytestconfig: pytest.Config) -> Path:
    """The sample; it is kept for later runs, until what makes it is changed."""
    sources = sorted(path for path in Path(ingest_tools.sample.__file__).parent.rglob("*") if path.is_file())
    made_by = hashlib.sha256(b"".join(path.read_bytes() for path in sources if path.suffix != ".pyc"))
    assert pytestconfig.cache is not None
    return make_once(pytestconfig.cache.mkdir("sample") / made_by.hexdigest()[:16], make_sample)


@pytest.fixture(scope="session")
def sample_library(tmp_path_factory: pytest.TempPathFactory, sample_folder: Path) -> Iterator[Library]:
    """A library with the whole sample in it, a copy for each worker; tests only read it."""

    def make(home: Path) -> None:
        opened = open_library_at(home)
        report = ingest(opened, sample_folder)
        assert report.rejected == 0, report.rejections
        opened.indexer.catch_up()
        opened.database.engine.dispose()

    home = tmp_path_factory.mktemp("library") / "home"
    shutil.copytree(make_once(run_folder(tmp_path_factory) / "sample-library", make), home)
    opened = open_library_at(home)
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
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()
