"""The schema's history, and the one call that brings a database up to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from library_server.database.errors import SchemaTooNew

_MIGRATION_LOCK = 0x7469616E  # "tian": any number that no other program takes for its advisory lock


def configuration() -> Config:
    """Alembic's configuration; it lives in code so that an installed wheel can migrate too."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, all of it or nothing; a no-op when it is there already.

    SQLite begins no transaction for DDL by itself: without this one a kill in the middle leaves half a schema. On
    PostgreSQL processes that start at once wait for each other. Raises `SchemaTooNew`.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        current = set(MigrationContext.configure(connection).get_current_heads())
        if current == set(_scripts().get_heads()):
            return
        _refuse_newer_schema(current)
        upgrade(connection)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database of a connection to a revision, in the transaction of that connection."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def known_revision(connection: Connection) -> str:
    """The revision of the schema of a database. Raises `SchemaTooNew` for one of a newer version."""
    current = set(MigrationContext.configure(connection).get_current_heads())
    _refuse_newer_schema(current)
    return ", ".join(sorted(current))


def refuse_newer_revision(revision: str) -> None:
    """Raise `SchemaTooNew` where this version does not know a revision."""
    _refuse_newer_schema({revision})


def has_schema(connection: Connection) -> bool:
    """Whether any version of the schema was ever made in this database."""
    return bool(MigrationContext.configure(connection).get_current_heads())


@cache
def _scripts() -> ScriptDirectory:
    """The migrations, which Alembic runs as it reads them: once a process."""
    return ScriptDirectory.from_config(configuration())


def _refuse_newer_schema(current: set[str]) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if newer := sorted(current - known):
        raise SchemaTooNew(detail=", ".join(newer))
