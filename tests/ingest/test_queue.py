"""The queue of long work: the most wanted first, each once, and again where its worker fell silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.jobs import queue
from library_server.library import Library
from tests.conftest import take_in
from tests.drawn import film


def claimed(library: Library) -> str | None:
    """The record of the job that a worker takes now."""
    with library.database.writing() as session:
        job = queue.claim(session)
    return job.record_id if job else None


@pytest.fixture
def films(library: Library, tmp_path: Path) -> list[str]:
    """Three films that wait to be encoded, oldest first."""
    for number in range(3):
        film(tmp_path / f"{number}.avi", "-c:v", "mpeg4", seconds=number + 1)
        take_in(library, tmp_path / f"{number}.avi")
    with library.database.reading() as session:
        return sorted(queries.published_ids(session, "", 10))


def test_whoever_waits_comes_first_then_the_newest_and_idle_work_last(library: Library, films: list[str]) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "transcript", films[1], queue.WHEN_IDLE)
        assert queue.unfinished(session) == 4
    create_app(library).test_client().get(f"/records/{films[0]}")  # somebody opens the oldest film
    assert [claimed(library) for _ in range(5)] == [films[0], films[2], films[1], films[1], None]


def test_a_job_waits_once_and_is_taken_again_only_when_its_worker_is_silent(
    library: Library, films: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.database.writing() as session:
        again = queue.enqueue(session, "rendition", films[0])
        assert [one.id for one in queue.for_record(session, films[0])] == [again]
    assert [claimed(library) for _ in range(4)] == [films[2], films[1], films[0], None]
    later = datetime.now(UTC) + queue.SILENCE + timedelta(seconds=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return later

    with library.database.writing() as session:
        (job,) = queue.for_record(session, films[2])
    monkeypatch.setattr(queue, "datetime", Later)
    monkeypatch.setattr(queue, "now", lambda: later)
    with library.database.writing() as session:
        queue.heartbeat(session, job.id)  # this worker is at it still
    assert [claimed(library) for _ in range(3)] == [films[1], films[0], None]
