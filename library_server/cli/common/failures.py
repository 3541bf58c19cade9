"""What ends any command with one sentence and exit code 1: settings, store, database and disk that cannot be used."""

from __future__ import annotations

import errno
from contextlib import suppress

from storage_config.errors import NO_ROOM, InvalidSettings, StorageError

_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def sentence_of(error: Exception) -> str | None:
    """The sentence for an operator, in Chinese and English; None where the failure is a mistake of the program."""
    if isinstance(error, InvalidSettings | StorageError):
        return str(error)
    if isinstance(error, BrokenPipeError):
        return None  # whoever read our output has gone: click ends without a word
    if isinstance(error, OSError):
        return _sentence_of_os_error(error)
    from library_server.database.errors import DatabaseLost, explain_database_error

    failure = explain_database_error(error)
    if failure is None:
        return None
    where = "" if isinstance(failure, DatabaseLost) else _database()
    return f"{failure} [{where}]" if where else str(failure)


def _sentence_of_os_error(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    if error.errno in NO_ROOM:
        return f"磁盘满了：请腾出空间后再说一遍 the disk is full: make room and run the command again{where}"
    if error.errno in _NOT_ALLOWED:
        return f"没有权限，或磁盘只能读 no right to do this, or the disk is read-only{where} ({error.strerror})"
    return f"读写失败 reading or writing failed{where} ({error.strerror or error})"


def _database() -> str:
    """Where the database is, without the password."""
    from sqlalchemy import make_url

    from library_server.database.url import describe_database
    from library_server.settings import read_settings

    with suppress(InvalidSettings):
        return describe_database(make_url(read_settings().database_address))
    return ""
