"""Who may read a file, as the file itself says: read as a list's column 使用范围 is."""

from __future__ import annotations

from collections.abc import Iterable

from ingest_tools.rejections import RejectedError
from library_server.catalogue.enums import strictest
from library_server.exchange.access_statements import (
    UnknownAccess,
    read_access,
    read_rights_or_access,
)

_SHOWN = 60


def access_of_statements(statements: Iterable[str]) -> str | None:
    """The strictest access level that statements in free words name; None where none names a restriction or level.

    Raises `RejectedError` for a restriction that is no access level.
    """
    try:
        levels = [level for statement in statements if (level := read_rights_or_access(statement))]
    except UnknownAccess as unknown:
        raise unknown_access(str(unknown)) from unknown
    return str(strictest(*levels)) if levels else None


def access_of_field(words: str) -> str | None:
    """The access level that a field for nothing else names; None where it is empty.

    Raises `RejectedError` for any other words.
    """
    if not words.strip():
        return None
    try:
        return read_access(words)
    except UnknownAccess as unknown:
        raise unknown_access(words) from unknown


def unknown_access(statement: str) -> RejectedError:
    """The rejection of a file whose statement of access is not understood."""
    return RejectedError("bad_access", statement.strip()[:_SHOWN])
