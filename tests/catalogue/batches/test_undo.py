"""Undo of a batch: what it reverts, and what it keeps since somebody has changed it."""

from __future__ import annotations

import pytest

from library_server.catalogue.batches import repository
from library_server.catalogue.batches.undo import undo_batch
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.revisions import Actor, UndoReport
from library_server.library import Library

BY_HAND = Actor("周望水")


@pytest.mark.parametrize(
    ("later", "report", "left"),
    [
        ({}, UndoReport(restored=1), (None, None)),
        ({"publisher": "乙社"}, UndoReport(restored=1, kept=1), ("乙社", None)),
        ({"publisher": "乙社", "place": "长沙"}, UndoReport(kept=2), ("乙社", "长沙")),
    ],
)
def test_every_field_that_was_changed_since_is_kept_and_counted(
    library: Library, later: dict[str, str], report: UndoReport, left: tuple[str | None, str | None]
) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="船歌"))
        batch_id = repository.open_batch(session, [], {})
        changes = {"publisher": "甲社", "place": "株洲"}
        revisions.revise(session, record_id, changes, Actor("ingest", batch_id))
        revisions.revise(session, record_id, later, BY_HAND)
    with library.database.writing() as session:
        assert undo_batch(session, batch_id, BY_HAND) == report
    with library.database.reading() as session:
        record = queries.find_record(session, record_id)
    assert record is not None
    assert (record.publisher, record.place) == left
