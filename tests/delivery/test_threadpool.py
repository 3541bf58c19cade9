"""Slow work leaves the event loop, in pools that do not wait for each other; queued writes are bounded and retried."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

from library_server.delivery.usage_tracker import UsageTracker
from library_server.library import Library
from library_server.web import background_writer
from library_server.web.background_writer import BackgroundWriter
from tests.support.libraries import ingest

UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import json, sys, threading
import gevent
from pathlib import Path
native = monkey.get_original("threading", "get_ident")
main = native()
from library_server.app import create_app
from library_server.web import threadpool
from library_server.library import open_library
from library_server.reader import texts
from library_server.search import service
from library_server.settings import Settings
from library_server.catalogue.assets import usage
from library_server.catalogue.records import queries
from library_server.protocols import health

on_main = {}
def watch(module, name):
    real = getattr(module, name)
    def watched(*args, **kwargs):
        on_main[name] = on_main.get(name, False) or native() == main
        return real(*args, **kwargs)
    setattr(module, name, watched)
for module, name in [(texts, "read_fragments"), (texts, "story_html"), (service, "execute"),
                     (queries, "count_published"),
                     (queries, "list_collections"), (queries, "list_playable"), (queries, "find_restriction"),
                     (usage, "load_usage"), (health, "check_store"), (queries, "load_cards"), (queries, "find_asset")]:
    watch(module, name)
app = create_app(open_library(Settings(home=Path(sys.argv[1]))))
client = app.test_client()
record = client.get("/api/v1/search?q=%E6%B8%A1%E5%8F%A3").get_json()["items"][0]["id"]
file = client.get(f"/api/v1/records/{record}").get_json()["assets"][0]["url"]
pages = [f"/records/{record}", "/", "/shelves", "/search", "/iptv/playlist.m3u", "/metrics", "/readyz", file,
         f"/covers/{record}.svg", f"/covers/{record}.jpg", "/collections/stories", "/api/v1/suggest?q=d"]
status = dict(zip(pages, gevent.joinall([gevent.spawn(client.get, page) for page in pages * 20])))
statuses = sorted({job.value.status_code for job in status.values()})
blocked = threading.Event()
waiting = gevent.spawn(threadpool.run_in_write_threadpool, blocked.wait, 30)
gevent.sleep(0)
still = client.get("/search?q=x").status_code
was_waiting = not waiting.ready()
blocked.set()
ours = threadpool.run_in_threadpool(threadpool.run_in_threadpool, native) != main
nested = threadpool.run_in_threadpool(threadpool.run_in_io_threadpool, lambda: 7)
try:
    threadpool.run_in_threadpool(int, "x")
except ValueError:
    raised = True
print(json.dumps({"on_main": on_main, "statuses": statuses, "still": still, "was_waiting": was_waiting,
                  "ours": ours, "nested": nested, "raised": raised}))
"""


@pytest.mark.long
def test_slow_work_is_done_outside_the_event_loop(library: Library, tmp_path: Path) -> None:
    story = tmp_path / "渡口.md"
    story.write_text("---\ntitle: 渡口\ncollection: stories\n---\n船在雾里。\n", encoding="utf-8")
    assert ingest(library, story).rejected == 0
    library.indexer.catch_up()
    library.database.engine.dispose()
    command = [sys.executable, "-c", UNDER_GEVENT, str(library.settings.home)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout.splitlines()[-1])
    assert set(report["on_main"]) == {
        "read_fragments",
        "story_html",
        "execute",
        "count_published",
        "list_collections",
        "list_playable",
        "find_restriction",
        "load_usage",
        "check_store",
        "load_cards",
        "find_asset",
    }
    assert [name for name, is_on_main in report["on_main"].items() if is_on_main] == []
    assert report["statuses"] == [200]
    assert (report["still"], report["was_waiting"]) == (200, True)  # a search is answered while a write waits
    assert (report["ours"], report["nested"], report["raised"]) == (True, 7, True)


