"""Batches of ingest and their entries: what came, what became of it, why it was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.enums import BatchState
from library_server.catalogue.models.records import now
from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base


class Batch(Base):
    """One run of ingest, and who started it."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor: Mapped[str] = mapped_column(Text, default="", server_default="")
    state: Mapped[str] = mapped_column(String(16), default=BatchState.RUNNING)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Entry(Base):
    """One source in a batch: a file, a row of a list, a record of a MARC file.

    `fingerprint` (a file's size and time of change, a hash of a row) tells unchanged sources without reading them.
    `problems` are the cells that were not understood, `given` the row as it stood, to be handed back.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_batch_state", "batch_id", "state"),
        Index("ix_entries_path", "path", "fingerprint"),
        Index("ix_entries_fingerprint", "fingerprint"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    record_id: Mapped[str | None] = mapped_column(ForeignKey("records.id", ondelete="SET NULL"), index=True)
    problems: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)
    given: Mapped[dict[str, Any] | None] = mapped_column(JSON)
