"""Failures of the database as a whole, each with a stable code and a sentence for an operator.

SQLAlchemy and the drivers raise their own exceptions where they happen; `explain_database_error` names them at a
border: the command line, the web application, the job worker. Sources of the codes: sqlite.org/rescode.html and
appendix A of the PostgreSQL manual.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, TimeoutError

_DETAIL_CHARACTERS = 200


class DatabaseUnusable(Exception):
    """The database as a whole cannot be used; the message is for an operator."""

    code = "database_failed"
    sentence = "数据库出错 the database failed"


class DatabaseUnreachable(DatabaseUnusable):
    """The server does not answer, or is starting or stopping."""

    code = "database_unreachable"
    sentence = (
        "连不上数据库：请看它是否在运行、地址对不对 the database does not answer: check that it runs, and its address"
    )


class DatabaseRefused(DatabaseUnusable):
    """The server rejects the user, or the user lacks the privilege."""

    code = "database_refused"
    sentence = (
        "数据库不认这个账号，或账号没有权限：检查 TIANYUAN_DATABASE_URL "
        "the database refuses this user, or the user lacks rights: check TIANYUAN_DATABASE_URL"
    )


class DatabaseAbsent(DatabaseUnusable):
    """The server has no database of that name."""

    code = "database_absent"
    sentence = "没有这个数据库：先用 createdb 建好 there is no such database: make it with createdb first"


class InvalidConnectionOption(DatabaseUnusable):
    """An option after the `?` of the address is none of the driver's."""

    code = "database_option"
    sentence = (
        "数据库地址里的选项不对：检查 TIANYUAN_DATABASE_URL bad option in the database URL: check TIANYUAN_DATABASE_URL"
    )


class DatabaseFull(DatabaseUnusable):
    """There is no room on the database's disk."""

    code = "database_full"
    sentence = (
        "磁盘满了，数据库写不进去：请腾出空间后再说一遍 "
        "the disk is full and the database cannot be written: make room and run the command again"
    )


class DatabaseReadOnly(DatabaseUnusable):
    """The file, its folder or the server takes no writes."""

    code = "database_read_only"
    sentence = (
        "数据库只能读不能写：检查数据文件夹的权限和磁盘 "
        "the database cannot be written: check the rights of the data folder, and the disk"
    )


class DatabaseDamaged(DatabaseUnusable):
    """The file is no database, or not a whole one."""

    code = "database_damaged"
    sentence = (
        "数据库文件坏了：停下服务，从备份恢复；文件先留着不要删 "
        "the database is damaged: stop the server and restore it from a backup; keep the damaged file"
    )


class DatabaseBusy(DatabaseUnusable):
    """Others hold it for longer than anybody should wait."""

    code = "database_busy"
    sentence = "数据库正忙，请稍后再试 the database is busy: try again later"


class DatabaseDiskFailing(DatabaseUnusable):
    """Reading or writing failed below the database."""

    code = "database_disk"
    sentence = "数据库所在的磁盘读写出错，或者满了 the disk of the database fails or is full"


class WrongEncoding(DatabaseUnusable):
    """The database stores text in an encoding that has no room for Chinese."""

    code = "database_encoding"
    sentence = (
        "数据库的编码不是 UTF8，存不了中文：用 createdb -E UTF8 -T template0 另建一个 "
        "the encoding of the database is not UTF8: make another with createdb -E UTF8 -T template0"
    )


class SchemaTooNew(DatabaseUnusable):
    """A newer version of the program has written the database."""

    code = "schema_too_new"
    sentence = (
        "数据库是更新的版本写的，这个版本读不了：请升级程序 "
        "a newer version has written this database: upgrade the program"
    )


class DatabaseLost(DatabaseUnusable):
    """The library has been used, and its database is gone or empty."""

    code = "database_lost"
    sentence = "图书馆用过，数据库却不见了或是空的 the library has been used, and its database is gone or empty"


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
    """What failed, where the database as a whole did; None for all else, a mistake in a statement included."""
    for one in _causes(error):
        if isinstance(one, DatabaseUnusable):
            return one
        if isinstance(one, TimeoutError):  # no connection of the pool came free
            return _explained(DatabaseBusy, "")
        kind = _kind(one)
        if kind is not None:
            return _explained(kind, str(one))
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from, the driver's own included; without SQLAlchemy's own wrapper text."""
    while error is not None:
        if isinstance(error, DBAPIError):
            error = error.orig
            continue
        yield error
        error = error.__cause__


def _kind(error: BaseException) -> type[DatabaseUnusable] | None:
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


def _explained(kind: type[DatabaseUnusable], detail: str) -> DatabaseUnusable:
    said = " ".join(detail.split())[:_DETAIL_CHARACTERS]
    return kind(f"{kind.sentence} ({said})" if said else kind.sentence)
