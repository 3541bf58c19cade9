"""Reads of the outbox: which records changed, oldest first; and the removal of rows that were indexed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from library_server.catalogue.models import OutboxRow

WITHDRAWALS = 2_000
_WITHDRAWN = select(OutboxRow.record_id).where(OutboxRow.withdrawn).limit(WITHDRAWALS + 1)
_DELETED_AT_ONCE = 5_000  # rows named in one statement


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
    record_ids = session.connection().execute(_WITHDRAWN).scalars().all()  # every search asks: past the ORM
    return PendingWithdrawals(frozenset(record_ids[:WITHDRAWALS]), len(record_ids) <= WITHDRAWALS)


def load_pending(session: Session, limit: int) -> tuple[list[int], list[str]]:
    """Return the numbers of the oldest `limit` rows, and the records they name, each once."""
    rows = session.execute(select(OutboxRow.number, OutboxRow.record_id).order_by(OutboxRow.number).limit(limit)).all()
    return [number for number, _ in rows], list(dict.fromkeys(record_id for _, record_id in rows))


def delete_rows(session: Session, numbers: Sequence[int]) -> None:
    """Remove the rows of these numbers: they are in the index.

    A row below them may be new: PostgreSQL numbers rows as they are written, and shows them as they are committed.
    """
    for start in range(0, len(numbers), _DELETED_AT_ONCE):
        some_numbers = numbers[start : start + _DELETED_AT_ONCE]
        session.execute(delete(OutboxRow).where(OutboxRow.number.in_(some_numbers)))


def count_backlog(session: Session) -> int:
    """Return how many rows wait."""
    return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


def list_numbers(session: Session) -> Sequence[int]:
    """Return the numbers of all rows that wait."""
    return session.scalars(select(OutboxRow.number)).all()
