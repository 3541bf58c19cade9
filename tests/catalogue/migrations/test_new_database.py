"""A new SQLite database is made by stored statements, and is what the migrations would have made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from library_server.catalogue import migrations
from library_server.catalogue.migrations import migrate, new_database
from library_server.catalogue.records import queries
from library_server.database.engine import Database


def _schema_of(database: Database) -> set[tuple[str, ...]]:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master")).all()
    return {tuple(" ".join((cell or "").split()) for cell in row) for row in rows}


def test_the_stored_schema_is_that_of_the_migrations() -> None:
    assert new_database.SCHEMA_FILE.read_text(encoding="utf-8") == new_database.dump_schema(), "run `make schema`"


def test_a_new_database_is_made_without_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrated = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    with migrated.engine.begin() as connection:
        migrations.upgrade(connection)
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    monkeypatch.setattr(migrations, "upgrade", None)
    migrate(made.engine)
    migrate(made.engine)
    assert _schema_of(made) == _schema_of(migrated)
    with made.engine.connect() as connection, migrated.engine.connect() as other:
        assert migrations.known_revision(connection) == migrations.known_revision(other)
    made.engine.dispose()
    migrated.engine.dispose()


def test_a_stored_schema_of_an_earlier_revision_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "sqlite_schema.sql"
    stale.write_text(new_database.dump_schema("0009"), encoding="utf-8")
    monkeypatch.setattr(new_database, "SCHEMA_FILE", stale)
    database = Database(f"sqlite:///{tmp_path / 'library.db'}")
    migrate(database.engine)
    monkeypatch.undo()
    current = Database(f"sqlite:///{tmp_path / 'current.db'}")
    migrate(current.engine)
    assert {row[:3] for row in _schema_of(database)} == {row[:3] for row in _schema_of(current)}
    database.engine.dispose()
    current.engine.dispose()


def test_a_new_database_that_is_not_finished_has_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "sqlite_schema.sql"
    statements = new_database.SCHEMA_FILE.read_text(encoding="utf-8")
    broken.write_text(statements.rpartition("CREATE INDEX")[0] + "CREATE INDEX nowhere;", encoding="utf-8")
    monkeypatch.setattr(new_database, "SCHEMA_FILE", broken)
    database = Database(f"sqlite:///{tmp_path / 'library.db'}")
    with pytest.raises(Exception, match="syntax error"):
        migrate(database.engine)
    assert _schema_of(database) == set()
    monkeypatch.undo()
    migrate(database.engine)
    with database.reading() as session:
        assert queries.count_published(session) == 0
    database.engine.dispose()
