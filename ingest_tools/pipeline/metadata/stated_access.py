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
from library_server.catalogue.enums import Access, strictest
from library_server.catalogue.records import queries, revisions
from library_server.catalogue.records.revisions import Actor

BASELINE = "baseline"
"""The key among the statements of a level that no source stated; no source can lower it, and no path has this hash."""


def with_statements(drafted: DraftRecord, candidate: Candidate, description: Description | None) -> DraftRecord:
    """The draft of a new record with what its sources say of access."""
    return _keeping(drafted, _by_key(statements(candidate, description)))


def with_earlier_access(drafted: DraftRecord, earlier: Sequence[RecordView]) -> DraftRecord:
    """The draft of a new record, no more public than records that its path stood for before; their sources may lift."""
    draft = drafted.draft
    access = strictest(draft.access, *(record.access for record in earlier))
    said = {key: level for record in earlier for key, level in _kept(record).items() if key != BASELINE}
    restricted = replace(drafted, draft=replace(draft, access=access))
    return _keeping(restricted, {**said, **draft.details.access_stated})


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
    changes = {
        key: [_kept(record).get(key), kept.get(key)]
        for key in {**_kept(record), **kept}
        if _kept(record).get(key) != kept.get(key)
    }
    if changes:
        revisions.restate(session, record_id, changes, by)
    return bool(revisions.revise(session, record_id, {"access": str(strictest(*kept.values()))}, by))


def _explaining(session: Session, record: RecordView, stated: Mapping[str, str]) -> dict[str, str]:
    """The kept statements from which the present access level follows, with a baseline where they do not explain it.

    A level that was set by hand takes the place of what sources said before. Of a record that was catalogued before
    statements were kept, a list that described it then is believed.
    """
    kept = _kept(record)
    if revisions.last_change_is_by_hand(session, record.id, "access"):
        return _with_baseline({}, record.access)
    if not kept and all(repository.has_described(session, path, record.id) for path in stated):
        return {}
    return _with_baseline(kept, record.access)


def _keeping(drafted: DraftRecord, kept: Mapping[str, str]) -> DraftRecord:
    draft = drafted.draft
    explained = _with_baseline(kept, draft.access)
    if not explained:
        return drafted
    return replace(drafted, draft=replace(draft, details=replace(draft.details, access_stated=explained)))


def _with_baseline(kept: Mapping[str, str], access: Access) -> dict[str, str]:
    """Statements with an access level as the baseline where it is stricter than they are."""
    explained = strictest(Access.PUBLIC, *kept.values())
    if strictest(explained, access) == explained:
        return dict(kept)
    return {**kept, BASELINE: str(access)}


def _list_of(candidate: Candidate) -> str:
    """The path of the list that a row stands in; of a row that was handed back, of the list that it came from."""
    row, path = candidate.row, candidate.list_path
    assert row is not None
    assert path is not None
    return SourceLocator.parse(row.origin).path if row.origin else str_path(path)


def _kept(record: RecordView) -> Mapping[str, str]:
    return record.details.access_stated


def _by_key(stated: Mapping[str, str]) -> dict[str, str]:
    return {_key(path): level for path, level in stated.items()}


def _key(path: str) -> str:
    """A path without telling it: details may be shown."""
    return hashlib.sha256(repository.entry_path(path).encode()).hexdigest()[:16]
