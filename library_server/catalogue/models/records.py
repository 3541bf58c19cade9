"""Records and their rows in other tables: creators, subjects, identifiers, typed links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import Access, Kind, Status
from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """Return a moment as it was written: SQLite gives times without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def one_of(column: str, values: type[Kind] | type[Access] | type[Status]) -> CheckConstraint:
    """Return a check that a column holds one of the values of a closed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class DetailsJson(TypeDecorator[RecordDetails]):
    """Details in a column of JSON, which queries may index by key."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: RecordDetails | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else value.to_json()

    def process_result_value(self, value: object, dialect: Dialect) -> RecordDetails:
        return RecordDetails.from_json(value)

    def coerce_compared_value(self, op: OperatorType | None, value: object) -> TypeEngine[Any]:
        return self.impl_instance.coerce_compared_value(op, value)


class Record(Base):
    """One described thing of one of the eight kinds. Ids sort by the time of their making.

    `match_key` is the same for two descriptions of what may be the same book, `photo_hash` (64 bits) differs in few
    bits between two copies of a photo; see `records.duplicates`.
    """

    __tablename__ = "records"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("access", Access),
        one_of("status", Status),
        Index("ix_records_status_id", "status", "id"),
        Index("ix_records_status_kind_id", "status", "kind", "id"),
        Index("ix_records_match_key", "match_key"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    other_titles: Mapped[list[str]] = mapped_column(JSON, default=list)
    publisher: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    date_written: Mapped[str | None] = mapped_column(Text)
    date_edtf: Mapped[str | None] = mapped_column(String(64))
    date_earliest: Mapped[int | None]
    date_latest: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(35))
    clc: Mapped[str | None] = mapped_column(String(64))
    abstract: Mapped[str | None] = mapped_column(Text)
    series: Mapped[str | None] = mapped_column(Text)
    part_number: Mapped[int | None]
    place_covered: Mapped[str | None] = mapped_column(Text)
    time_covered: Mapped[str | None] = mapped_column(Text)
    rights: Mapped[str | None] = mapped_column(Text)
    downloadable: Mapped[bool] = mapped_column(default=True)
    access: Mapped[str] = mapped_column(String(16), default=Access.PUBLIC)
    status: Mapped[str] = mapped_column(String(16), default=Status.PUBLISHED, active_history=True)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
    extent: Mapped[int | None]
    duration_ms: Mapped[int | None]
    details: Mapped[RecordDetails] = mapped_column(DetailsJson, default=RecordDetails)
    source_path: Mapped[str | None] = mapped_column(Text)
    match_key: Mapped[str | None] = mapped_column(String(32))
    photo_hash: Mapped[int | None] = mapped_column(BigInteger)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)

    creators: Mapped[list[Creator]] = relationship(order_by="Creator.position", cascade="all, delete-orphan")
    subjects: Mapped[list[Subject]] = relationship(order_by="Subject.position", cascade="all, delete-orphan")
    identifiers: Mapped[list[Identifier]] = relationship(cascade="all, delete-orphan")


class Creator(Base):
    """A person or body named on a record, with the role."""

    __tablename__ = "creators"
    __table_args__ = (Index("ix_creators_name", "name"),)

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16))


class Subject(Base):
    """A subject heading of a record, as given."""

    __tablename__ = "subjects"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(Text)


class Identifier(Base):
    """A standard identifier of a record: scheme `isbn` (13 digits), `issn`, `uri`, `local`."""

    __tablename__ = "identifiers"
    __table_args__ = (Index("ix_identifiers_scheme_value", "scheme", "value"),)

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(255), primary_key=True)


class RecordLink(Base):
    """`source` is `type` of `target`: a lecture part_of a course, a photo shows a person."""

    __tablename__ = "record_links"
    __table_args__ = (Index("ix_record_links_target", "target_id", "type"),)

    source_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
    type: Mapped[str] = mapped_column(String(16), primary_key=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
