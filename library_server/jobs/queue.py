"""Jobs in the database: the truth of what is to be done. Workers claim them one at a time.

A claim is one UPDATE, so that two workers never run the same job. A job that failed, or could not be done for the
moment, is queued again with a `not_before`, before which no worker claims it. A job whose worker died is queued again
once it has been silent for `SILENT_AFTER`.

Each claim counts as one of `ATTEMPTS` attempts, so that a job which kills its worker is not tried for ever. A claim
that a restart of the machine ended is not counted: a claim keeps the boot id of its worker's machine, and where the
process that finds the claim silent has another boot id, the claim counts as an interruption, of which there may be
`INTERRUPTIONS`. A silent worker on another machine counts so too, because its boot id differs.

Times are UTC; every function that reads the clock takes the time as `at`, so that a test can give its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.enums import JobState
from library_server.catalogue.models import Job
from library_server.catalogue.models.records import in_utc, now
from library_server.jobs.boots import boot_id

ATTEMPTS, INTERRUPTIONS = 3, 20
FIRST_RETRY_SECONDS, RETRY_FACTOR = 30, 4
PRIORITY_INTERACTIVE, WHEN_IDLE = 100, -10
REGENERATE_IMAGES = "again"  # the task that makes the pictures and texts of a record again
SILENT_AFTER = timedelta(minutes=2)
POSTPONEMENT = timedelta(minutes=2)
WORKER_LOST = "the worker stopped during every attempt"
MACHINE_LOST = "the machine was restarted during the job again and again"


@dataclass(frozen=True)
class JobView:
    """One job; `progress` from 0 to 1, `reason` where it failed.

    `attempts` counts its claims, and tells one from the next; `interruptions` are those that a restart cut.
    """

    id: str
    task: str
    record_id: str | None
    arguments: dict[str, Any]
    state: JobState
    progress: float
    reason: str | None
    attempts: int
    interruptions: int = 0

    @property
    def tries(self) -> int:
        """The claims that count."""
        return self.attempts - self.interruptions


@dataclass(frozen=True)
class NewJob:
    """A job to queue; `amount` is its work, see `jobs.estimates`."""

    task: str
    record_id: str
    priority: int = 0
    amount: float = 0.0
    arguments: dict[str, Any] = field(default_factory=dict)


def enqueue(
    session: Session, task: str, record_id: str | None, priority: int = 0, amount: float = 0.0, **arguments: Any
) -> str:
    """Queue a job, unless one with its task and record waits or runs. `amount` is its work, see `jobs.estimates`.

    A unique index decides between two that queue the same job at once. Jobs without a record are not made unique: each
    call queues another.
    """
    session.flush()  # the record may be new
    insert = _insert_unless_unfinished(session)
    job = {"task": task, "record_id": record_id, "priority": priority, "amount": amount, "arguments": arguments}
    unfinished = (
        Job.task == task, Job.record_id == record_id, Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
    )  # fmt: skip
    while True:
        waiting = session.scalar(select(Job.id).where(*unfinished))
        if waiting:
            return waiting
        made: str | None = session.scalar(insert.values(job).returning(Job.id))
        if made:
            return made


def enqueue_many(session: Session, jobs: Sequence[NewJob]) -> None:
    """Queue jobs of records with one statement, each unless one with its task and record waits or runs."""
    if not jobs:
        return
    session.flush()  # the records may be new
    session.connection().execute(_insert_unless_unfinished(session), [asdict(job) for job in jobs])


def _insert_unless_unfinished(session: Session) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(Job).on_conflict_do_nothing()


def retry_delay(tries: int) -> timedelta:
    """Return how long a job waits after its failed try number `tries`: 30 seconds, then four times as long each
    time.
    """
    return timedelta(seconds=FIRST_RETRY_SECONDS * RETRY_FACTOR ** max(0, tries - 1))


def claim(session: Session, at: datetime | None = None, boot: str | None = None) -> JobView | None:
    """Take the job of the highest priority that is due; of equal ones, the one that was queued first.

    `boot` is the id of the start of this machine, see `boots`. On PostgreSQL rows that another worker is claiming are
    skipped, so that workers do not wait for each other.
    """
    moment, boot = at or now(), boot_id() if boot is None else boot
    _release_silent(session, moment, boot)
    urgent, waiting = aliased(Job), aliased(Job)
    highest = select(urgent.priority).where(*_due_conditions(urgent, moment)).order_by(urgent.priority.desc()).limit(1)
    chosen = (
        select(waiting.id)
        .where(*_due_conditions(waiting, moment), waiting.priority == highest.scalar_subquery())
        .order_by(waiting.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    running = {"state": JobState.RUNNING, "attempts": Job.attempts + 1, "not_before": None, "updated_at": moment,
               "boot": boot}  # fmt: skip
    claimed = session.scalar(
        update(Job)
        .where(Job.id == chosen, Job.state == JobState.QUEUED)
        .values(running)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    job = session.get(Job, claimed, populate_existing=True) if claimed else None
    return _job_view(job) if job else None


def _due_conditions(job: type[Job], moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return job.state == JobState.QUEUED, or_(job.not_before.is_(None), job.not_before <= moment)


def _release_silent(session: Session, moment: datetime, boot: str) -> None:
    """Queue again what was claimed by workers that have given no sign of life for `SILENT_AFTER`.

    After a crash they wait for `retry_delay` first. Where that was the last try, the job has failed.
    """
    silent = (Job.state == JobState.RUNNING, Job.updated_at < moment - SILENT_AFTER)
    tries = Job.attempts - Job.interruptions
    retries = {number: moment + retry_delay(number) for number in range(1, ATTEMPTS)}
    crashed = (func.coalesce(Job.boot, boot) == boot, tries >= ATTEMPTS, WORKER_LOST, case(retries, value=tries), 0)
    interrupted = (Job.boot != boot, Job.interruptions + 1 >= INTERRUPTIONS, MACHINE_LOST, null(), 1)
    for is_affected, is_last, reason, not_before, interruptions in (crashed, interrupted):
        values = {
            "state": case((is_last, JobState.FAILED), else_=JobState.QUEUED),
            "reason": case((is_last, reason), else_=Job.reason),
            "not_before": not_before,
            "interruptions": Job.interruptions + interruptions,
            "updated_at": moment,
        }
        released = update(Job).where(*silent, is_affected).values(values)
        session.execute(released.execution_options(synchronize_session=False))


def report(session: Session, job: JobView, progress: float, at: datetime | None = None) -> None:
    """Record how far a job is; this is also its sign of life."""
    _update_claimed(session, job, progress=progress, updated_at=at or now())


def heartbeat(session: Session, job: JobView, at: datetime | None = None) -> None:
    """Record that a job is still being worked on."""
    _update_claimed(session, job, updated_at=at or now())


def finish(session: Session, job: JobView, spent: float | None = None) -> None:
    """Mark a job done, which took `spent` seconds."""
    done = {"state": JobState.DONE, "progress": 1.0, "not_before": None, "updated_at": now(), "spent": spent}
    _update_claimed(session, job, **done)


def _update_claimed(session: Session, job: JobView, **values: Any) -> None:
    """Change a job as long as the claim holds; nothing once it was released as silent or claimed by another worker."""
    is_claimed = (Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
    session.execute(update(Job).where(*is_claimed).values(**values))


def prioritize(session: Session, record_id: str) -> None:
    """Move the waiting jobs of a record to the front, for a reader who waits; a retry still waits for its time."""
    waiting = Job.state == JobState.QUEUED
    session.execute(update(Job).where(Job.record_id == record_id, waiting).values(priority=PRIORITY_INTERACTIVE))


def fail(session: Session, job: JobView, reason: str, at: datetime | None = None, *, retry: bool = True) -> None:
    """Mark a try failed; the job is queued again after `retry_delay` until it has been tried `ATTEMPTS` times.

    Without `retry` the job has failed for good.
    """
    moment = at or now()
    is_last = not retry or job.tries >= ATTEMPTS
    state = JobState.FAILED if is_last else JobState.QUEUED
    not_before = None if is_last else moment + retry_delay(job.tries)
    _update_claimed(session, job, state=state, not_before=not_before, reason=reason[:1000], updated_at=moment)


def postpone(session: Session, job: JobView, reason: str, at: datetime | None = None) -> None:
    """Queue again, after `POSTPONEMENT`, a job that cannot be done for the moment; the try does not count."""
    moment = at or now()
    waiting = {"state": JobState.QUEUED, "not_before": moment + POSTPONEMENT, "progress": 0.0, "updated_at": moment}
    _update_claimed(session, job, attempts=Job.attempts - 1, reason=reason[:1000], **waiting)


def next_retry(session: Session) -> datetime | None:
    """Return when the first of the jobs that failed may be tried again; None where no job waits for that."""
    waiting = (Job.state == JobState.QUEUED, Job.attempts > Job.interruptions, Job.not_before.is_not(None))
    moment = session.scalar(select(func.min(Job.not_before)).where(*waiting))
    return in_utc(moment) if moment else None


def list_for_record(session: Session, record_id: str) -> list[JobView]:
    """Return the jobs of a record that wait, run or have failed."""
    unfinished = select(Job).where(Job.record_id == record_id, Job.state != JobState.DONE).order_by(Job.id)
    return [_job_view(job) for job in session.scalars(unfinished)]


def count_unfinished(session: Session) -> int:
    """Return how many jobs wait or run."""
    waiting = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    return session.scalar(select(func.count()).select_from(Job).where(waiting)) or 0


def _job_view(job: Job) -> JobView:
    return JobView(
        job.id, job.task, job.record_id, job.arguments, JobState(job.state), job.progress, job.reason, job.attempts,
        job.interruptions,
    )  # fmt: skip
