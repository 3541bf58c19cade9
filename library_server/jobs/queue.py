"""Jobs in the database: the truth of what is to be done. Workers claim them one at a time.

A claim is one UPDATE, so that two workers never run the same job; a job whose worker died is queued again
when the next worker starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from library_server.catalogue.enums import JobState
from library_server.catalogue.models import Job
from library_server.catalogue.models.records import now

ATTEMPTS = 3
PRIORITY_INTERACTIVE, WHEN_IDLE = 100, -10
SILENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class JobView:
    """One job; `progress` from 0 to 1, `reason` where it failed."""

    id: str
    task: str
    record_id: str | None
    arguments: dict[str, Any]
    state: JobState
    progress: float
    reason: str | None


def enqueue(
    session: Session, task: str, record_id: str | None, priority: int = 0, amount: float = 0.0, **arguments: Any
) -> str:
    """Queue a job; the same task for the same record waits only once. `amount` as in `forecasting`."""
    waiting = session.scalar(
        select(Job.id).where(
            Job.task == task,
            Job.record_id == record_id,
            Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
        )
    )
    if waiting:
        return waiting
    job = Job(task=task, record_id=record_id, priority=priority, amount=amount, arguments=arguments)
    session.add(job)
    session.flush()
    return job.id


def claim(session: Session) -> JobView | None:
    """Take the most wanted job that waits, or one whose worker fell silent; of equal ones, the newest."""
    silent = datetime.now(UTC) - SILENCE
    free = (Job.state == JobState.QUEUED) | ((Job.state == JobState.RUNNING) & (Job.updated_at < silent))
    chosen = session.scalar(select(Job.id).where(free).order_by(Job.priority.desc(), Job.id.desc()).limit(1))
    if chosen is None:
        return None
    taken = session.execute(
        update(Job)
        .where(Job.id == chosen, free)
        .values(state=JobState.RUNNING, attempts=Job.attempts + 1, updated_at=now())
    )
    if not getattr(taken, "rowcount", 0):
        return None
    job = session.get(Job, chosen, populate_existing=True)
    return _view(job) if job else None


def report(session: Session, job_id: str, progress: float) -> None:
    """Say how far a job is; this is also its sign of life."""
    session.execute(update(Job).where(Job.id == job_id).values(progress=progress, updated_at=now()))


def heartbeat(session: Session, job_id: str) -> None:
    """Say that a job is still being worked at."""
    session.execute(update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING).values(updated_at=now()))


def finish(session: Session, job_id: str, spent: float | None = None) -> None:
    """Mark a job done, which took `spent` seconds."""
    done = {"state": JobState.DONE, "progress": 1.0, "updated_at": now(), "spent": spent}
    session.execute(update(Job).where(Job.id == job_id).values(**done))


def prioritize(session: Session, record_id: str) -> None:
    """Somebody is waiting for what is to be made of a record: before all else."""
    waiting = Job.state == JobState.QUEUED
    session.execute(update(Job).where(Job.record_id == record_id, waiting).values(priority=PRIORITY_INTERACTIVE))


def fail(session: Session, job_id: str, reason: str) -> None:
    """Mark a try failed; the job is queued again until it has been tried `ATTEMPTS` times."""
    job = session.get(Job, job_id)
    if job is not None:
        job.state = JobState.QUEUED if job.attempts < ATTEMPTS else JobState.FAILED
        job.reason = reason[:1000]


def postpone(session: Session, job_id: str, reason: str) -> None:
    """Put off a job that cannot be done just now; it is taken again after `SILENCE`, and the try does not count."""
    session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(attempts=Job.attempts - 1, reason=reason[:1000], progress=0.0, updated_at=now())
    )


def for_record(session: Session, record_id: str) -> list[JobView]:
    """Jobs of a record that are not done."""
    wanted = select(Job).where(Job.record_id == record_id, Job.state != JobState.DONE).order_by(Job.id)
    return [_view(job) for job in session.scalars(wanted)]


def unfinished(session: Session) -> int:
    """How many jobs wait or run."""
    waiting = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    return session.scalar(select(func.count()).select_from(Job).where(waiting)) or 0


def _view(job: Job) -> JobView:
    return JobView(job.id, job.task, job.record_id, job.arguments, JobState(job.state), job.progress, job.reason)
