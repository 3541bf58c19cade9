"""How long the waiting work will take, from how long such work took here before.

The amount of a job is seconds of media for renditions and transcripts, pages for OCR, pictures for the rest; what was
never done here counts with a figure measured on two cores (docs/performance.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.enums import JobState
from library_server.catalogue.models import Job
from library_server.jobs.queue import REGENERATE_IMAGES

SAMPLE_JOBS = 200
# seconds of work for one unit of amount, on one core
DEFAULT_RATES = {"rendition": 0.5, "ocr": 6.0, "transcript": 0.5, REGENERATE_IMAGES: 0.1}


@dataclass(frozen=True)
class Forecast:
    """One kind of work: how many jobs wait, their amount, seconds on one worker, and whether that was seen here."""

    task: str
    jobs: int
    amount: float
    seconds: float
    seen: bool


def forecast(session: Session) -> list[Forecast]:
    """Return what waits or runs, by task, the longest first."""
    waiting = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    rows = session.execute(select(Job.task, func.count(), func.sum(Job.amount)).where(waiting).group_by(Job.task))
    forecasts = [_forecast(session, task, count, float(amount or 0)) for task, count, amount in rows]
    return sorted(forecasts, key=lambda forecast: -forecast.seconds)


def _forecast(session: Session, task: str, jobs: int, amount: float) -> Forecast:
    done = (
        select(Job.amount, Job.spent)
        .where(Job.task == task, Job.state == JobState.DONE, Job.spent.is_not(None), Job.amount > 0)
        .order_by(Job.updated_at.desc())
        .limit(SAMPLE_JOBS)
        .subquery()
    )
    past, spent = session.execute(select(func.sum(done.c.amount), func.sum(done.c.spent))).one()
    rate = spent / past if past else DEFAULT_RATES.get(task, 1.0)
    return Forecast(task, jobs, amount, (amount or jobs) * rate, bool(past))
