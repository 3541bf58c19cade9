"""Assets: stored bytes that belong to a record. Holdings: printed copies at a place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from library_server.catalogue.models.records import now
from library_server.catalogue.normalization.identifiers import new_id
from library_server.database.engine import Base


class Asset(Base):
    """One stored object of a record. An original of given bytes exists once in the whole library, but for the pictures
    next to files (label `cover`), which every record that has them keeps.

    `checked_at` is when its bytes were last hashed, at first when they were stored; `condition` what was found.
    `used_at` is when it was last served, to the hour. `superseded` originals are earlier versions, kept.
    `machine_made` is text from speech recognition or OCR, until a librarian has confirmed it. `librarians_only` is an
    original that no grant opens, such as a photo that tells where it was taken.
    """

    __tablename__ = "assets"
    __table_args__ = (
        Index("ix_assets_record_role", "record_id", "role"),
        Index(
            "uq_assets_original_sha256",
            "sha256",
            unique=True,
            sqlite_where=text("role = 'original' AND label <> 'cover'"),
            postgresql_where=text("role = 'original' AND label <> 'cover'"),
        ),
        Index(
            "ix_assets_kept_sha256",
            "sha256",
            sqlite_where=text("role = 'original' AND label = 'cover'"),
            postgresql_where=text("role = 'original' AND label = 'cover'"),
        ),
        Index("ix_assets_role_checked", "role", "checked_at", "id"),
        Index(
            "ix_assets_unsound",
            "condition",
            sqlite_where=text("condition <> 'sound'"),
            postgresql_where=text("condition <> 'sound'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(64), default="")
    media_type: Mapped[str] = mapped_column(String(128))
    language: Mapped[str | None] = mapped_column(String(35))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255), index=True)
    filename: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    checked_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=now, server_default=text("'1970-01-01 00:00:00'")
    )
    condition: Mapped[str] = mapped_column(String(16), default="sound", server_default="sound")
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    superseded: Mapped[bool] = mapped_column(default=False, server_default=false())
    machine_made: Mapped[bool] = mapped_column(default=False, server_default=false())
    librarians_only: Mapped[bool] = mapped_column(default=False, server_default=false())


class Holding(Base):
    """Printed copies of a record at a place, as a farm book-room has them."""

    __tablename__ = "holdings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(Text)
    shelf_mark: Mapped[str | None] = mapped_column(String(128))
    copies: Mapped[int] = mapped_column(default=1)
