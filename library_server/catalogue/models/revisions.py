"""Revisions of records, possible duplicates, merges, and source records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.models.records import now
from library_server.database.engine import Base


class Revision(Base):
    """One change to a record: who, when, and each field before and after. The adding of a record is in its batch."""

    __tablename__ = "revisions"
    __table_args__ = (Index("ix_revisions_record", "record_id"), Index("ix_revisions_batch", "batch_id"))

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"))
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    action: Mapped[str] = mapped_column(String(16))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DuplicateCandidate(Base):
    """Two records that may be the same thing (`first_id` < `second_id`), until somebody has decided."""

    __tablename__ = "likenesses"
    __table_args__ = (Index("ix_likenesses_second", "second_id"), Index("ix_likenesses_state", "state"))

    first_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="open")
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(Text)


class Merge(Base):
    """`gone_id` was merged into `kept_id`; `moved` is what the merge moved, for its undo."""

    __tablename__ = "merges"
    __table_args__ = (Index("ix_merges_gone", "gone_id"), Index("ix_merges_kept", "kept_id"))

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    kept_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    gone_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SourceRecord(Base):
    """The MARC record that a record came from, as it came (gzip of UTF-8 MARC-in-JSON), for what has no field here."""

    __tablename__ = "source_records"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes] = mapped_column(LargeBinary)
