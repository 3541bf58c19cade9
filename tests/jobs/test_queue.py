"""The job queue: the highest priority first, each job once, retries after a delay, and again after a lost worker."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from library_server.app import create_app
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import JobState, Kind
from library_server.catalogue.models import Job
from library_server.catalogue.models.records import in_utc
from library_server.catalogue.records import commands, queries
from library_server.cli import background_work
from library_server.delivery.context import delivery_of
from library_server.jobs import queue
from library_server.jobs.queue import JobView
from library_server.jobs.worker import JobAttemptFailed, JobFailed, Progress, Worker
from library_server.library import Library
from storage_config.errors import StoreUnusable
from tests.factories.pictures import film
from tests.support.libraries import ingest

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, delay: timedelta) -> None:
        self.time += delay


def claimed(library: Library, at: datetime | None = None) -> str | None:
    """The record of the job that a worker takes now."""
    with library.database.writing() as session:
        job = queue.claim(session, at)
    return job.record_id if job else None


def job_rows(library: Library) -> list[Job]:
    with library.database.reading() as session:
        jobs = list(session.scalars(select(Job).order_by(Job.id)))
        session.expunge_all()
        return jobs


def failing_worker(library: Library, clock: Clock, error: Exception) -> Worker:
    def handle(_job: JobView, _progress: Progress) -> None:
        raise error

    return Worker(library.database, lambda: 0, {"test": handle}, clock=clock)


@pytest.fixture
def record_id(library: Library) -> str:
    with library.database.writing() as session:
        return commands.add_record(session, RecordDraft(kind=Kind.FILM, title="湘江船歌"))


@pytest.fixture
def films(library: Library, tmp_path: Path) -> list[str]:
    """Three films that wait to be encoded, oldest first."""
    for seconds, name in enumerate(("船歌", "山歌", "渔歌"), 1):
        film(tmp_path / f"{name}.avi", "-c:v", "mpeg4", seconds=seconds)
        ingest(library, tmp_path / f"{name}.avi")
    with library.database.reading() as session:
        return sorted(queries.published_ids(session, "", 10))


@pytest.mark.slow
def test_jobs_of_waiting_readers_come_first_then_the_oldest_then_idle_work(library: Library, films: list[str]) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "transcript", films[1], queue.WHEN_IDLE)
        assert queue.count_unfinished(session) == 4
    app = create_app(library)
    app.test_client().get(f"/records/{films[2]}")  # somebody opens the newest film
    assert delivery_of(app).writer.join()
    assert [claimed(library) for _ in range(5)] == [films[2], films[0], films[1], films[1], None]


@pytest.mark.slow
def test_a_job_waits_once_and_is_taken_again_only_when_its_worker_is_silent(library: Library, films: list[str]) -> None:
    with library.database.writing() as session:
        again = queue.enqueue(session, "rendition", films[0])
        assert [job.id for job in queue.list_for_record(session, films[0])] == [again]
    claims = datetime.now(UTC)
    assert [claimed(library, claims) for _ in range(4)] == [*films, None]
    later = claims + queue.SILENT_AFTER + timedelta(seconds=1)
    with library.database.writing() as session:
        (job,) = queue.list_for_record(session, films[0])
        queue.heartbeat(session, job, later)  # this worker reports that it is alive
    assert claimed(library, later) is None
    later += queue.retry_delay(1)
    assert [claimed(library, later) for _ in range(3)] == [*films[1:], None]


def test_many_jobs_are_queued_at_once_and_none_that_waits_already(library: Library, films: list[str]) -> None:
    with library.database.writing() as session:
        waiting = queue.enqueue(session, "ocr", films[0], 5)
        queue.enqueue_many(session, [queue.NewJob("ocr", film, amount=2.0) for film in films])
        queue.enqueue_many(session, [])
    jobs = [job for job in job_rows(library) if job.task == "ocr"]
    assert sorted(str(job.record_id) for job in jobs) == sorted(films)
    assert {(job.state, job.amount) for job in jobs if job.id != waiting} == {(JobState.QUEUED, 2.0)}
    assert [job.priority for job in jobs if job.record_id == films[0]] == [5]


def test_a_job_that_cannot_be_done_is_not_tried_again(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    worker = failing_worker(library, clock, JobFailed("the original is gone"))
    assert worker.run_one()
    (job,) = job_rows(library)
    assert (job.state, job.reason) == (JobState.FAILED, "the original is gone")
    assert (job.attempts, job.not_before) == (1, None)
    clock.advance(timedelta(days=1))
    assert not worker.run_one()


def test_a_job_whose_attempt_failed_is_tried_again(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    worker = failing_worker(library, clock, JobAttemptFailed("it took too long"))
    assert worker.run_one()
    (job,) = job_rows(library)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)


def test_a_failed_job_waits_longer_after_each_try(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    worker = failing_worker(library, clock, ValueError("no such codec"))
    delays = []
    for _ in range(queue.ATTEMPTS - 1):
        assert worker.run_one()
        (job,) = job_rows(library)
        assert (job.state, job.reason) == (JobState.QUEUED, "no such codec")
        assert job.not_before is not None
        delays.append(in_utc(job.not_before) - clock.time)
        clock.advance(delays[-1] - timedelta(seconds=1))
        assert not worker.run_one()
        clock.advance(timedelta(seconds=1))
    assert delays == [timedelta(seconds=30), timedelta(minutes=2)]
    assert worker.run_one()
    (job,) = job_rows(library)
    assert (job.state, job.attempts, job.not_before) == (JobState.FAILED, queue.ATTEMPTS, None)
    clock.advance(timedelta(days=1))
    assert not worker.run_one()


def test_a_job_that_waits_to_be_retried_lets_others_go_first(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        other = commands.add_record(session, RecordDraft(kind=Kind.FILM, title="柑橘"))
        queue.enqueue(session, "test", record_id, queue.PRIORITY_INTERACTIVE)
        queue.enqueue(session, "test", other, queue.WHEN_IDLE)
    assert claimed(library, START) == record_id
    with library.database.writing() as session:
        (job,) = queue.list_for_record(session, record_id)
        queue.fail(session, job, "busy", START)
        queue.prioritize(session, record_id)  # a reader who waits does not shorten the delay
        assert queue.count_unfinished(session) == 2
    assert [claimed(library, START) for _ in range(2)] == [other, None]
    assert claimed(library, START + queue.retry_delay(1)) == record_id


def test_a_postponed_job_is_queued_with_a_time_and_the_try_does_not_count(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    worker = failing_worker(library, clock, StoreUnusable("the store is away"))
    for _ in range(queue.ATTEMPTS + 2):
        assert worker.run_one()
        (job,) = job_rows(library)
        assert (job.state, job.attempts, job.progress) == (JobState.QUEUED, 0, 0.0)
        assert job.not_before is not None
        assert in_utc(job.not_before) == clock.time + queue.POSTPONEMENT
        assert not worker.run_one()
        with library.database.reading() as session:
            assert queue.count_unfinished(session) == 1
            assert queue.next_retry(session) is None
        clock.advance(queue.POSTPONEMENT)


def test_power_cuts_do_not_count_as_attempts(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    for number in range(queue.ATTEMPTS * 2):
        with library.database.writing() as session:
            job = queue.claim(session, clock.time, f"boot {number}")
        assert job is not None, number
        assert job.tries == 1
        clock.advance(queue.SILENT_AFTER + timedelta(seconds=1))
    worker = failing_worker(library, clock, ValueError("no such codec"))
    for _ in range(queue.ATTEMPTS):
        assert worker.run_one()
        clock.advance(timedelta(hours=1))
    (row,) = job_rows(library)
    assert (row.state, row.reason, row.interruptions) == (JobState.FAILED, "no such codec", queue.ATTEMPTS * 2)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_job_that_takes_its_worker_or_its_machine_down_ends(library: Library, record_id: str, restarts: bool) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock, claims = Clock(), 0
    for _ in range(queue.INTERRUPTIONS * 3):
        with library.database.writing() as session:
            claims += queue.claim(session, clock.time, f"boot {claims}" if restarts else "boot") is not None
        clock.advance(timedelta(hours=1))
    (row,) = job_rows(library)
    limit, reason = (queue.INTERRUPTIONS, queue.MACHINE_LOST) if restarts else (queue.ATTEMPTS, queue.WORKER_LOST)
    assert (claims, row.state, row.reason) == (limit, JobState.FAILED, reason)


def test_a_claim_reads_the_queue_by_its_index(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        for number in range(5):
            queue.enqueue(session, f"test-{number}", record_id)
    statements: list[tuple[str, object]] = []
    engine = library.database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append((args[2], args[3])))
    assert claimed(library) == record_id
    (claim,) = [executed for executed in statements if "RETURNING" in executed[0]]
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if not is_sqlite:
            assert "SKIP LOCKED" in claim[0]
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {claim[0]}", claim[1])  # type: ignore[arg-type]
        plan = "\n".join(str(row[-1]) for row in rows)
    assert plan.count("ix_jobs_state_priority") >= 2, plan
    assert "SCAN" not in plan.replace("Index Scan", ""), plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.slow
def test_two_workers_run_each_job_exactly_once(library: Library, record_id: str) -> None:
    jobs = 60
    with library.database.writing() as session:
        for number in range(jobs):
            queue.enqueue(session, f"test-{number}", record_id)
    runs: Counter[str] = Counter()
    by_worker: Counter[str] = Counter()
    lock, over, both_started = threading.Lock(), threading.Event(), threading.Barrier(2)
    first_of = threading.local()

    def handle(job: JobView, _progress: Progress) -> None:
        if not hasattr(first_of, "met"):
            first_of.met = True
            both_started.wait(30)  # both workers have claimed before either of them continues
        with lock:
            runs[job.id] += 1
            by_worker[threading.current_thread().name] += 1
            if runs.total() >= jobs:
                over.set()

    tasks = {f"test-{number}": handle for number in range(jobs)}
    workers = [Worker(library.database, lambda: 0, tasks) for _ in range(2)]
    threads = [threading.Thread(target=worker.run, args=(over,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert len(runs) == jobs
    assert set(runs.values()) == {1}
    assert len(by_worker) == 2
    assert {(job.state, job.attempts) for job in job_rows(library)} == {(JobState.DONE, 1)}


def test_waiting_for_the_work_of_an_ingest_includes_its_retries(
    library: Library, record_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    clock = Clock()
    worker = failing_worker(library, clock, ValueError("broken"))
    monkeypatch.setattr(background_work, "job_worker", lambda _library: worker)
    background_work.work_until_done(library, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    (job,) = job_rows(library)
    assert (job.state, job.attempts) == (JobState.FAILED, queue.ATTEMPTS)
    assert clock.time == START + queue.retry_delay(1) + queue.retry_delay(2)


def test_a_job_that_ends_its_worker_is_tried_as_often_as_any_other(library: Library, record_id: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
    moment = START
    for _ in range(queue.ATTEMPTS):
        assert claimed(library, moment) == record_id  # and the worker is killed
        moment += queue.SILENT_AFTER + timedelta(seconds=1)
        assert claimed(library, moment) is None
        moment += queue.retry_delay(queue.ATTEMPTS)
    assert claimed(library, moment) is None
    (job,) = job_rows(library)
    assert (job.state, job.attempts, job.reason) == (JobState.FAILED, queue.ATTEMPTS, queue.WORKER_LOST)
    with library.database.reading() as session:
        assert queue.count_unfinished(session) == 0


def test_two_transactions_that_queue_the_same_job_at_once(library: Library, record_id: str) -> None:
    for number in range(20):
        start = threading.Barrier(2)
        ids: list[str] = []

        def enqueue(task: str, start: threading.Barrier, ids: list[str]) -> None:
            start.wait(30)
            with library.database.writing() as session:
                ids.append(queue.enqueue(session, task, record_id))

        threads = [threading.Thread(target=enqueue, args=(f"test-{number}", start, ids)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(ids) == 2
        assert len(set(ids)) == 1
    assert len(job_rows(library)) == 20


@pytest.mark.slow
def test_a_job_that_another_transaction_has_queued_is_waited_for(library: Library, record_id: str) -> None:
    """The race itself: the first has written and not yet committed when the second looks."""
    written, looked = threading.Event(), threading.Event()
    ids: list[str] = []

    def first() -> None:
        with library.database.writing() as session:
            ids.append(queue.enqueue(session, "test", record_id))
            written.set()
            looked.wait(0.5)

    thread = threading.Thread(target=first)
    thread.start()
    assert written.wait(30)
    with library.database.writing() as session:
        ids.append(queue.enqueue(session, "test", record_id))
    looked.set()
    thread.join(60)
    assert len(set(ids)) == 1
    assert len(job_rows(library)) == 1


@pytest.mark.parametrize("late", ["fail", "postpone", "finish", "report", "heartbeat"])
def test_a_worker_that_lost_its_job_changes_nothing(library: Library, record_id: str, late: str) -> None:
    with library.database.writing() as session:
        queue.enqueue(session, "test", record_id)
        lost = queue.claim(session, START)
    later = START + queue.SILENT_AFTER + timedelta(seconds=1)
    assert claimed(library, later) is None  # released
    later += queue.retry_delay(1)
    assert claimed(library, later) == record_id  # by another worker
    (before,) = job_rows(library)
    assert lost is not None
    arguments: dict[str, tuple[object, ...]] = {
        "fail": ("busy", later), "postpone": ("away", later), "report": (0.5, later + queue.SILENT_AFTER),
        "heartbeat": (later + queue.SILENT_AFTER,),
    }  # fmt: skip
    with library.database.writing() as session:
        getattr(queue, late)(session, lost, *arguments.get(late, ()))
    (after,) = job_rows(library)
    for name in ("state", "attempts", "progress", "not_before", "updated_at", "reason"):
        assert getattr(after, name) == getattr(before, name)
