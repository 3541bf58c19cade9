"""Collections: curated sets of records with an order of their own."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base


class Collection(Base):
    """A 专题. Those of 天元印象 are marked `impression`.

    `size` counts the published records in it; `collection_size_listeners` keeps it.
    """

    __tablename__ = "collections"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    impression: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=100)
    size: Mapped[int] = mapped_column(default=0, server_default="0")


class CollectionRecord(Base):
    """A record's place in a collection."""

    __tablename__ = "collection_records"
    __table_args__ = (Index("ix_collection_records_record", "record_id"),)

    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)
