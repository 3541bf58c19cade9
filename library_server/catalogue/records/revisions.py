"""Changes to records that exist: each keeps who, when, and every field before and after, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.assets.derivatives import ask_for_public_copy
from library_server.catalogue.bounds import bound_holding
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.dto import HoldingView
from library_server.catalogue.enums import AssetRole, Status, strictest
from library_server.catalogue.models import Asset, Batch, Collection, Holding, Record, Revision
from library_server.catalogue.models.records import in_utc
from library_server.catalogue.records import fields
from library_server.catalogue.records.changed_fields import COLLECTED
from library_server.catalogue.records.commands import (
    add_to_collection,
    enqueue_reindex,
    existing,
    remove_from_collection,
)

STATED_ACTION = "stated"


@dataclass(frozen=True)
class Actor:
    """Who makes a change, and in which batch if in one."""

    actor: str
    batch_id: str | None = None


@dataclass(frozen=True)
class RevisionView:
    """One change: `action` is added, edited, version, holding, merged, unmerged, confirmed or undone.

    `changes` are by field, each before and after.
    """

    record_id: str
    at: datetime
    actor: str
    action: str
    changes: dict[str, Any]
    batch_id: str | None


@dataclass
class Undone:
    """What taking a batch back did, in records."""

    withdrawn: int = 0
    restored: int = 0
    kept: int = 0


def revise(session: Session, record_id: str, values: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Set fields of a record; returns the changes made, field to [before, after], empty where all stood so already."""
    record = existing(session, record_id)
    changes: dict[str, Any] = {}
    for name, value in values.items():
        before = fields.get_field(record, name)
        fields.set_field(record, name, value)
        after = fields.get_field(record, name)
        if before != after:
            changes[name] = [before, after]
    if changes:
        record.match_key = fields.match_key(fields.of_record(record))
        note(session, record_id, "edited", by, changes)
        enqueue_reindex(session, record_id)
    return changes


def restate(session: Session, record_id: str, changes: Mapping[str, Sequence[str | None]], by: Actor) -> None:
    """Keep what sources state of access, source to [before, after], None for nothing; no part of the history."""
    _set_statements(existing(session, record_id), {source: after for source, (_, after) in changes.items()})
    note(session, record_id, STATED_ACTION, by, changes)


