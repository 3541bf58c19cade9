"""The newest schema of SQLite as statements: a new database is made by them, in a tenth of the time of all migrations.

`make schema` writes the statements anew, after a migration was added.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, create_engine

SCHEMA_FILE = Path(__file__).with_name("sqlite_schema.sql")
_TRANSACTION = ("BEGIN TRANSACTION;", "COMMIT;")


def create_schema(connection: Connection) -> None:
    """Make every table and index in an empty SQLite database, in the transaction of the connection."""
    for statement in _split_statements(SCHEMA_FILE.read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)


def _split_statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; `executescript` of `sqlite3` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def dump_schema(revision: str = "head") -> str:
    """Return the statements that make what the migrations up to a revision make in an empty database."""
    from library_server.catalogue.migrations import upgrade

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(connection, revision)
        engine.dispose()
        with closing(sqlite3.connect(path)) as database:
            statements = [statement for statement in database.iterdump() if statement not in _TRANSACTION]
    statements.sort(key=lambda statement: (not statement.startswith("CREATE TABLE"), statement))
    return re.sub(r"[ \t]+$", "", "\n".join(statements), flags=re.MULTILINE) + "\n"


def write_schema() -> None:
    """Write the statements of the newest schema into their file."""
    SCHEMA_FILE.write_text(dump_schema(), encoding="utf-8")
