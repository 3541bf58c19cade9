"""What a batch changed in records that the library had before, for its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import Imported, WrittenResult
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.changed_fields import FieldChange, changed_fields
from library_server.catalogue.enums import EntryState, strictest
from library_server.catalogue.records import changes, commands


def with_changes(session: Session, written: Sequence[WrittenResult], batch_id: str, since: int) -> list[WrittenResult]:
    """The results with what was changed in their records after the revision of the number `since`.

    Of several results of one record the first that joined it has all of it, or else the first. Records that the batch
    itself added are left out.
    """
    session.flush()
    by_record: dict[str, list[FieldChange]] = {}
    for revision in changes.of_batch_since(session, batch_id, since):
        changed = changed_fields(revision.action, revision.changes)
        by_record.setdefault(revision.record_id, []).extend(changed)
    for record_id in list(by_record):
        if commands.get_record(session, record_id).batch_id == batch_id:
            del by_record[record_id]
    results = list(written)
    for at in sorted(range(len(results)), key=lambda at: not _has_joined(results[at])):
        result = results[at]
        fields = by_record.pop(result.record_id, []) if isinstance(result, Imported) else []
        if isinstance(result, Imported) and fields:
            state = EntryState.JOINED if result.state == EntryState.UNCHANGED else result.state
            results[at] = replace(result, state=state, changes=tuple(fields))
    return results


def _has_joined(result: WrittenResult) -> bool:
    return isinstance(result, Imported) and result.state == EntryState.JOINED


def kept_access(session: Session, record_id: str, row: ManifestRow) -> tuple[FieldChange, ...]:
    """The access level that a row names where its record keeps a stricter one: what lifts nothing must be said."""
    stated, access = row.bibliographic.access, str(commands.get_record(session, record_id).access)
    if not stated or stated == access or strictest(stated, access) != access:
        return ()
    return (FieldChange("access", access, stated),)
