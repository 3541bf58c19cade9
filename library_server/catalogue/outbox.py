"""Reads of the outbox: which records changed, oldest first; and the removal of rows that were indexed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from library_server.catalogue.models import OutboxRow

WITHDRAWALS = 2_000


@dataclass(frozen=True)
class PendingWithdrawals:
    """Records that went out of public view and that the index may still have; `is_complete` where these are all."""

    record_ids: frozenset[str] = frozenset()
    is_complete: bool = True


NO_WITHDRAWALS = PendingWithdrawals()


def pending_withdrawals(session: Session) -> PendingWithdrawals:
    """Return the records whose withdrawal waits for the index, by an index of these rows alone; at most
    `WITHDRAWALS`.
    """
    waiting = select(OutboxRow.record_id).where(OutboxRow.withdrawn).limit(WITHDRAWALS + 1)
    record_ids = session.scalars(waiting).all()
    return PendingWithdrawals(frozenset(record_ids[:WITHDRAWALS]), len(record_ids) <= WITHDRAWALS)


def load_pending(session: Session, limit: int) -> tuple[int, list[str]]:
    """Return the highest row number among the oldest `limit` rows, and the records they name, each once."""
    rows = session.execute(select(OutboxRow.number, OutboxRow.record_id).order_by(OutboxRow.number).limit(limit)).all()
    return (rows[-1][0], list(dict.fromkeys(row[1] for row in rows))) if rows else (0, [])


def delete_through(session: Session, up_to: int) -> None:
    """Remove the rows up to a number: they are in the index."""
    session.execute(delete(OutboxRow).where(OutboxRow.number <= up_to))


def count_backlog(session: Session) -> int:
    """Return how many rows wait."""
    return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


def newest_number(session: Session) -> int:
    """Return the highest row number; 0 where nothing waits."""
    return session.scalar(select(func.max(OutboxRow.number))) or 0