def differing(session: Session, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Which of these values a record says otherwise already, field to [its value, this one]; nothing is changed."""
    record, said = existing(session, record_id), Record(details=RecordDetails())
    found: dict[str, Any] = {}
    for name, value in values.items():
        fields.set_field(said, name, value)
        theirs, ours = fields.get_field(record, name), fields.get_field(said, name)
        if theirs not in (None, "", [], {}) and theirs != ours:
            found[name] = [theirs, ours]
    return found


def note(session: Session, record_id: str, action: str, by: Actor, changes: Mapping[str, Any]) -> None:
    """Keep who did what to a record."""
    session.add(
        Revision(record_id=record_id, batch_id=by.batch_id, actor=by.actor, action=action, changes=dict(changes))
    )


def set_holding(session: Session, record_id: str, holding: HoldingView, by: Actor) -> bool:
    """Note printed copies at a place, once: the same place and shelf mark again is the same holding, counted anew."""
    holding = bound_holding(holding)
    found = session.scalar(
        select(Holding).where(
            Holding.record_id == record_id,
            Holding.place == holding.place,
            Holding.shelf_mark.is_not_distinct_from(holding.shelf_mark),
        )
    )
    if found is not None and found.copies == holding.copies:
        return False
    before = found.copies if found is not None else 0
    if found is None:
        session.add(Holding(record_id=record_id, **vars(holding)))
    else:
        found.copies = holding.copies
    change = {"place": holding.place, "shelf_mark": holding.shelf_mark, "copies": [before, holding.copies]}
    note(session, record_id, "holding", by, change)
    enqueue_reindex(session, record_id)
    return True


def history(session: Session, record_id: str) -> list[RevisionView]:
    """All that happened to a record, oldest first; the first is its being added."""
    record = existing(session, record_id)
    wanted = select(Revision).where(Revision.record_id == record_id, Revision.action != STATED_ACTION)
    found = session.scalars(wanted.order_by(Revision.number)).all()
    # a record that came in again belongs to that batch; the first of these revisions names the one before
    moved = next((revision.changes["batch"] for revision in found if revision.action == "reinstated"), None)
    batch_id = moved[0] if moved else record.batch_id
    batch = session.get(Batch, batch_id) if batch_id else None
    first = RevisionView(record_id, in_utc(record.created_at), batch.actor if batch else "", "added", {}, batch_id)
    return [first, *(RevisionView(one.record_id, in_utc(one.at), one.actor, one.action, one.changes, one.batch_id)
                     for one in found)]  # fmt: skip


def versions(session: Session, record_ids: Sequence[str]) -> dict[str, int]:
    """The number of the last revision of records; one that was never changed is left out."""
    last = select(Revision.record_id, func.max(Revision.number)).where(Revision.record_id.in_(record_ids))
    return {record_id: number for record_id, number in session.execute(last.group_by(Revision.record_id))}


def last_change_is_by_hand(session: Session, record_id: str, field: str) -> bool:
    """Whether a field of a record was last changed by somebody, not in a batch; False where it was never changed."""
    wanted = select(Revision).where(Revision.record_id == record_id, Revision.action == "edited")
    for revision in session.scalars(wanted.order_by(Revision.number.desc())):
        if field in revision.changes and "turned_back" not in revision.changes:
            return revision.batch_id is None
    return False


def changed_since(session: Session, record_id: str, field: str, number: int) -> bool:
    """Whether a field of a record was changed after the revision of that number, and the change was not turned back."""
    later = (Revision.record_id == record_id, Revision.number > number, Revision.action == "edited")
    revisions = session.scalars(select(Revision).where(*later))
    return any(field in one.changes and "turned_back" not in one.changes for one in revisions)


def undo_batch(session: Session, batch_id: str, by: Actor) -> Undone:
    """Take back what a batch did and nothing else: its records are withdrawn, its changes to others turned back.

    A field that somebody changed since stays as that one left it and is counted as kept. Said again, nothing is left.
    """
    undone = Undone()
    for record in session.scalars(select(Record).where(Record.batch_id == batch_id, Record.status != Status.WITHDRAWN)):
        record.status, record.withdrawn_reason = Status.WITHDRAWN, f"批次 {batch_id} 已撤销 batch undone"
        record.details = replace(record.details, undone_batch=batch_id)
        note(session, record.id, "undone", Actor(by.actor), {"status": [Status.PUBLISHED, Status.WITHDRAWN]})
        enqueue_reindex(session, record.id, withdrawn=True)
        undone.withdrawn += 1
    _undo_statements(session, batch_id)
    turned = set()
    wanted = select(Revision).where(Revision.batch_id == batch_id, Revision.action.in_(tuple(_TURN_BACK)))
    for revision in session.scalars(wanted.order_by(Revision.number.desc())).all():
        record = existing(session, revision.record_id)
        if record.batch_id == batch_id or "turned_back" in revision.changes:
            continue
        if _TURN_BACK[revision.action](session, record, revision):
            turned.add(record.id)
            note(session, record.id, "undone", Actor(by.actor), {"revision": revision.number})
        else:
            undone.kept += 1
        revision.changes = {**revision.changes, "turned_back": True}
        enqueue_reindex(session, record.id)
    undone.restored = len(turned)
    return undone


def reinstate(session: Session, record_id: str, by: Actor) -> bool:
    """Publish again a record that an undone batch had added, now that its file came in again; whether it was one."""
    record = existing(session, record_id)
    if record.status != Status.WITHDRAWN or record.details.undone_batch is None:
        return False
    changes = {"status": [Status.WITHDRAWN, Status.PUBLISHED], "batch": [record.batch_id, by.batch_id]}
    record.status, record.withdrawn_reason, record.batch_id = Status.PUBLISHED, None, by.batch_id
    note(session, record_id, "reinstated", by, changes)
    record.details = replace(record.details, undone_batch=None)
    enqueue_reindex(session, record_id)
    return True


def _undo_statements(session: Session, batch_id: str) -> None:
    """Turn back what a batch kept of sources' statements of access, but for those that were stated anew since."""
    wanted = select(Revision).where(Revision.batch_id == batch_id, Revision.action == STATED_ACTION)
    for revision in session.scalars(wanted.order_by(Revision.number.desc())).all():
        record = existing(session, revision.record_id)
        if record.batch_id == batch_id or "turned_back" in revision.changes:
            continue
        stated, anew = record.details.access_stated, _stated_since(session, revision)
        _set_statements(record, {source: before for source, (before, after) in revision.changes.items()
                                 if stated.get(source) == after and source not in anew})  # fmt: skip
        revision.changes = {**revision.changes, "turned_back": True}


def _stated_since(session: Session, revision: Revision) -> set[str]:
    """The sources that stated access after a revision, in batches that were not undone."""
    later = (Revision.record_id == revision.record_id, Revision.number > revision.number)
    revisions = session.scalars(select(Revision).where(*later, Revision.action == STATED_ACTION))
    return {source for one in revisions if "turned_back" not in one.changes for source in one.changes}


def _set_statements(record: Record, levels: Mapping[str, str | None]) -> None:
    stated = {**record.details.access_stated, **levels}
    kept = {source: level for source, level in stated.items() if level}
    record.details = replace(record.details, access_stated=kept)


def _turn_fields(session: Session, record: Record, revision: Revision) -> bool:
    """Access is not turned back past what was decided since, nor past what sources state that are not undone."""
    turned = False
    for name, (before, after) in revision.changes.items():
        if fields.get_field(record, name) != after:
            continue
        if name == "access":
            if changed_since(session, record.id, name, revision.number):
                continue
            before = str(strictest(before, *record.details.access_stated.values()))
        fields.set_field(record, name, before)
        turned = turned or before != after
    record.match_key = fields.match_key(fields.of_record(record))
    return turned


def _turn_holding(session: Session, record: Record, revision: Revision) -> bool:
    said = revision.changes
    found = session.scalar(
        select(Holding).where(
            Holding.record_id == record.id,
            Holding.place == said["place"],
            Holding.shelf_mark.is_not_distinct_from(said["shelf_mark"]),
            Holding.copies == said["copies"][1],
        )
    )
    if found is None:
        return False
    if said["copies"][0]:
        found.copies = said["copies"][0]
    else:
        session.delete(found)
    return True


def _turn_version(session: Session, record: Record, revision: Revision) -> bool:
    before, after = revision.changes["original"]
    originals = {one.id: one for one in session.scalars(
        select(Asset).where(Asset.record_id == record.id, Asset.role == AssetRole.ORIGINAL))}  # fmt: skip
    if before not in originals or after not in originals or originals[after].superseded:
        return False
    originals[before].superseded, originals[after].superseded = False, True
    ask_for_public_copy(session, record.id)
    return True


def _turn_collections(session: Session, record: Record, revision: Revision) -> bool:
    """Take a record out of the collections that it was put into, and put it back into those that it was taken from."""
    before, after = map(set, revision.changes["collections"])
    ids = dict(
        session.execute(select(Collection.title, Collection.id).where(Collection.title.in_(before | after))).all()
    )
    for title in (after - before) & ids.keys():
        remove_from_collection(session, ids[title], record.id)
    for title in (before - after) & ids.keys():
        add_to_collection(session, ids[title], record.id)
    return before != after


_TURN_BACK = {"edited": _turn_fields, COLLECTED: _turn_collections, "holding": _turn_holding, "version": _turn_version}
