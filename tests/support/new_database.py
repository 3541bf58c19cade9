"""The newest schema, made once a process and copied into each library that a test opens for the first time."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from library_server.catalogue.database_creation import make_database
from library_server.settings import DATABASE_NAME, Settings

_UNUSED = {"scratch", "tianyuan.toml", "secret_key"}


def put_new_database(settings: Settings) -> None:
    """Write the SQLite file of a library that has never been used; any other library is left as it is."""
    if settings.database_url is None and {entry.name for entry in settings.home.iterdir()} <= _UNUSED:
        path = settings.home / DATABASE_NAME
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_new_database())


@cache
def _new_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        make_database(settings)
        return (settings.home / DATABASE_NAME).read_bytes()
