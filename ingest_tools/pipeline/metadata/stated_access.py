"""Who may read a record, as its sources say: a list, a MARC file, or the file itself.

A record keeps the last statement of each source, and the strictest of them stands. So the source that restricted a
record can lift the restriction, and no other can. A source is a path on its disk and, of a list, the thing that a row
describes: another disk at the same place is another source. What no source restricted (a librarian by hand, a merge) is
kept with the statements, and no source lifts it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata.merge import PreparedDraft
from ingest_tools.sources.disks import disk_of
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.packs.names import outer_file
from library_server.catalogue import bulk_edits
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Access, find_strictest
from library_server.catalogue.normalization.text import fold_name
from library_server.catalogue.records import queries, revisions
from library_server.catalogue.records.access_provenance import SAME_BYTES, with_baseline
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor


@dataclass(frozen=True)
class AccessStatement:
    """An access level that a source names: `path` is the file or the list, `key` tells it from every other source."""

    path: str
    key: str
    level: str


def with_access_statements(
    prepared_draft: PreparedDraft, candidate: Candidate, description: Description | None
) -> PreparedDraft:
    """Return the draft of a new record with what its sources say of access."""
    return _keep_statements(prepared_draft, _by_key(collect_access_statements(candidate, description)))


def with_earlier_access(
    session: Session, prepared_draft: PreparedDraft, earlier_ids: Collection[str], stated: Sequence[AccessStatement]
) -> PreparedDraft:
    """Return the draft of a new record, no more public than the earlier records of its path, and those they were
    merged into.

    The sources of those records may lift their restrictions.
    """
    merged = {merging.merged_into(session, record_id) for record_id in earlier_ids}
    records = [queries.find_record(session, record_id) for record_id in {*earlier_ids, *filter(None, merged)}]
    earlier = [record for record in records if record is not None]
    if not earlier:
        return prepared_draft
    levels: dict[str, str] = {}
    for record in earlier:
        is_by_hand = revisions.last_change_is_by_hand(session, record.id, "access")
        for key, level in _find_explaining_statements(session, record, stated, is_by_hand=is_by_hand).items():
            levels[key] = str(find_strictest(level, levels.get(key, level)))
    levels |= _by_key(stated)
    draft = replace(prepared_draft.draft, access=find_strictest(Access.PUBLIC, *levels.values()))
    return _keep_statements(replace(prepared_draft, draft=draft), levels)


def collect_access_statements(candidate: Candidate, description: Description | None) -> list[AccessStatement]:
    """Return the access levels that a file and its row name in words."""
    stated: list[AccessStatement] = []
    if description is not None and description.access:
        stated.append(_make_statement(candidate.path, "", description.access))
    if candidate.row is not None and candidate.list_path is not None and candidate.row.bibliographic.access:
        stated.append(
            _make_statement(candidate.list_path, _identify_item(candidate.row), candidate.row.bibliographic.access)
        )
    return stated


def strictest_stated(candidate: Candidate, description: Description | None, kept: Mapping[str, str]) -> str | None:
    """Return the strictest access level that a file and its row name; None where they name none.

    What a file that was not read again (without a `description`) said is among the statements that its record has
    `kept`.
    """
    levels = [statement.level for statement in collect_access_statements(candidate, description)]
    if description is None:
        levels += filter(None, [kept.get(_make_statement(candidate.path, "", "").key)])
    return str(find_strictest(*levels)) if levels else None


def update_access(
    session: Session, record_id: str, candidate: Candidate, description: Description | None, by: Actor
) -> bool:
    """Give a known record the access level that follows from what its sources say now; returns whether it changed."""
    return bool(restate_records(session, {record_id: (candidate, description)}, by))


def restate_records(
    session: Session, sources: Mapping[str, tuple[Candidate, Description | None]], by: Actor
) -> set[str]:
    """Give known records, by their ids, the access levels that follow from what their sources say now.

    A level that was stated before is saved again, so that it survives the undoing of the batch that first stated it.
    Returns the ids of the records whose level changed.
    """
    stated = {
        record_id: named for record_id, source in sources.items() if (named := collect_access_statements(*source))
    }
    if not stated:
        return set()
    records = queries.records(session, stated)
    by_hand = revisions.find_changed_by_hand(session, records, "access")
    changes: dict[str, dict[str, list[str | None]]] = {}
    levels: dict[str, dict[str, str]] = {}
    for record_id, record in records.items():
        levels_by_key = _by_key(stated[record_id])
        explaining = _find_explaining_statements(session, record, stated[record_id], is_by_hand=record_id in by_hand)
        current_levels = {**explaining, **levels_by_key}
        candidate, _ = sources[record_id]
        if candidate.row is not None and candidate.row.bibliographic.access:
            current_levels.pop(SAME_BYTES, None)
        changes[record_id] = _changed_statements(record.details.access_stated, current_levels, levels_by_key)
        levels[record_id] = {"access": str(find_strictest(*current_levels.values()))}
    bulk_edits.restate_records(session, changes, by)
    return bulk_edits.revise_records(session, levels, by)


def _changed_statements(
    before: Mapping[str, str], after: Mapping[str, str], named: Container[str]
) -> dict[str, list[str | None]]:
    """Return the statements before and after, by source, that differ or are `named` again."""
    return {
        key: [before.get(key), after.get(key)]
        for key in {**before, **after}
        if before.get(key) != after.get(key) or key in named
    }


def restrict_access(
    session: Session, record_id: str, candidate: Candidate, description: Description | None, by: Actor
) -> None:
    """Apply the restriction of a rejected row as well: which of two contradicting rows comes first is chance."""
    row, record = candidate.row, queries.find_record(session, record_id)
    if row is None or record is None or not row.bibliographic.access:
        return
    if find_strictest(row.bibliographic.access, record.access) != record.access:
        update_access(session, record_id, candidate, description, by)


def _find_explaining_statements(
    session: Session, record: RecordView, stated: Sequence[AccessStatement], *, is_by_hand: bool
) -> dict[str, str]:
    """Return the kept statements from which the present access level follows, with a baseline where they do not
    explain it.

    A level that was set by hand replaces what sources said before. The level of a record that is older than access
    statements came from the list that described it, if there was one.
    """
    levels = record.details.access_stated
    if is_by_hand:
        return with_baseline({}, record.access)
    if (
        not levels
        and stated
        and all(repository.has_described(session, statement.path, record.id) for statement in stated)
    ):
        return {}
    return with_baseline(levels, record.access)


def _keep_statements(prepared_draft: PreparedDraft, levels: Mapping[str, str]) -> PreparedDraft:
    draft = prepared_draft.draft
    explained = with_baseline(levels, draft.access)
    if not explained:
        return prepared_draft
    return replace(prepared_draft, draft=replace(draft, details=replace(draft.details, access_stated=explained)))


def _identify_item(row: ManifestRow) -> str:
    """Return what a row calls the thing that it describes: another row of the list may describe the same record.

    Where a row was handed back, its cell says from which list; it is not believed, since anybody can write it.
    """
    described = row.bibliographic
    return fold_name(row.file or next(iter(described.record_names), "") or described.control_number or described.title)


def _by_key(stated: Sequence[AccessStatement]) -> dict[str, str]:
    return {statement.key: statement.level for statement in stated}


def _make_statement(path: Path, item: str, level: str) -> AccessStatement:
    """Return a statement whose key is a hash: details are public and must not show the path."""
    source = "\0".join((disk_of(Path(outer_file(str(path)))), str_path(path.absolute()), item))
    return AccessStatement(str_path(path), hashlib.sha256(source.encode()).hexdigest()[:16], level)
