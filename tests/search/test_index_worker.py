"""While an ingest runs, a child process keeps the index up."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from structlog.testing import capture_logs

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.cli import background_work
from library_server.library import Library
from library_server.processes.child import ChildProcess
from library_server.processes.messages import JsonObject
from library_server.search import index_worker

LONGEST_SECONDS = 60.0


def add_record(library: Library, title: str) -> None:
    with library.database.writing() as session:
        commands.add_record(session, RecordDraft(kind=Kind.BOOK, title=title))


def index_request(library: Library) -> dict[str, str]:
    return {"folder": str(library.settings.index_folder), "database": library.settings.database_address}


def test_a_request_indexes_the_backlog(library: Library) -> None:
    library.indexer.catch_up()
    add_record(library, "柑橘")
    assert index_worker.handle(index_request(library)) == {"records": 1}
    assert library.indexer.get_status().backlog == 0
    assert library.indexer.verify().agrees


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "backlog"), [(0.01, 1_000), (3600.0, 1)], ids=["after a time", "for a backlog"])
def test_records_are_indexed_before_the_ingest_ends(
    library: Library, seconds: float, backlog: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background_work, "INDEX_SECONDS", 0.01)
    monkeypatch.setattr(background_work, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(background_work, "INDEX_LATER_SECONDS", seconds)
    monkeypatch.setattr(background_work, "INDEX_BACKLOG", backlog)
    add_record(library, "柑橘")
    with background_work.index_in_background(library):
        waiting = threading.Event()
        for _ in range(int(LONGEST_SECONDS / 0.05)):
            if library.indexer.get_status().backlog == 0:
                break
            waiting.wait(0.05)
        assert library.indexer.get_status().backlog == 0
        add_record(library, "水稻")
    assert library.indexer.get_status().backlog == 0  # the last round comes after the ingest
    assert library.indexer.verify().agrees


@pytest.mark.slow
def test_a_stopped_ingest_does_not_wait_for_the_index(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_work, "INDEX_LATER_SECONDS", 0.0)
    asked = threading.Event()
    unpatched = ChildProcess.request

    def request(child: ChildProcess, content: JsonObject, seconds: float) -> JsonObject:
        os.kill(child.pid, signal.SIGSTOP)  # as if the index took for ever
        asked.set()
        return unpatched(child, content, seconds)

    monkeypatch.setattr(ChildProcess, "request", request)

    def stop_when_asked() -> None:
        with background_work.index_in_background(library):
            assert asked.wait(LONGEST_SECONDS)
            raise KeyboardInterrupt

    with capture_logs() as logs, pytest.raises(KeyboardInterrupt):
        stop_when_asked()
    assert logs == []
