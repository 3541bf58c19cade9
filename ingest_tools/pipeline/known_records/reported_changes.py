"""What a batch changed in records that the library had before, for its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import Imported, WrittenResult
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.changed_fields import FieldChange, changed_fields
from library_server.catalogue.enums import EntryState, find_strictest
from library_server.catalogue.records import changes, queries


def with_changes(session: Session, written: Sequence[WrittenResult], batch_id: str, since: int) -> list[WrittenResult]:
    """Return the results with what was changed in their records after the revision of the number `since`.

    Of several results of one record the first that joined it has all of it, else the first that was added. Records that
    the batch itself added are left out.
    """
    session.flush()
    by_record: dict[str, list[FieldChange]] = {}
    for revision in changes.of_batch_since(session, batch_id, since):
        changed = changed_fields(revision.action, revision.changes)
        by_record.setdefault(revision.record_id, []).extend(changed)
    for record_id in queries.ids_of_batch(session, batch_id, by_record):
        del by_record[record_id]
    results = list(written)
    for at in sorted(range(len(results)), key=lambda at: _rank(results[at])):
        result = results[at]
        fields = by_record.pop(result.record_id, []) if isinstance(result, Imported) else []
        if isinstance(result, Imported) and fields:
            state = EntryState.JOINED if result.state == EntryState.UNCHANGED else result.state
            results[at] = replace(result, state=state, changes=tuple(fields))
    return results


def _rank(result: WrittenResult) -> int:
    ranks = {EntryState.JOINED: 0, EntryState.ADDED: 1}
    return ranks.get(result.state, len(ranks)) if isinstance(result, Imported) else len(ranks)


def kept_access(session: Session, rows: Mapping[str, ManifestRow]) -> dict[str, tuple[FieldChange, ...]]:
    """Return the access levels that rows name, by the ids of their records, where these keep a stricter one: what lifts
    nothing must be said.
    """
    stated = {record_id: row.bibliographic.access for record_id, row in rows.items() if row.bibliographic.access}
    levels = queries.access_levels(session, stated) if stated else {}
    return {
        record_id: (FieldChange("access", level, stated[record_id]),)
        for record_id, level in levels.items()
        if stated[record_id] != level == find_strictest(stated[record_id], level)
    }
