"""Preservation: runs of fixity checks with their events, after PREMIS 3; and figures of usage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.models.records import now
from library_server.database.engine import Base


class PreservationRun(Base):
    """One run of `scrub`. `pass_began` is when the pass over all originals began that this run is a part of.

    `agent` is the linkingAgentIdentifier of its events: program, version, host and user. `unnamed` is None until
    the pass came to its end and the store was compared with the catalogue.
    """

    __tablename__ = "preservation_runs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    agent: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    pass_began: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    whole: Mapped[bool] = mapped_column(default=False)
    checked: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    unnamed: Mapped[int | None]


class PreservationEvent(Base):
    """One event of one object: eventType and eventOutcome in the words of the Library of Congress.

    Written for every check, so kept narrow: the object is its asset, the agent its run (without one, an ingest,
    which `detail` names), the time seconds since the epoch. It stays when the asset is gone.
    """

    __tablename__ = "preservation_events"
    __table_args__ = (Index("ix_preservation_events_asset", "asset_id"),)

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    run_id: Mapped[int | None] = mapped_column(ForeignKey("preservation_runs.id"))
    asset_id: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(8))
    detail: Mapped[str | None] = mapped_column(Text)


class UsageFigures(Base):
    """How much was stored at a time, as counted; one row is kept."""

    __tablename__ = "usage_figures"

    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
