"""Copies every row from one database to another of the same schema revision, SQLite or PostgreSQL, both ways.

Tables are read as they are in the databases, not from the models: a backup may be of an older schema than the code.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    type_coerce,
)

from library_server.preservation.backup.errors import BackupError, BackupStopped

ROWS_AT_ONCE = 2000


def copy_rows(source: Connection, target: Connection, stopping: threading.Event) -> None:
    """Replace all rows of `target` by those of `source`, in the transactions that are open on the connections.

    Raises `BackupStopped`, and `BackupError` where the schemas differ.
    """
    tables, sources = _reflect_tables(target), {table.name: table for table in _reflect_tables(source)}
    for table in tables:
        theirs = sources.get(table.name)
        if theirs is None or {column.name for column in table.columns} - {column.name for column in theirs.columns}:
            raise BackupError("schemas_differ", table=table.name)
    for table in reversed(tables):
        target.execute(delete(table))
    for table in tables:
        _copy_table(source, target, sources[table.name], table, stopping)
        _set_sequences(target, table)


def _copy_table(source: Connection, target: Connection, theirs: Table, table: Table, stopping: threading.Event) -> None:
    columns = [_read(theirs.columns[column.name], source).label(column.name) for column in table.columns]
    writing = insert(table).values({column.name: _select_stored(column, target) for column in table.columns})
    rows = source.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE).execute(select(*columns))
    for page in rows.mappings().partitions(ROWS_AT_ONCE):
        if stopping.is_set():
            raise BackupStopped
        target.execute(writing, [dict(row) for row in page])


def _read(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """Return a column; JSON as the text that is stored, so that NULL and `null` stay what they are."""
    if not isinstance(column.type, JSON):
        return column
    return cast(column, Text) if connection.dialect.name == "postgresql" else type_coerce(column, Text)


def _select_stored(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    if not isinstance(column.type, JSON):
        return bindparam(column.name, type_=column.type)
    value = bindparam(column.name, type_=Text())
    return cast(value, column.type) if connection.dialect.name == "postgresql" else value


def _reflect_tables(connection: Connection) -> Sequence[Table]:
    """Return the tables of a database with their columns, those that others refer to first."""
    inspector, metadata = inspect(connection), MetaData()
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name is not None]
    return [
        Table(name, metadata, *(Column(column["name"], column["type"]) for column in inspector.get_columns(name)))
        for name in names
    ]


def _set_sequences(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number on from the highest number; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for column in inspect(connection).get_columns(table.name):
        if not str(column.get("default") or "").startswith("nextval("):
            continue
        highest = connection.scalar(select(func.max(table.columns[column["name"]])))
        sequence = func.pg_get_serial_sequence(table.name, column["name"])
        connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))
