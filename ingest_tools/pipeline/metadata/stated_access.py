"""Who may read a record, as its sources say: a list, a MARC file, or the file itself.

A record keeps the last statement of each source, and the strictest of them stands. So the source that restricted a
record can lift the restriction, and no other can. A source is a path on its disk and, of a list, the thing that a row
describes: another disk at the same place is another source. What no source restricted (a librarian by hand, a merge) is
kept with the statements, and no source lifts it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import DraftRecord
from ingest_tools.sources.disks import disk_of
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.packs.names import outer_file
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Access, strictest
from library_server.catalogue.normalization.text import fold_name
from library_server.catalogue.records import merging, queries, revisions
from library_server.catalogue.records.access_provenance import SAME_BYTES, with_baseline
from library_server.catalogue.records.revisions import Actor


@dataclass(frozen=True)
class Statement:
    """An access level that a source names: `path` is the file or the list, `key` tells it from every other source."""

    path: str
    key: str
    level: str


def with_statements(drafted: DraftRecord, candidate: Candidate, description: Description | None) -> DraftRecord:
    """The draft of a new record with what its sources say of access."""
    return _keeping(drafted, _by_key(statements(candidate, description)))


def with_earlier_access(
    session: Session, drafted: DraftRecord, earlier_ids: Collection[str], stated: Sequence[Statement]
) -> DraftRecord:
    """The draft of a new record, no more public than the earlier records of its path, and those they were merged into.

    The sources of those records may lift their restrictions.
    """
    merged = {merging.merged_into(session, record_id) for record_id in earlier_ids}
    records = [queries.record(session, record_id) for record_id in {*earlier_ids, *filter(None, merged)}]
    earlier = [record for record in records if record is not None]
    if not earlier:
        return drafted
    kept: dict[str, str] = {}
    for record in earlier:
        for key, level in _explaining(session, record, stated).items():
            kept[key] = str(strictest(level, kept.get(key, level)))
    kept |= _by_key(stated)
    draft = replace(drafted.draft, access=strictest(Access.PUBLIC, *kept.values()))
    return _keeping(replace(drafted, draft=draft), kept)


def statements(candidate: Candidate, description: Description | None) -> list[Statement]:
    """The access levels that a file and its row name in words."""
    stated: list[Statement] = []
    if description is not None and description.access:
        stated.append(_statement(candidate.path, "", description.access))
    if candidate.row is not None and candidate.list_path is not None and candidate.row.bibliographic.access:
        stated.append(_statement(candidate.list_path, _item(candidate.row), candidate.row.bibliographic.access))
    return stated


def restate(session: Session, record_id: str, candidate: Candidate, description: Description | None, by: Actor) -> bool:
    """Give a known record the access level that follows from what its sources say now; returns whether it changed.

    What was stated before too is noted again: it stands when the batch that first stated it is undone.
    """
    stated = statements(candidate, description)
    record = queries.record(session, record_id) if stated else None
    if record is None:
        return False
    kept = {**_explaining(session, record, stated), **_by_key(stated)}
    if candidate.row is not None and candidate.row.bibliographic.access:
        kept.pop(SAME_BYTES, None)
    before = record.details.access_stated
    changes = {
        key: [before.get(key), kept.get(key)]
        for key in {**before, **kept}
        if before.get(key) != kept.get(key) or key in _by_key(stated)
    }
    revisions.restate(session, record_id, changes, by)
    return bool(revisions.revise(session, record_id, {"access": str(strictest(*kept.values()))}, by))


def restrict(
    session: Session, record_id: str, candidate: Candidate, description: Description | None, by: Actor
) -> None:
    """Let a row that is rejected restrict its file all the same: which of two rows comes first is chance."""
    row, record = candidate.row, queries.record(session, record_id)
    if row is None or record is None or not row.bibliographic.access:
        return
    if strictest(row.bibliographic.access, record.access) != record.access:
        restate(session, record_id, candidate, description, by)


def _explaining(session: Session, record: RecordView, stated: Sequence[Statement]) -> dict[str, str]:
    """The kept statements from which the present access level follows, with a baseline where they do not explain it.

    A level that was set by hand takes the place of what sources said before. Of a record that was catalogued before
    statements were kept, a list that described it then is believed.
    """
    kept = record.details.access_stated
    if revisions.last_change_is_by_hand(session, record.id, "access"):
        return with_baseline({}, record.access)
    if (
        not kept
        and stated
        and all(repository.has_described(session, statement.path, record.id) for statement in stated)
    ):
        return {}
    return with_baseline(kept, record.access)


def _keeping(drafted: DraftRecord, kept: Mapping[str, str]) -> DraftRecord:
    draft = drafted.draft
    explained = with_baseline(kept, draft.access)
    if not explained:
        return drafted
    return replace(drafted, draft=replace(draft, details=replace(draft.details, access_stated=explained)))


def _item(row: ManifestRow) -> str:
    """What a row calls the thing that it describes: another row of the list may describe the same record.

    Where a row was handed back, its cell says from which list; it is not believed, since anybody can write it.
    """
    described = row.bibliographic
    return fold_name(row.file or next(iter(described.record_names), "") or described.control_number or described.title)


def _by_key(stated: Sequence[Statement]) -> dict[str, str]:
    return {statement.key: statement.level for statement in stated}


def _statement(path: Path, item: str, level: str) -> Statement:
    """A statement whose key does not tell the path: details may be shown."""
    source = "\0".join((disk_of(Path(outer_file(str(path)))), str_path(path.absolute()), item))
    return Statement(str_path(path), hashlib.sha256(source.encode()).hexdigest()[:16], level)
