"""Who may read a record, as its sources say: a list, a MARC file, or the file itself.

A record keeps the last statement of each source, and the strictest of them stands. So the source that restricted a
record can lift the restriction, and no other can. What no source restricted (a librarian by hand, a merge) is kept as
a baseline beside the statements, which no source lifts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import DraftRecord
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.locator import SourceLocator
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import strictest
from library_server.catalogue.records import queries, revisions
from library_server.catalogue.records.revisions import Actor
from library_server.catalogue.records.stated_access import BASELINE, SAME_BYTES, STATED, statements_of, with_baseline


def with_statements(drafted: DraftRecord, candidate: Candidate, description: Description | None) -> DraftRecord:
    """The draft of a new record with what its sources say of access."""
    return _keeping(drafted, _by_key(statements(candidate, description)))


def with_earlier_access(drafted: DraftRecord, earlier: Sequence[RecordView]) -> DraftRecord:
    """The draft of a new record, no more public than records that its path stood for before; their sources may lift."""
    draft = drafted.draft
    access = strictest(draft.access, *(record.access for record in earlier))
    statements_before = {
        key: level for record in earlier for key, level in statements_of(record.details).items() if key != BASELINE
    }
    restricted = replace(drafted, draft=replace(draft, access=access))
    return _keeping(restricted, {**statements_before, **draft.details.get(STATED, {})})


def statements(candidate: Candidate, description: Description | None) -> dict[str, str]:
    """The access levels that a file and its row name in words, by the path of the file and of the list."""
    stated: dict[str, str] = {}
    if description is not None and description.access:
        stated[str_path(candidate.path)] = description.access
    if candidate.row is not None and candidate.row.bibliographic.access:
        stated[_list_of(candidate)] = candidate.row.bibliographic.access
    return stated


def restate(session: Session, record_id: str, candidate: Candidate, description: Description | None, by: Actor) -> bool:
    """Give a known record the access level that follows from what its sources say now; returns whether it changed."""
    stated = statements(candidate, description)
    record = queries.record(session, record_id) if stated else None
    if record is None:
        return False
    kept = {**_explaining(session, record, stated), **_by_key(stated)}
    if candidate.row is not None and candidate.row.bibliographic.access:
        kept.pop(SAME_BYTES, None)
    changes = {
        key: [statements_of(record.details).get(key), kept.get(key)]
        for key in {**statements_of(record.details), **kept}
        if statements_of(record.details).get(key) != kept.get(key)
    }
    if changes:
        revisions.restate(session, record_id, changes, by)
    return bool(revisions.revise(session, record_id, {"access": str(strictest(*kept.values()))}, by))


def _explaining(session: Session, record: RecordView, stated: Mapping[str, str]) -> dict[str, str]:
    """The kept statements from which the present access level follows, with a baseline where they do not explain it.

    A level that was set by hand takes the place of what sources said before. Of a record that was catalogued before
    statements were kept, a list that described it then is believed.
    """
    kept = statements_of(record.details)
    if revisions.last_change_is_by_hand(session, record.id, "access"):
        return with_baseline({}, record.access)
    if not kept and all(repository.has_described(session, path, record.id) for path in stated):
        return {}
    return with_baseline(kept, record.access)


def _keeping(drafted: DraftRecord, kept: Mapping[str, str]) -> DraftRecord:
    draft = drafted.draft
    explained = with_baseline(kept, draft.access)
    if not explained:
        return drafted
    return replace(drafted, draft=replace(draft, details={**draft.details, STATED: explained}))


def _list_of(candidate: Candidate) -> str:
    """The path of the list that a row stands in; of a row that was handed back, of the list that it came from."""
    row, path = candidate.row, candidate.list_path
    assert row is not None
    assert path is not None
    return SourceLocator.parse(row.origin).path if row.origin else str_path(path)


def _by_key(stated: Mapping[str, str]) -> dict[str, str]:
    return {_key(path): level for path, level in stated.items()}


def _key(path: str) -> str:
    """A path without telling it: details may be shown."""
    return hashlib.sha256(repository.entry_path(path).encode()).hexdigest()[:16]
