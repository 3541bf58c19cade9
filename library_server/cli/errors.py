"""What ends any command with one sentence and exit code 1: settings, store, database and disk that cannot be used."""

from __future__ import annotations

import errno
from contextlib import suppress

import click

from library_server.cli.localization.language import gettext as _
from library_server.translations.rendering import render
from storage_config.errors import NO_ROOM, InvalidSettings, StorageError
from storage_config.messages import CodedError, Message

_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def sentence_of(error: Exception) -> str | None:
    """Return the sentence for an operator, in the language of the command; None where the program itself is at
    fault.
    """
    if isinstance(error, InvalidSettings | StorageError):
        return render(error.message, _)
    if isinstance(error, BrokenPipeError):
        return None  # whoever read our output has gone: click ends without a word
    if isinstance(error, OSError):
        return _sentence_of_os_error(error)
    from library_server.database.errors import DatabaseLost, RestoreUnfinished, explain_database_error

    failure = explain_database_error(error)
    if failure is None:
        return None
    where = "" if isinstance(failure, DatabaseLost | RestoreUnfinished) else _database_address()
    sentence = render(failure.message, _)
    return f"{sentence} [{where}]" if where else sentence


def to_click_error(error: CodedError) -> click.ClickException:
    """Return an error of ours as one that ends the command with its sentence and exit code 1."""
    return click.ClickException(render(error.message, _))


def _sentence_of_os_error(error: OSError) -> str:
    code = "disk_not_allowed" if error.errno in _NOT_ALLOWED else "reading_or_writing_failed"
    if error.errno in NO_ROOM:
        code = "disk_full"
    detail = error.strerror or str(error)
    where = f": {error.filename}" if error.filename else ""
    return render(Message(code, {"detail": detail}), _) + where


def _database_address() -> str:
    """Return where the database is, without the password."""
    from sqlalchemy import make_url

    from library_server.database.url import describe_database
    from library_server.settings import read_settings

    with suppress(InvalidSettings):
        return describe_database(make_url(read_settings().database_address))
    return ""
