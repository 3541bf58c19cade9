"""What is withdrawn or restricted is refused within seconds, without reading the catalogue again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from library_server.app import create_app
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, queries
from library_server.database.engine import Database
from library_server.delivery import restrictions as restrictions_module
from library_server.delivery.restrictions import CHECK_SECONDS, STALE_SECONDS, Restrictions
from library_server.library import Library
from tests.support.libraries import ingest


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("library_server.delivery.restrictions.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def record_id(library: Library) -> str:
    with library.database.writing() as session:
        return commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="书"))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that an engine is given."""
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        executed.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def failing(engine: Engine) -> Iterator[None]:
    """A database that answers nothing."""

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        raise OperationalError(statement, {}, Exception("disk I/O error"))

    event.listen(engine, "before_cursor_execute", fail)
    yield
    event.remove(engine, "before_cursor_execute", fail)


@pytest.mark.parametrize("pause", [CHECK_SECONDS, STALE_SECONDS, 3600.0])
def test_changes_by_another_process_are_seen_within_seconds(
    library: Library, record_id: str, clock: list[float], pause: float
) -> None:
    states = Restrictions(library.database)
    other_process = Database(library.settings.database_address)
    assert states.get(record_id) is None
    changes: list[tuple[Callable[..., None], Any, str | None]] = [
        (commands.set_access, Access.MEMBERS, "members"),
        (commands.set_access, Access.PUBLIC, None),
        (commands.withdraw, "版权到期", "withdrawn"),
    ]
    for change, value, state in changes:
        with other_process.writing() as session:
            change(session, record_id, value)
        clock[0] += pause
        assert states.get(record_id) == state
    other_process.engine.dispose()
    assert CHECK_SECONDS < STALE_SECONDS < 5


@pytest.mark.slow
def test_requests_wait_for_the_first_check_after_an_idle_hour(
    library: Library, record_id: str, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = Restrictions(library.database)
    assert states.get(record_id) is None
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "x")
    clock[0] += 3600
    checking, answers, check = threading.Event(), [], states.check

    def slow_check() -> bool:
        checking.set()
        threading.Event().wait(0.3)
        return check()

    monkeypatch.setattr(states, "check", slow_check)
    first = threading.Thread(target=lambda: answers.append(states.get(record_id)))
    first.start()
    assert checking.wait(10)
    assert states.get(record_id) == "withdrawn"
    first.join()
    assert answers == ["withdrawn"]


def test_one_request_checks_while_others_use_the_last_states(
    library: Library, record_id: str, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = Restrictions(library.database)
    states.get(record_id)
    clock[0] += CHECK_SECONDS
    checking, release = threading.Event(), threading.Event()

    def slow_check() -> bool:
        checking.set()
        return release.wait(10)

    monkeypatch.setattr(states, "check", slow_check)
    first = threading.Thread(target=states.get, args=(record_id,))
    first.start()
    assert checking.wait(10)
    assert states.get(record_id) is None
    assert not release.is_set()
    release.set()
    first.join()


def test_nothing_is_read_while_nothing_changes(library: Library, record_id: str, clock: list[float]) -> None:
    states = Restrictions(library.database)
    states.get(record_id)
    with statements(library.database.engine) as executed:
        for _ in range(100):
            states.get(record_id)
        assert executed == []
        clock[0] += CHECK_SECONDS
        for _ in range(100):
            states.get(record_id)
    assert executed == ["PRAGMA data_version"]


def test_a_change_costs_one_lookup_by_key(library: Library, record_id: str, clock: list[float]) -> None:
    states = Restrictions(library.database)
    states.get(record_id)
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "x")
    clock[0] += CHECK_SECONDS
    with statements(library.database.engine) as executed:
        assert states.get(record_id) == "withdrawn"
    assert len(executed) == 2
    with library.database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {executed[1]}", (record_id,)).all()
    assert "SEARCH records USING INDEX sqlite_autoindex_records_1 (id=?)" in str(plan)


def test_a_failing_database_keeps_what_is_known_and_opens_nothing_new(
    library: Library, record_id: str, clock: list[float]
) -> None:
    with library.database.writing() as session:
        gone = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="收回的书"))
        commands.withdraw(session, gone, "x")
        other = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="没有问过的书"))
    states = Restrictions(library.database)
    assert (states.get(record_id), states.get(gone)) == (None, "withdrawn")
    with failing(library.database.engine):
        for _ in range(3):
            clock[0] += STALE_SECONDS + 1
            assert (states.get(record_id), states.get(gone)) == (None, "withdrawn")
            with pytest.raises(OperationalError):
                states.get(other)
        with pytest.raises(OperationalError):
            Restrictions(library.database).get(record_id)
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "x")
    clock[0] += CHECK_SECONDS
    assert (states.get(record_id), states.get(other)) == ("withdrawn", None)


def test_an_unknown_record_is_not_open(library: Library) -> None:
    assert Restrictions(library.database).get("none") == "withdrawn"


def test_the_number_of_cached_states_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restrictions_module, "KEPT", 10)
    states = Restrictions(library.database)
    for number in range(50):
        states.get(f"none{number}")
    assert len(states._states) == 10


@pytest.mark.slow
def test_a_file_is_refused_seconds_after_it_was_withdrawn(library: Library, tmp_path: Path, clock: list[float]) -> None:
    (tmp_path / "a.txt").write_text("正文", "utf-8")
    ingest(library, tmp_path / "a.txt")
    client = create_app(library).test_client()
    with library.database.reading() as session:
        record_id = queries.list_newest(session)[0].id
    address = client.get(f"/api/v1/records/{record_id}").get_json()["assets"][0]["url"]
    assert client.get(address).status_code == 200
    with failing(library.database.engine):
        clock[0] += STALE_SECONDS
        assert client.get(address).status_code == 200
        unknown = create_app(library).test_client().get(address)
        assert unknown.status_code == 500
        assert "故障" in unknown.text
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "x")
    clock[0] += STALE_SECONDS
    assert client.get(address).status_code == 410
