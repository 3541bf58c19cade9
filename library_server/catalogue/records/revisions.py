"""Revisions of records: who changed which fields when, with the values before and after, and their undo."""

from __future__ import annotations

from collections.abc import Collection as AnyCollection
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.assets.derivatives import request_public_copy
from library_server.catalogue.changed_fields import COLLECTED
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import AssetRole, Status, find_strictest
from library_server.catalogue.models import Asset, Batch, Collection, Holding, Record, Revision
from library_server.catalogue.models.records import in_utc
from library_server.catalogue.records import fields
from library_server.catalogue.records.commands import add_to_collection, enqueue_reindex, get_record
from library_server.catalogue.records.commands import remove_from_collection as leave_collection

EDITED_ACTION = "edited"
STATED_ACTION = "stated"
REVERTED = "turned_back"
"""The key in the changes of a revision that was reverted."""
_WAS_REVERTED, _WAS_KEPT = (True, 0), (False, 1)  # whether a change was reverted, and how much of it was kept


@dataclass(frozen=True)
class Actor:
    """Who makes a change, and in which batch; `batch_id` is None for a change by hand."""

    name: str
    batch_id: str | None = None


@dataclass(frozen=True)
class RevisionView:
    """One change: `action` is added, edited, version, holding, collected, cover, merged, unmerged, confirmed, undone or
    reinstated.

    `changes` are by field, each before and after. The changes of a record are numbered from 1; 0 is its addition.
    """

    record_id: str
    at: datetime
    actor: str
    action: str
    changes: dict[str, Any]
    batch_id: str | None
    number: int = 0


@dataclass
class UndoReport:
    """How many records an undo withdrew and restored, and how many changes it kept since they were changed again."""

    withdrawn: int = 0
    restored: int = 0
    kept: int = 0


