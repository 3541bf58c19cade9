"""Which errors mean that the database as a whole cannot be used, and which belong to what was written."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))
# result codes of SQLite, https://www.sqlite.org/rescode.html: PERM, BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL,
# CANTOPEN, PROTOCOL, NOTADB
_SQLITE = frozenset((3, 5, 6, 8, 10, 11, 13, 14, 15, 26))
# classes of SQLSTATE, PostgreSQL appendix A: connection, transaction state (read-only), resources, operator
# intervention, system error, configuration, internal error
_POSTGRESQL = ("08", "25", "53", "57", "58", "F0", "XX")


def is_database_lost(error: BaseException) -> bool:
    """Whether the next write would fail like this one: the connection, the disk or the database itself is gone.

    All other errors of a database (a value out of range, a constraint) belong to the rows of that statement.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError) and error.errno in NO_ROOM
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    state = getattr(cause, "sqlstate", None)
    if state:
        return str(state).startswith(_POSTGRESQL)
    return type(cause).__name__ in {"OperationalError", "InterfaceError"}
