"""The schema's history, and the one call that brings a database up to it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def configuration() -> Config:
    """Alembic's configuration; it lives in code so that an installed wheel can migrate too."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, all of it or nothing; a no-op when it is there already.

    SQLite begins no transaction for DDL by itself: without this one a kill in the middle leaves half a schema.
    """
    config = configuration()
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
