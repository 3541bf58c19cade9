"""Statements that would make a restricted record more public: they do not, and the report says so each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.row_values import draft_of_row
from ingest_tools.pipeline.metadata.stated_access import strictest_stated
from ingest_tools.pipeline.results import FileResult, Imported, ImportResult, NewRow, WrittenResult
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.changed_fields import FieldChange
from library_server.catalogue.enums import find_strictest
from library_server.catalogue.records.access_provenance import Restriction, find_restrictions
from library_server.catalogue.records.revisions import Actor


def with_kept_restrictions(
    session: Session, results: Sequence[ImportResult], written: Sequence[WrittenResult], by: Actor
) -> list[WrittenResult]:
    """Return what became of results, with the access level of the record wherever a source names a laxer one.

    Rows that were compared with the catalogue just now (`NewRow`) have theirs already.
    """
    outcomes = list(written)
    restrictions = _find_restrictions(session, results, written)
    for at, result in enumerate(results):
        outcome = outcomes[at]
        if isinstance(result, NewRow) or not isinstance(outcome, Imported) or outcome.record_id not in restrictions:
            continue
        description = result.description if isinstance(result, FileResult) else None
        if change := _find_refused(session, outcome, restrictions[outcome.record_id], description, by):
            outcomes[at] = replace(outcome, kept=(*outcome.kept, change))
    return outcomes


def _find_restrictions(
    session: Session, results: Sequence[ImportResult], written: Sequence[WrittenResult]
) -> dict[str, Restriction]:
    ids = {
        outcome.record_id
        for result, outcome in zip(results, written, strict=True)
        if isinstance(outcome, Imported) and not isinstance(result, NewRow)
    }
    if not ids:
        return {}
    session.flush()
    return find_restrictions(session, ids)


def _find_refused(
    session: Session, outcome: Imported, restriction: Restriction, description: Description | None, by: Actor
) -> FieldChange | None:
    """Return the level of a record and the laxer one that a source names; None where it names none."""
    level, named = restriction.level, strictest_stated(outcome.candidate, description, restriction.stated)
    is_known = any(change.field == "access" for change in outcome.kept)
    if named is None or is_known or named == level or find_strictest(named, level) != level:
        return None
    row = outcome.candidate.row
    names_record = row is not None and outcome.record_id in row.bibliographic.record_names
    if row is not None and names_record and not _is_edited(session, outcome, row, by):
        return None
    return FieldChange("access", level, named)


def _is_edited(session: Session, outcome: Imported, row: ManifestRow, by: Actor) -> bool:
    """Return whether somebody edited the access level in a row of an export; else it says what was exported."""
    from ingest_tools.pipeline.known_records import named_records  # files need none of it, nor MARC

    result = NewRow(outcome.candidate, row, outcome.record_id, draft_of_row(outcome.candidate, row))
    named = named_records.find_named(session, [result], by)
    edits = named_records.find_edits(result, named[result.record_id])
    return isinstance(edits, named_records.NamedRow) and edits.is_access_edited
