"""What a job derives from: its record with the original, and the original as a file."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy.orm import Session

from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.jobs.queue import JobView
from library_server.jobs.worker import JobAttemptFailed, JobFailed
from library_server.processes.errors import FailureCode
from storage_config.fixity.verification import ObjectRef, fetch
from storage_config.stores.base import ObjectStore

TRANSIENT = (FailureCode.CRASHED, FailureCode.TOO_SLOW, FailureCode.OUT_OF_MEMORY)  # the child was stopped


def job_error(code: str, reason: str) -> JobFailed | JobAttemptFailed:
    """Return the error of a job that failed with a code of a file or a child: final, unless the child was stopped."""
    return (JobAttemptFailed if code in TRANSIENT else JobFailed)(reason)


def load_record(job: JobView, database: Database) -> tuple[RecordView, AssetView]:
    """Return the record of a job and its original. Raises `JobFailed` where either is gone."""
    with database.reading() as session:
        record = queries.find_record(session, job.record_id or "")
    if record is None or record.original is None:
        raise JobFailed("the record or its original is gone")
    return record, record.original


def refuse_replaced(session: Session, record_id: str, original: AssetView, folder: Path | None = None) -> None:
    """Check, in the transaction that stores what a job made, that the original is still the current file of its record.

    Raises `JobAttemptFailed` where it was replaced or went to another record, and removes the work in `folder`. The
    next attempt takes the new file, for which no job of its own was queued while this one ran.
    """
    current = queries.find_asset(session, original.id)
    if current is None or current.superseded or current.record_id != record_id:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise JobAttemptFailed("the file was replaced during the job")


def fetch_original(store: ObjectStore, original: AssetView, folder: Path) -> Path:
    """Return the original as a file with its suffix, fetched into `folder`. Raises `ObjectNotFound`,
    `ObjectDamaged`.
    """
    path = folder / f"original{Path(original.filename or '').suffix}"
    fetch(store, ObjectRef(original.key, original.sha256, original.size), path)
    return path