def revise(session: Session, record_id: str, values: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Set fields of a record; returns the changes made, field to [before, after], empty where nothing changed."""
    changes = set_fields(get_record(session, record_id), values)
    if changes:
        add_revision(session, record_id, EDITED_ACTION, by, changes)
        enqueue_reindex(session, record_id)
    return changes


def set_fields(record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set fields of a row; returns the changes made, which are to be noted."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        before = fields.get_field(record, name)
        fields.set_field(record, name, value)
        after = fields.get_field(record, name)
        if before != after:
            changes[name] = [before, after]
    if changes:
        record.match_key = fields.match_key(fields.values_of_record(record))
    return changes


def save_access_statements(
    session: Session, record_id: str, changes: Mapping[str, Sequence[str | None]], by: Actor
) -> None:
    """Save what sources state of access, {source: [before, after]}, None for nothing.

    `list_revisions` does not show it.
    """
    set_access_statements(get_record(session, record_id), {source: after for source, (_, after) in changes.items()})
    add_revision(session, record_id, STATED_ACTION, by, changes)


def find_differences(session: Session, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a record has, but not as in `values`, to [its value, that one]; changes nothing."""
    record, scratch = get_record(session, record_id), Record(details=RecordDetails())
    conflicts: dict[str, Any] = {}
    for name, value in values.items():
        fields.set_field(scratch, name, value)
        theirs, ours = fields.get_field(record, name), fields.get_field(scratch, name)
        if theirs not in (None, "", [], {}) and theirs != ours:
            conflicts[name] = [theirs, ours]
    return conflicts


def add_revision(session: Session, record_id: str, action: str, by: Actor, changes: Mapping[str, Any]) -> None:
    """Add a revision to a record."""
    session.add(
        Revision(record_id=record_id, batch_id=by.batch_id, actor=by.name, action=action, changes=dict(changes))
    )


def list_revisions(session: Session, record_id: str) -> list[RevisionView]:
    """Return the history of a record, oldest first; it begins with the adding of the record."""
    record = get_record(session, record_id)
    statement = select(Revision).where(Revision.record_id == record_id, Revision.action != STATED_ACTION)
    revisions = session.scalars(statement.order_by(Revision.number)).all()
    # a record that came in again belongs to that batch; the first of these revisions names the one before
    moved = next((revision.changes["batch"] for revision in revisions if revision.action == "reinstated"), None)
    batch_id = moved[0] if moved else record.batch_id
    batch = session.get(Batch, batch_id) if batch_id else None
    first = RevisionView(record_id, in_utc(record.created_at), batch.actor if batch else "", "added", {}, batch_id)
    return [first, *map(_revision_view, revisions)]


def _revision_view(row: Revision) -> RevisionView:
    return RevisionView(row.record_id, in_utc(row.at), row.actor, row.action, row.changes, row.batch_id, row.number)


def load_versions(session: Session, record_ids: Sequence[str]) -> dict[str, int]:
    """Return the number of the last revision of records; one that was never changed is left out."""
    last = select(Revision.record_id, func.max(Revision.number)).where(Revision.record_id.in_(record_ids))
    return {record_id: number for record_id, number in session.execute(last.group_by(Revision.record_id))}


def last_change_is_by_hand(session: Session, record_id: str, field: str) -> bool:
    """Return whether a field of a record was last changed by somebody, not in a batch; False where it was never
    changed.
    """
    return bool(find_changed_by_hand(session, [record_id], field))


def find_changed_by_hand(session: Session, record_ids: AnyCollection[str], field: str) -> set[str]:
    """Return the records of which a field was last changed by somebody, not in a batch."""
    is_by_hand: dict[str, bool] = {}
    edits = select(Revision).where(Revision.record_id.in_(record_ids), Revision.action == EDITED_ACTION)
    for revision in session.scalars(edits.order_by(Revision.number.desc())):
        if field in revision.changes and REVERTED not in revision.changes:
            is_by_hand.setdefault(revision.record_id, revision.batch_id is None)
    return {record_id for record_id, by_hand in is_by_hand.items() if by_hand}


def changed_since(session: Session, record_id: str, field: str, number: int) -> bool:
    """Return whether a field of a record was changed after the revision of that number, and that change was not
    reverted.
    """
    later = (Revision.record_id == record_id, Revision.number > number, Revision.action == EDITED_ACTION)
    revisions = session.scalars(select(Revision).where(*later))
    return any(field in revision.changes and REVERTED not in revision.changes for revision in revisions)


def revert_changes(session: Session, batch_id: str, by: Actor) -> UndoReport:
    """Withdraw the records that a batch added, and revert what it changed in others.

    A field that somebody has changed since stays as it is and is counted as kept. A second call changes nothing.
    """
    report = UndoReport()
    for record in session.scalars(select(Record).where(Record.batch_id == batch_id, Record.status != Status.WITHDRAWN)):
        record.status, record.withdrawn_reason = Status.WITHDRAWN, f"批次 {batch_id} 已撤销 batch undone"
        record.details = replace(record.details, undone_batch=batch_id)
        add_revision(session, record.id, "undone", Actor(by.name), {"status": [Status.PUBLISHED, Status.WITHDRAWN]})
        enqueue_reindex(session, record.id, withdrawn=True)
        report.withdrawn += 1
    _undo_statements(session, batch_id)
    reverted = set()
    revisions = select(Revision).where(Revision.batch_id == batch_id, Revision.action.in_(tuple(_REVERT)))
    for revision in session.scalars(revisions.order_by(Revision.number.desc())).all():
        record = get_record(session, revision.record_id)
        if record.batch_id == batch_id or REVERTED in revision.changes:
            continue
        is_reverted, kept_count = _REVERT[revision.action](session, record, revision)
        if is_reverted:
            reverted.add(record.id)
            add_revision(session, record.id, "undone", Actor(by.name), {"revision": revision.number})
        report.kept += kept_count
        revision.changes = {**revision.changes, REVERTED: True}
        enqueue_reindex(session, record.id)
    report.restored = len(reverted)
    return report


def reinstate(session: Session, record_id: str, by: Actor) -> bool:
    """Publish again a record that an undone batch had added, now that its file came in again; whether it was one."""
    record = get_record(session, record_id)
    if record.status != Status.WITHDRAWN or record.details.undone_batch is None:
        return False
    changes = {"status": [Status.WITHDRAWN, Status.PUBLISHED], "batch": [record.batch_id, by.batch_id]}
    record.status, record.withdrawn_reason, record.batch_id = Status.PUBLISHED, None, by.batch_id
    add_revision(session, record_id, "reinstated", by, changes)
    record.details = replace(record.details, undone_batch=None)
    enqueue_reindex(session, record_id)
    return True


def _undo_statements(session: Session, batch_id: str) -> None:
    """Revert the statements of access that a batch kept, except those that a source has stated again since."""
    revisions = select(Revision).where(Revision.batch_id == batch_id, Revision.action == STATED_ACTION)
    for revision in session.scalars(revisions.order_by(Revision.number.desc())).all():
        record = get_record(session, revision.record_id)
        if record.batch_id == batch_id or REVERTED in revision.changes:
            continue
        stated, anew = record.details.access_stated, _stated_since(session, revision)
        set_access_statements(record, {source: before for source, (before, after) in revision.changes.items()
                                 if stated.get(source) == after and source not in anew})  # fmt: skip
        revision.changes = {**revision.changes, REVERTED: True}


def _stated_since(session: Session, revision: Revision) -> set[str]:
    """Return the sources that stated access after a revision, in batches that were not undone."""
    later = (Revision.record_id == revision.record_id, Revision.number > revision.number)
    later_revisions = session.scalars(select(Revision).where(*later, Revision.action == STATED_ACTION))
    in_force = [revision for revision in later_revisions if REVERTED not in revision.changes]
    return {source for revision in in_force for source in revision.changes}


def set_access_statements(record: Record, levels: Mapping[str, str | None]) -> None:
    """Set the access levels that sources state of a row, by source; None for nothing any more."""
    stated = {**record.details.access_stated, **levels}
    statements = {source: level for source, level in stated.items() if level}
    record.details = replace(record.details, access_stated=statements)


def _revert_fields(session: Session, record: Record, revision: Revision) -> tuple[bool, int]:
    """Revert fields. Access is left where it was changed since, and made no more public than other sources state.

    Returns whether any field was reverted, and how many were kept.
    """
    is_reverted, kept_count = False, 0
    for name, (before, after) in revision.changes.items():
        was_changed = fields.get_field(record, name) != after
        if was_changed or (name == "access" and changed_since(session, record.id, name, revision.number)):
            kept_count += 1
            continue
        if name == "access":
            before = str(find_strictest(before, *record.details.access_stated.values()))
        fields.set_field(record, name, before)
        is_reverted = is_reverted or before != after
        kept_count += before == after
    record.match_key = fields.match_key(fields.values_of_record(record))
    return is_reverted, kept_count


def _revert_holding(session: Session, record: Record, revision: Revision) -> tuple[bool, int]:
    change = revision.changes
    has_shelf_mark = Holding.shelf_mark.is_not_distinct_from(change["shelf_mark"])
    at_place = select(Holding).where(Holding.record_id == record.id, Holding.place == change["place"], has_shelf_mark)
    holding = session.scalar(at_place.where(Holding.copies == change["copies"][1]))
    if holding is None:
        return _WAS_KEPT
    if change["copies"][0]:
        holding.copies = change["copies"][0]
    else:
        session.delete(holding)
    return _WAS_REVERTED


def _revert_version(session: Session, record: Record, revision: Revision) -> tuple[bool, int]:
    before, after = revision.changes["original"]
    originals = {asset.id: asset for asset in session.scalars(
        select(Asset).where(Asset.record_id == record.id, Asset.role == AssetRole.ORIGINAL))}  # fmt: skip
    if before not in originals or after not in originals or originals[after].superseded:
        return _WAS_KEPT
    originals[before].superseded, originals[after].superseded = False, True
    request_public_copy(session, record.id)
    return _WAS_REVERTED


def _revert_collections(session: Session, record: Record, revision: Revision) -> tuple[bool, int]:
    """Take a record out of the collections that it was put into, and put it back into those that it was taken from."""
    before, after = map(set, revision.changes["collections"])
    named = select(Collection.title, Collection.id).where(Collection.title.in_(before | after))
    ids = dict(session.execute(named).all())
    for title in (after - before) & ids.keys():
        leave_collection(session, ids[title], record.id)
    for title in (before - after) & ids.keys():
        add_to_collection(session, ids[title], record.id)
    return _WAS_REVERTED


_REVERT = {
    EDITED_ACTION: _revert_fields,
    COLLECTED: _revert_collections,
    "holding": _revert_holding,
    "version": _revert_version,
}
