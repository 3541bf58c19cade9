"""While the database is away readers are told so in their own words, and served again when it is back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.database.errors import WrongEncoding
from library_server.delivery.context import delivery_of
from library_server.jobs import queue, worker
from library_server.jobs.worker import Worker
from library_server.library import Library
from tests.factories.stories import stories
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.postgresql_server import PASSWORD, PostgreSQLServer


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQLServer]:
    """A server that the test may stop."""
    running = PostgreSQLServer()
    yield running
    running.remove()


@pytest.fixture
def stocked(own_postgresql: PostgreSQLServer, tmp_path: Path) -> Iterator[Library]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "tianyuan.toml").write_text(f'database_url = "{own_postgresql.new_database()}"\n', encoding="utf-8")
    opened = open_library_at(home)
    assert ingest(opened, stories(tmp_path / "stories", 3)).added == 3
    opened.indexer.catch_up()
    yield opened
    opened.database.engine.dispose()


@pytest.mark.slow
def test_pages_answer_503_with_an_explanation_and_recover(stocked: Library, own_postgresql: PostgreSQLServer) -> None:
    app = create_app(stocked)
    client = app.test_client()
    with stocked.database.reading() as session:
        record_id = queries.list_newest(session, kinds=[], limit=1)[0].id
        record = queries.find_record(session, record_id)
    assert record is not None
    assert record.original is not None
    file = f"/files/{delivery_of(app).grants.issue(record_id)}/{record.original.id}"
    paths = (
        "/",
        f"/records/{record_id}",
        "/search?q=故事",
        "/api/v1/search?q=故事",
        f"/api/v1/records/{record_id}",
        file,
    )
    own_postgresql.stop(signal.SIGQUIT)
    with capture_logs() as logs:
        for path in paths:
            response = client.get(path)
            assert response.status_code == 503, path
            assert "psycopg" not in response.text
            assert "127.0.0.1" not in response.text
        ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"status": "unready", "database": "database_unreachable"})
    assert client.get("/healthz").status_code == 200
    assert {entry["code"] for entry in logs if "code" in entry} == {"database_unreachable"}
    assert PASSWORD not in str(logs)
    own_postgresql.start()
    for path in (*paths, "/readyz"):
        assert client.get(path).status_code == 200, path


@pytest.mark.slow
def test_a_worker_outlives_its_database(
    stocked: Library, own_postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "JOB_SECONDS", 0.05)
    with stocked.database.reading() as session:
        record_id = queries.list_newest(session, kinds=[], limit=1)[0].id
    done, stopping = threading.Event(), threading.Event()
    working = Worker(stocked.database, lambda: 0, {"test": lambda _job, _report: done.set()})
    own_postgresql.stop(signal.SIGQUIT)
    failed = threading.Event()
    monkeypatch.setattr(worker.log, "error", lambda *_, **__: failed.set())
    thread = threading.Thread(target=working.run, args=(stopping,))
    thread.start()
    assert failed.wait(60)
    own_postgresql.start()
    with stocked.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    assert done.wait(60)
    stopping.set()
    thread.join()


def test_a_worker_outlives_an_unusable_database(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "JOB_SECONDS", 0.01)
    failed, stopping, claims = threading.Event(), threading.Event(), []

    def claim(*_: object) -> None:
        claims.append(1)
        if len(claims) == 1:
            raise WrongEncoding
        failed.set()

    monkeypatch.setattr(queue, "claim", claim)
    thread = threading.Thread(target=Worker(library.database, lambda: 0, {}).run, args=(stopping,))
    thread.start()
    assert failed.wait(20)
    stopping.set()
    thread.join()
