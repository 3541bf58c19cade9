"""Fixity of originals: which are due for a check, the outcomes of checks, and runs of checks.

Events are those of PREMIS 3: type "fixity check" or "recovery", outcome "pass" or "fail"
(id.loc.gov/vocabulary/preservation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library_server.catalogue.enums import AssetRole
from library_server.catalogue.models import Asset, PreservationEvent, PreservationRun, Record
from library_server.catalogue.models.records import in_utc, now
from storage_config.fixity.verification import Condition, ObjectRef

UNSOUND_ORIGINAL = (Asset.role == AssetRole.ORIGINAL, Asset.condition != Condition.SOUND)


class EventType(StrEnum):
    """What was done to an object."""

    FIXITY_CHECK = "fixity check"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class FixityTarget(ObjectRef):
    """An original that may be checked, and its asset."""

    asset_id: str


@dataclass(frozen=True)
class FixityOutcome:
    """The outcome of one check: `read` in bytes; `repaired` where the original was copied from a second store."""

    asset_id: str
    condition: Condition
    read: int
    at: datetime
    detail: str = ""
    repaired: bool = False


@dataclass(frozen=True)
class FixityEvent:
    """A check or recovery of an original, as PREMIS describes events; `agent` is the program, host and user."""

    type: str
    at: datetime
    outcome: str
    detail: str
    agent: str


@dataclass(frozen=True)
class FixityRun:
    """One run of `storage scrub`. The pass it belongs to began with this run or with an earlier one that was stopped.

    `whole` where the pass is complete; `checked` in originals, `bytes` read; `unnamed` objects that no row names.
    """

    id: int
    agent: str
    started: datetime
    pass_began: datetime
    finished: datetime | None
    whole: bool
    checked: int
    bytes: int
    unnamed: int | None


@dataclass(frozen=True)
class DamagedOriginal:
    """An original whose last check failed, with the title and file name that librarians know."""

    asset_id: str
    record_id: str
    title: str
    filename: str | None
    key: str
    condition: Condition
    checked: datetime
    detail: str


@dataclass(frozen=True)
class FixityStatus:
    """Counts of originals by condition, the time of the oldest last check, and the last run."""

    originals: int
    damaged: int
    missing: int
    oldest: datetime | None
    last: FixityRun | None


def begin_run(session: Session, agent: str) -> FixityRun:
    """Begin a run; it continues the pass of the run before where that is not complete."""
    last = session.scalar(select(PreservationRun).order_by(PreservationRun.id.desc()).limit(1))
    run = PreservationRun(agent=agent)
    if last is not None and not last.whole:
        run.pass_began = last.pass_began
    session.add(run)
    session.flush()
    return _run_view(run)


def due_originals(session: Session, before: datetime, limit: int) -> list[FixityTarget]:
    """Return at most `limit` originals last checked before a time, the oldest check first."""
    statement = (
        select(Asset.key, Asset.sha256, Asset.size, Asset.id)
        .where(Asset.role == AssetRole.ORIGINAL, Asset.checked_at < before)
        .order_by(Asset.checked_at, Asset.id)
        .limit(limit)
    )
    return [FixityTarget(*row) for row in session.execute(statement)]


def count_due(session: Session, before: datetime) -> int:
    """Return how many originals were last checked before a time."""
    statement = select(func.count()).where(Asset.role == AssetRole.ORIGINAL, Asset.checked_at < before)
    return session.scalar(statement) or 0


def add_outcomes(session: Session, run_id: int, outcomes: Sequence[FixityOutcome]) -> None:
    """Store the outcomes of checks: the condition of each original, and an event for each check and recovery."""
    if not outcomes:
        return
    for condition in Condition:
        with_condition = [
            outcome for outcome in outcomes if (Condition.SOUND if outcome.repaired else outcome.condition) == condition
        ]
        if with_condition:
            statement = update(Asset).where(Asset.id.in_([outcome.asset_id for outcome in with_condition]))
            session.execute(
                statement.values(condition=condition, checked_at=max(outcome.at for outcome in with_condition))
            )
    session.execute(
        insert(PreservationEvent), [event for outcome in outcomes for event in _event_rows(run_id, outcome)]
    )
    session.execute(
        update(PreservationRun)
        .where(PreservationRun.id == run_id)
        .values(
            checked=PreservationRun.checked + len(outcomes),
            bytes=PreservationRun.bytes + sum(outcome.read for outcome in outcomes),
        )
    )


def unsound_originals(session: Session, sha256: str) -> list[FixityTarget]:
    """Return the originals of these bytes whose last check failed; all are one object."""
    columns = (Asset.key, Asset.sha256, Asset.size, Asset.id)
    unsound = select(*columns).where(Asset.sha256 == sha256, *UNSOUND_ORIGINAL)
    return [FixityTarget(*row) for row in session.execute(unsound.order_by(Asset.id))]


def note_recovery(session: Session, asset_id: str, detail: str) -> None:
    """Store that something else than a scrub replaced a damaged original by a sound one."""
    at = now()
    session.execute(update(Asset).where(Asset.id == asset_id).values(condition=Condition.SOUND, checked_at=at))
    session.execute(insert(PreservationEvent), [_event_row(asset_id, EventType.RECOVERY, at, detail=detail)])


def finish_run(session: Session, run_id: int, *, whole: bool, unnamed: int | None) -> None:
    """End a run; `whole` where its pass is complete."""
    session.execute(
        update(PreservationRun)
        .where(PreservationRun.id == run_id)
        .values(finished_at=now(), whole=whole, unnamed=unnamed)
    )


def fixity_status(session: Session) -> FixityStatus:
    """Counts of originals by condition, and the last run."""
    originals = select(func.count(), func.min(Asset.checked_at)).where(Asset.role == AssetRole.ORIGINAL)
    count, oldest = session.execute(originals).one()
    unsound = select(Asset.condition, func.count()).where(*UNSOUND_ORIGINAL)
    counts = {condition: number for condition, number in session.execute(unsound.group_by(Asset.condition))}
    last = session.scalar(select(PreservationRun).order_by(PreservationRun.id.desc()).limit(1))
    return FixityStatus(
        count,
        counts.get(Condition.DAMAGED, 0),
        counts.get(Condition.MISSING, 0),
        in_utc(oldest) if oldest else None,
        _run_view(last) if last else None,
    )


def damaged_originals(session: Session, limit: int = 200) -> list[DamagedOriginal]:
    """Return at most `limit` originals whose last check failed, in the order of these checks."""
    statement = (
        select(Asset, Record.title)
        .join(Record, Record.id == Asset.record_id)
        .where(*UNSOUND_ORIGINAL)
        .order_by(Asset.checked_at, Asset.id)
        .limit(limit)
    )
    return [
        DamagedOriginal(
            asset.id, asset.record_id, title, asset.filename, asset.key, Condition(asset.condition),
            in_utc(asset.checked_at), _last_detail(session, asset.id),
        )
        for asset, title in session.execute(statement)
    ]  # fmt: skip


def list_events(session: Session, asset_id: str) -> list[FixityEvent]:
    """Return the checks and recoveries of an original, oldest first."""
    statement = (
        select(PreservationEvent, PreservationRun.agent)
        .outerjoin(PreservationRun, PreservationRun.id == PreservationEvent.run_id)
        .where(PreservationEvent.asset_id == asset_id)
        .order_by(PreservationEvent.number)
    )
    return [
        FixityEvent(event.type, datetime.fromtimestamp(event.at, UTC), event.outcome, event.detail or "", agent or "")
        for event, agent in session.execute(statement)
    ]


def _event_rows(run_id: int, outcome: FixityOutcome) -> list[dict[str, object]]:
    is_sound = outcome.condition == Condition.SOUND
    check = _event_row(
        outcome.asset_id,
        EventType.FIXITY_CHECK,
        outcome.at,
        outcome="pass" if is_sound else "fail",
        detail=outcome.detail or None,
        run_id=run_id,
    )
    if not outcome.repaired:
        return [check]
    return [check, _event_row(outcome.asset_id, EventType.RECOVERY, outcome.at, run_id=run_id)]


def _event_row(
    asset_id: str,
    event_type: EventType,
    at: datetime,
    *,
    outcome: str = "pass",
    detail: str | None = None,
    run_id: int | None = None,
) -> dict[str, object]:
    return {
        "run_id": run_id,
        "asset_id": asset_id,
        "type": event_type,
        "at": int(at.timestamp()),
        "outcome": outcome,
        "detail": detail,
    }


def _last_detail(session: Session, asset_id: str) -> str:
    details = select(PreservationEvent.detail).where(PreservationEvent.asset_id == asset_id)
    return session.scalar(details.order_by(PreservationEvent.number.desc()).limit(1)) or ""


def _run_view(run: PreservationRun) -> FixityRun:
    return FixityRun(
        run.id, run.agent, in_utc(run.started_at), in_utc(run.pass_began),
        in_utc(run.finished_at) if run.finished_at else None, run.whole, run.checked, run.bytes, run.unnamed,
    )  # fmt: skip