RAISING = """
from gevent import monkey
monkey.patch_all()
from flask import Flask, abort
from library_server.web.threadpool import run_in_threadpool, run_in_io_threadpool
app = Flask("x")
app.get("/a")(lambda: run_in_threadpool(abort, 404))
try:
    run_in_io_threadpool(int, "x")
except ValueError as error:
    assert "invalid literal" in str(error)
    assert app.test_client().get("/a").status_code == 404
    print("raised")
"""


@pytest.mark.slow
def test_an_exception_in_a_pool_reaches_its_caller_alone() -> None:
    result = subprocess.run([sys.executable, "-c", RAISING], capture_output=True, text=True, timeout=60, check=False)
    assert (result.stdout, result.stderr) == ("raised\n", "")


class Locked(OperationalError):
    def __init__(self) -> None:
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
        super().__init__("BEGIN IMMEDIATE", {}, cause)


LOST = InterfaceError("INSERT", {}, Exception("the connection is closed"), connection_invalidated=True)


@pytest.mark.parametrize("error", [Locked(), TimeoutError("QueuePool limit"), LOST], ids=["locked", "pool", "lost"])
def test_a_write_is_tried_again_while_the_database_is_busy_or_away(
    library: Library, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(background_writer, "RETRY_SECONDS", 0.001)
    writer, tries = BackgroundWriter(library.database), []

    def write(_session: Session) -> None:
        tries.append(threading.current_thread())
        if len(tries) < 4:
            raise error

    assert writer.submit("a", write)
    assert writer.join()
    assert len(tries) == 4
    assert threading.main_thread() not in tries


@pytest.mark.slow
def test_a_write_that_fails_for_ever_is_given_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_writer, "RETRY_SECONDS", 0.0)
    writer, tries, written = BackgroundWriter(library.database), [], []

    def is_locked(_session: Session) -> None:
        tries.append(1)
        raise Locked

    def is_wrong(session: Session) -> None:
        tries.append(1)
        session.execute(text("INSERT INTO records (no_such_column) VALUES (1)"))

    for write, attempts in ((is_locked, background_writer.ATTEMPTS), (is_wrong, 1)):
        tries.clear()
        writer.submit("fails", write)
        writer.submit("writes", lambda _session: written.append(1))
        assert writer.join()
        assert len(tries) == attempts
    assert written == [1, 1]


def test_usage_is_kept_until_it_is_committed(library: Library) -> None:
    uses = UsageTracker(BackgroundWriter(library.database))
    uses.record("a")
    with library.database.writing() as session:
        uses._write(session)
        session.rollback()
    assert uses._waiting == {"a"}
    with library.database.writing() as session:
        uses._write(session)
        assert uses._waiting == {"a"}
    assert uses._waiting == set()


def test_a_write_that_cannot_succeed_does_not_stop_the_others(library: Library) -> None:
    writer, written = BackgroundWriter(library.database), []

    def fails(_session: Session) -> None:
        raise IntegrityError("INSERT", {}, Exception("no such record"))

    def breaks(_session: Session) -> None:
        raise ZeroDivisionError

    writer.submit("fails", fails)
    writer.submit("breaks", breaks)
    writer.submit("writes", lambda _session: written.append(1))
    assert writer.join()
    assert written == [1]


def test_writes_are_coalesced_by_key_and_dropped_when_the_queue_is_full(library: Library) -> None:
    writer, written = BackgroundWriter(library.database, capacity=3), []
    started, release = threading.Event(), threading.Event()

    def holds(_session: Session) -> None:
        started.set()
        release.wait(30)

    writer.submit("holds", holds)
    assert started.wait(30)
    for number in range(10):
        assert writer.submit("same", lambda _session, number=number: written.append(number))  # type: ignore[misc]
    assert writer.submit("other", lambda _session: written.append("other"))
    assert writer.submit("third", lambda _session: written.append("third"))
    assert not writer.submit("fourth", lambda _session: written.append("fourth"))
    assert not writer.join(0.01)
    release.set()
    assert writer.join()
    assert written == [9, "other", "third"]
    assert writer.submit("again", lambda _session: written.append("again"))
    assert writer.join()
    assert written[-1] == "again"
