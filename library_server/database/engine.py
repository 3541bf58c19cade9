"""The engine and its sessions: SQLite in WAL mode by default, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Engine, MetaData, collate, create_engine, event
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker

from library_server.database.errors import WrongEncoding
from library_server.database.url import parse_database_url
from storage_config.errors import InvalidSettings

BUSY_MILLISECONDS = 30_000
CONNECT_SECONDS = 10
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


def open_engine(url: str) -> Engine:
    """Return an engine on `url`; for SQLite with WAL, foreign keys and a long busy wait on each connection.

    Parameters of statements are left out of errors and logs: they are what readers and librarians wrote. Raises
    `InvalidSettings` where the driver of PostgreSQL is not installed, and `InvalidDatabaseUrl`.
    """
    address = parse_database_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    try:
        engine = create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "tianyuan"},
        )
    except ModuleNotFoundError as error:
        raise InvalidSettings("postgresql_driver_missing") from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA cache_size=-8000")
    cursor.execute("PRAGMA mmap_size=134217728")
    cursor.close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Months and days are counted in UTC, as on SQLite, whatever the zone of the server. Raises `WrongEncoding`."""
    from library_server.database.postgresql_text import TextDumper  # the driver is an extra

    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise WrongEncoding(detail=str(encoding))
    connection.autocommit = True  # a setting made in a transaction goes when that is rolled back
    connection.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = False
    connection.adapters.register_dumper(str, TextDumper)


def collate_bytewise(session: Session, column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """Return a text column in the order of its bytes, on every database: PostgreSQL would go by its locale."""
    return collate(column, "C") if session.get_bind().dialect.name == "postgresql" else column.expression


class Database:
    """Sessions on one engine. `reading()` never writes; `writing()` commits once or not at all."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; whatever was changed in it is thrown away."""
        with self._sessions() as session:
            yield session
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        with self._sessions() as session, session.begin():
            if self.engine.dialect.name == "sqlite":
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session
