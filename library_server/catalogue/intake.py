"""Batches and entries: opening and closing a run of ingest, and what became of each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.models import Asset, Batch, Entry, Record
from library_server.catalogue.models.records import now
from library_server.catalogue.preservation import UNSOUND_ORIGINAL
from library_server.catalogue.vocabulary import BatchState, EntryState


@dataclass(frozen=True)
class EntryView:
    """One source of a batch; `code` and `reason` where it was refused. `size` in bytes."""

    path: str
    fingerprint: str
    size: int
    state: EntryState
    code: str | None = None
    reason: str | None = None
    record_id: str | None = None


@dataclass(frozen=True)
class BatchView:
    """One run of ingest and how many of its entries stand where."""

    id: str
    sources: tuple[str, ...]
    options: dict[str, Any]
    state: BatchState
    started: datetime
    finished: datetime | None
    counts: dict[str, int]


def open_batch(session: Session, sources: Sequence[str], options: dict[str, Any]) -> str:
    """Begin a batch; returns its id. Batches that a crash left running are marked interrupted."""
    for stale in session.scalars(select(Batch).where(Batch.state == BatchState.RUNNING)):
        if stale.sources == list(sources):
            stale.state = BatchState.INTERRUPTED
    batch = Batch(sources=list(sources), options=options)
    session.add(batch)
    session.flush()
    return batch.id


def close_batch(session: Session, batch_id: str, state: BatchState = BatchState.FINISHED) -> None:
    """End a batch."""
    batch = session.get(Batch, batch_id)
    if batch is not None:
        batch.state, batch.finished_at = state, now()


def add_entry(session: Session, batch_id: str, entry: EntryView) -> None:
    """Note what became of one source."""
    session.add(Entry(batch_id=batch_id, **vars(entry)))


def taken_before(session: Session, files: Mapping[str, str]) -> dict[str, str]:
    """Of these files (path to fingerprint), the records that they became in earlier batches and that still exist.

    A record whose original is damaged or gone is not among them: its file is wanted again.
    """
    unsound = select(Asset.id).where(Asset.record_id == Record.id, *UNSOUND_ORIGINAL)
    found = session.execute(
        select(Entry.path, Entry.fingerprint, Entry.record_id)
        .join(Record, Record.id == Entry.record_id)
        .where(Entry.path.in_(files), Entry.state.in_((EntryState.ADDED, EntryState.UNCHANGED)), ~unsound.exists())
    )
    return {path: record_id for path, fingerprint, record_id in found if record_id and files[path] == fingerprint}


def batches(session: Session, limit: int = 50) -> list[BatchView]:
    """Past batches, newest first."""
    found = session.scalars(select(Batch).order_by(Batch.id.desc()).limit(limit)).all()
    return [_batch_view(session, one) for one in found]


def batch(session: Session, batch_id: str) -> BatchView | None:
    """One batch."""
    found = session.get(Batch, batch_id)
    return _batch_view(session, found) if found else None


def entries(session: Session, batch_id: str, state: EntryState | None = None) -> list[EntryView]:
    """Entries of a batch, in the order they were noted."""
    wanted = select(Entry).where(Entry.batch_id == batch_id).order_by(Entry.id)
    if state is not None:
        wanted = wanted.where(Entry.state == state)
    return [
        EntryView(one.path, one.fingerprint, one.size, EntryState(one.state), one.code, one.reason, one.record_id)
        for one in session.scalars(wanted)
    ]


def _batch_view(session: Session, found: Batch) -> BatchView:
    rows = session.execute(select(Entry.state, func.count()).where(Entry.batch_id == found.id).group_by(Entry.state))
    return BatchView(
        found.id,
        tuple(found.sources),
        found.options,
        BatchState(found.state),
        found.started_at,
        found.finished_at,
        {state: count for state, count in rows},
    )
