"""The outbox (changes for the index) and jobs (long-running work)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.enums import JobState
from library_server.catalogue.models.records import now
from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base

_UNFINISHED = text("state IN ('queued', 'running')")


class OutboxRow(Base):
    """A record changed in this transaction; the indexer takes rows in order and then removes them.

    `withdrawn` is set where it was taken out of public view, so that searches leave it out at once.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_withdrawn", "record_id", sqlite_where=text("withdrawn = 1"), postgresql_where=text("withdrawn")
        ),
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(String(32))
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class Job(Base):
    """One piece of long work on a record; `progress` runs from 0 to 1.

    There is one unfinished job of a task for a record.
    A queued job is not claimed before `not_before`, which is set where a try failed or was postponed.
    `attempts` counts its claims, `interruptions` those of them that a restart of the machine cut; `boot` names the
    start of the machine under which it was last claimed.
    `amount` is how much there is to do (seconds of media, pages), `spent` the seconds that the last try took.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_state_priority", "state", "priority", "id"),
        Index("ux_jobs_unfinished", "task", "record_id", unique=True, sqlite_where=_UNFINISHED,
              postgresql_where=_UNFINISHED),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    task: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str | None] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED)
    priority: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    interruptions: Mapped[int] = mapped_column(default=0, server_default="0")
    boot: Mapped[str | None] = mapped_column(String(36))
    amount: Mapped[float] = mapped_column(default=0.0, server_default="0")
    spent: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)
    not_before: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)
