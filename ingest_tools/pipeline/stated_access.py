"""Who may read a record, as its sources say: a list, a MARC file, or the file itself.

A record keeps the last statement of each source, and the strictest of them stands. So the source that restricted a
record can lift the restriction, and no other can. What a librarian restricted by hand no source lifts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata_merge import DraftRecord
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.locator import SourceLocator
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Access
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.revisions import Actor
from library_server.exchange.access_statements import stricter

STATED = "access_stated"
"""The key of a record's details under which the statements are kept: {hash of the source's path: access level}."""


def with_statements(drafted: DraftRecord, candidate: Candidate, description: Description | None) -> DraftRecord:
    """The draft of a new record with what its sources say of access."""
    stated = statements(candidate, description)
    if not stated:
        return drafted
    draft = drafted.draft
    return replace(drafted, draft=replace(draft, details={**draft.details, STATED: _by_key(stated)}))


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
    access = _access(session, record, stated)
    commands.set_details(session, record_id, **{STATED: {**_kept(record), **_by_key(stated)}})
    return bool(revisions.revise(session, record_id, {"access": str(access)}, by))


def _access(session: Session, record: RecordView, stated: Mapping[str, str]) -> Access:
    kept = _kept(record)
    by_hand = revisions.last_change_is_by_hand(session, record.id, "access")
    are_known = all(_is_known(session, record, path) for path in stated)
    if by_hand or not are_known:
        return stricter([record.access, *stated.values()])
    return stricter({**kept, **_by_key(stated)}.values())


def _is_known(session: Session, record: RecordView, path: str) -> bool:
    """Whether the access level of a record is known to follow from a source among those that it keeps.

    Of a record that was catalogued before statements were kept, a list that described it then is believed.
    """
    if record.access == Access.PUBLIC:
        return True
    kept = _kept(record)
    return _key(path) in kept if kept else repository.has_described(session, path, record.id)


def _list_of(candidate: Candidate) -> str:
    """The path of the list that a row stands in; of a row that was handed back, of the list that it came from."""
    row, path = candidate.row, candidate.list_path
    assert row is not None
    assert path is not None
    return SourceLocator.parse(row.origin).path if row.origin else str_path(path)


def _kept(record: RecordView) -> dict[str, str]:
    kept: dict[str, str] = record.details.get(STATED, {})
    return kept


def _by_key(stated: Mapping[str, str]) -> dict[str, str]:
    return {_key(path): level for path, level in stated.items()}


def _key(path: str) -> str:
    """A path without telling it: details may be shown."""
    return hashlib.sha256(repository.entry_path(path).encode()).hexdigest()[:16]
