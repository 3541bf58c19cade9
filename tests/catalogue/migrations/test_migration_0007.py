"""A library whose job queue holds a job twice gets the index that forbids it."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import JobState, Kind
from library_server.catalogue.migrations import make_configuration, migrate
from library_server.catalogue.records import commands
from library_server.library import Library


def test_only_the_first_of_equal_unfinished_jobs_stays(library: Library) -> None:
    with library.database.writing() as session:
        record = commands.add_record(session, RecordDraft(kind=Kind.FILM, title="湘江船歌"))
    config = make_configuration()
    with library.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
        for job, task, state in (
            ("a", "ocr", JobState.DONE), ("b", "ocr", JobState.RUNNING), ("c", "ocr", JobState.QUEUED),
            ("d", "again", JobState.QUEUED), ("e", "ocr", JobState.FAILED),
        ):  # fmt: skip
            connection.execute(
                text("INSERT INTO jobs (id, task, record_id, arguments, state, priority, progress, attempts,"
                     " created_at, updated_at) VALUES (:job, :task, :record, '{}', :state, 0, 0, 0, :at, :at)"),
                {"job": job, "task": task, "record": record, "state": state, "at": "2026-11-01 08:00:00"},
            )  # fmt: skip
    migrate(library.database.engine)
    with library.database.reading() as session:
        assert session.scalars(text("SELECT id FROM jobs ORDER BY id")).all() == ["a", "b", "d", "e"]
