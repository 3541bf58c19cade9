"""Bounds what a page shows of a record: rows stored before fields were bounded may hold a title of a megabyte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from library_server.catalogue.bounds import shorten
from library_server.catalogue.common_fields import TEXTS
from library_server.catalogue.details import Statements
from library_server.catalogue.dto import CreatorName, RecordView
from library_server.catalogue.records import queries
from library_server.database.engine import Database

NAME, LINE, PARAGRAPH = 200, 500, 20_000
ENTRIES = 100
_LINES = (*TEXTS, "date_written", "clc", "withdrawn_reason")


def load_for_display(database: Database, record_id: str) -> RecordView | None:
    """Return a record of any status, shortened for a page; None where there is none of this id."""
    with database.reading() as session:
        record = queries.find_record(session, record_id)
    return shorten_for_display(record) if record else None


def shorten_for_display(record: RecordView) -> RecordView:
    """Return the record with every field cut at the length that a page shows, and every list at `ENTRIES`."""
    lines: dict[str, Any] = {name: _shorten(getattr(record, name), LINE) for name in _LINES}
    return replace(
        record,
        **lines | {"abstract": _shorten(record.abstract, PARAGRAPH)},
        title=shorten(record.title, LINE),
        other_titles=_shorten_all(record.other_titles, LINE),
        creators=_shorten_all(record.creators, NAME),
        credits=tuple(CreatorName(shorten(credit.name, NAME), credit.role) for credit in record.credits[:ENTRIES]),
        isbns=_shorten_all(record.isbns, NAME),
        subjects=_shorten_all(record.subjects, NAME),
        holdings=record.holdings[:ENTRIES],
        details=replace(record.details, statements=_shorten_statements(record.details.statements)),
    )


def _shorten(text: str | None, length: int) -> str | None:
    return shorten(text, length) if text else text


def _shorten_all(texts: Sequence[str], length: int) -> tuple[str, ...]:
    return tuple(shorten(text, length) for text in texts[:ENTRIES])


def _shorten_statements(statements: Statements) -> Statements:
    """Statements with those cut that a page shows."""
    return replace(
        statements,
        edition=shorten(statements.edition, PARAGRAPH),
        pages=shorten(statements.pages, PARAGRAPH),
        illustrations=shorten(statements.illustrations, PARAGRAPH),
        size=shorten(statements.size, PARAGRAPH),
        notes=_shorten_all(statements.notes, PARAGRAPH),
        whole=_shorten_all(statements.whole, LINE),
    )
