"""The schema's history, and the one call that brings a database up to it.

Alembic is imported only to migrate: a database that is up to date is opened without it, and so is a new one of SQLite.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, inspect, select, text

from library_server.catalogue.migrations.new_database import create_schema
from library_server.database.errors import SchemaTooNew
from library_server.lazy_imports import hidden_module

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATION_LOCK = 0x7469616E  # "tian": any number that no other program takes for its advisory lock


def make_configuration() -> Config:
    """Alembic's configuration; it lives in code so that an installed wheel can migrate too."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, all of it or nothing; a no-op when it is there already.

    SQLite begins no transaction for DDL by itself: without this one a kill in the middle leaves half a schema. On
    PostgreSQL processes that start at once wait for each other. A new SQLite database is made by the statements of
    `new_database`. Raises `SchemaTooNew`.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        current = _current_revisions(connection)
        if not current and engine.dialect.name == "sqlite":
            create_schema(connection)
            current = _current_revisions(connection)
        if current == {max(_known_revisions())}:
            return
        _refuse_newer_schema(current)
        upgrade(connection)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database of a connection to a revision, in the transaction of that connection."""
    with hidden_module("pygments"):  # Mako would import all of it, for errors in templates
        from alembic import command

    config = make_configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revision(connection: Connection) -> str:
    """Return the revision of the schema of a database. Raises `SchemaTooNew` for one of a newer version."""
    current = _current_revisions(connection)
    _refuse_newer_schema(current)
    return ", ".join(sorted(current))


def refuse_newer_revision(revision: str) -> None:
    """Raise `SchemaTooNew` where this version does not know a revision."""
    _refuse_newer_schema({revision})


def has_schema(connection: Connection) -> bool:
    """Return whether any version of the schema was ever made in this database."""
    return bool(_current_revisions(connection))


def _current_revisions(connection: Connection) -> set[str]:
    """Return the revisions that Alembic's table names; none where there is no such table."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


@cache
def _known_revisions() -> frozenset[str]:
    """Return the revisions of this version of the program: the names of the migrations begin with them, in their
    order.
    """
    return frozenset(path.name.partition("_")[0] for path in Path(__file__).parent.glob("versions/[0-9]*.py"))


def _refuse_newer_schema(current: set[str]) -> None:
    if newer := sorted(current - _known_revisions()):
        raise SchemaTooNew(detail=", ".join(newer))
