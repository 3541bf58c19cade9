"""Failures of the database as a whole, each with a stable code.

SQLAlchemy and the drivers raise their own exceptions where they happen; `explain_database_error` names them at a
border: the command line, the web application, the job worker. Sources of the codes: sqlite.org/rescode.html and
appendix A of the PostgreSQL manual.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, TimeoutError

from storage_config.messages import CodedError

_DETAIL_CHARACTERS = 200


class DatabaseUnusable(CodedError):
    """The database as a whole cannot be used."""

    code = "database_failed"


class DatabaseUnreachable(DatabaseUnusable):
    """The server does not answer, or is starting or stopping."""

    code = "database_unreachable"


class DatabaseRefused(DatabaseUnusable):
    """The server rejects the user, or the user lacks the privilege."""

    code = "database_refused"


class DatabaseAbsent(DatabaseUnusable):
    """The server has no database of that name."""

    code = "database_absent"


class InvalidConnectionOption(DatabaseUnusable):
    """An option after the `?` of the address is none of the driver's."""

    code = "database_option"


class DatabaseFull(DatabaseUnusable):
    """There is no room on the database's disk."""

    code = "database_full"


class DatabaseReadOnly(DatabaseUnusable):
    """The file, its folder or the server takes no writes."""

    code = "database_read_only"


class DatabaseDamaged(DatabaseUnusable):
    """The file is no database, or not a whole one."""

    code = "database_damaged"


class DatabaseBusy(DatabaseUnusable):
    """Others hold it for longer than anybody should wait."""

    code = "database_busy"


class DatabaseDiskFailing(DatabaseUnusable):
    """Reading or writing failed below the database."""

    code = "database_disk"


class WrongEncoding(DatabaseUnusable):
    """The database stores text in an encoding that has no room for Chinese."""

    code = "database_encoding"


class SchemaTooNew(DatabaseUnusable):
    """A newer version of the program has written the database."""

    code = "schema_too_new"


class DatabaseLost(DatabaseUnusable):
    """The library has been used, and its database is gone or empty."""

    code = "database_lost"


class RestoreUnfinished(DatabaseUnusable):
    """A restoration of this home was stopped before its end."""

    code = "restore_unfinished"


_SQLITE: dict[int, type[DatabaseUnusable]] = {
    sqlite3.SQLITE_PERM: DatabaseReadOnly,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_IOERR: DatabaseDiskFailing,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_CANTOPEN: DatabaseReadOnly,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
_POSTGRESQL: dict[str, type[DatabaseUnusable]] = {  # whole states first, then classes of two characters
    "25006": DatabaseReadOnly,
    "3D000": DatabaseAbsent,
    "40P01": DatabaseBusy,
    "42501": DatabaseRefused,
    "53100": DatabaseFull,
    "53300": DatabaseBusy,
    "55P03": DatabaseBusy,
    "57014": DatabaseBusy,
    "57P01": DatabaseUnreachable,
    "57P02": DatabaseUnreachable,
    "57P03": DatabaseUnreachable,
    "08": DatabaseUnreachable,
    "28": DatabaseRefused,
    "53": DatabaseBusy,
    "58": DatabaseDiskFailing,
    "XX001": DatabaseDamaged,
    "XX002": DatabaseDamaged,
}
# While connecting libpq gives no state, only the server's sentence, in the server's language.
_CONNECTING: tuple[tuple[re.Pattern[str], type[DatabaseUnusable]], ...] = (
    (re.compile(r"authentication failed|no password supplied|no pg_hba\.conf entry|role .* does not exist"
                r"|认证失败|角色.*不存在"), DatabaseRefused),
    (re.compile(r"database .* does not exist|数据库.*不存在"), DatabaseAbsent),
    (re.compile(r"too many clients|remaining connection slots"), DatabaseBusy),
    (re.compile(r"invalid connection option|invalid sslmode|invalid .* value"), InvalidConnectionOption),
)  # fmt: skip


def explain_database_error(error: BaseException) -> DatabaseUnusable | None:
    """Return what failed, where the database as a whole did; None for all else, a mistake in a statement included."""
    for cause in _iter_causes(error):
        if isinstance(cause, DatabaseUnusable):
            return cause
        if isinstance(cause, TimeoutError):  # no connection of the pool came free
            return _make_error(DatabaseBusy, "")
        kind = _classify(cause)
        if kind is not None:
            return _make_error(kind, str(cause))
    return None


def _iter_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it was raised from, the driver's own included; without SQLAlchemy's own wrapper text."""
    while error is not None:
        if isinstance(error, DBAPIError):
            error = error.orig
            continue
        yield error
        error = error.__cause__


def _classify(error: BaseException) -> type[DatabaseUnusable] | None:
    if isinstance(error, sqlite3.Error):
        return _kind_of_sqlite(error)
    if type(error).__module__.partition(".")[0] == "psycopg":  # not imported: an extra
        return _kind_of_postgresql(error)
    return None


def _kind_of_sqlite(error: sqlite3.Error) -> type[DatabaseUnusable] | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more of the same
    if code in _SQLITE:
        return _SQLITE[code]
    unreadable = re.match(r"no such table|Could not decode", str(error))  # the schema was there when it was opened
    return DatabaseDamaged if unreadable else None


def _kind_of_postgresql(error: BaseException) -> type[DatabaseUnusable] | None:
    state = getattr(error, "sqlstate", None) or ""
    if state:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    for pattern, kind in _CONNECTING:
        if pattern.search(str(error)):
            return kind
    return DatabaseUnreachable if type(error).__name__ in {"OperationalError", "ConnectionTimeout"} else None


def _make_error(kind: type[DatabaseUnusable], detail: str) -> DatabaseUnusable:
    return kind(detail=" ".join(detail.split())[:_DETAIL_CHARACTERS])
