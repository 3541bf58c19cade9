"""Text for PostgreSQL, which cannot store NUL: SQLite, files and lists can, and one such field would end a batch."""

from __future__ import annotations

from psycopg.abc import Buffer
from psycopg.types.string import StrDumper


class TextDumper(StrDumper):
    """Text without NUL."""

    def dump(self, obj: str) -> Buffer | None:
        """Return the bytes of the text."""
        return super().dump(obj.replace("\x00", ""))
