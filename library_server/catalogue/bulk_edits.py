"""Edits of many records at once: what they hold is read by a few queries, and what was changed is flushed together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from library_server.catalogue.bounds import bound_holding
from library_server.catalogue.changed_fields import COLLECTED
from library_server.catalogue.dto import HoldingView
from library_server.catalogue.models import CollectionRecord, Holding, Merge, OutboxRow, Record, Revision
from library_server.catalogue.records import queries
from library_server.catalogue.records.commands import RecordNotFound
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.new_record_rows import insert_rows
from library_server.catalogue.records.revisions import (
    EDITED_ACTION,
    STATED_ACTION,
    Actor,
    set_access_statements,
    set_fields,
)

_WITH_LISTS = (selectinload(Record.creators), selectinload(Record.subjects), selectinload(Record.identifiers))


def revise_records(session: Session, values: Mapping[str, Mapping[str, Any]], by: Actor) -> set[str]:
    """Set fields of records, by their ids; returns the ids of those that were changed."""
    rows = _load_rows(session, [record_id for record_id, given in values.items() if given])
    changes = {record_id: changed for record_id, row in rows.items() if (changed := set_fields(row, values[record_id]))}
    _add_revisions(session, EDITED_ACTION, changes.items(), by)
    return set(changes)


def restate_records(session: Session, changes: Mapping[str, Mapping[str, Sequence[str | None]]], by: Actor) -> None:
    """Keep what sources state of the access of records, by their ids; see `revisions.save_access_statements`."""
    for record_id, row in _load_rows(session, changes).items():
        set_access_statements(row, {source: after for source, (_, after) in changes[record_id].items()})
    _add_revisions(session, STATED_ACTION, changes.items(), by)


def set_holdings(session: Session, holdings: Iterable[tuple[str, HoldingView]], by: Actor) -> set[str]:
    """Note printed copies of records, by their ids, at a place, once: the same place and shelf mark again is the same
    holding, counted anew. Returns the ids of the records of which something was changed.
    """
    stated = [(record_id, bound_holding(holding)) for record_id, holding in holdings]
    if not stated:
        return set()
    rows = session.scalars(select(Holding).where(Holding.record_id.in_({record_id for record_id, _ in stated})))
    known = {(row.record_id, row.place, row.shelf_mark): row for row in rows}
    changes: list[tuple[str, dict[str, Any]]] = []
    for record_id, holding in stated:
        row = known.get((record_id, holding.place, holding.shelf_mark))
        if row is not None and row.copies == holding.copies:
            continue
        before = row.copies if row is not None else 0
        if row is None:
            row = Holding(record_id=record_id, **vars(holding))
            known[record_id, holding.place, holding.shelf_mark] = row
            session.add(row)
        else:
            row.copies = holding.copies
        change = {"place": holding.place, "shelf_mark": holding.shelf_mark, "copies": [before, holding.copies]}
        changes.append((record_id, change))
    _add_revisions(session, "holding", changes, by)
    return {record_id for record_id, _ in changes}


def add_to_collections(session: Session, members: Mapping[str, Collection[str]], by: Actor) -> set[str]:
    """Put records, by their ids, into collections; returns the ids of those that stood not in all of them."""
    known = _collection_ids(session, [record_id for record_id, ids in members.items() if ids])
    joining = {
        record_id: new_ids
        for record_id, ids in members.items()
        if (new_ids := [name for name in dict.fromkeys(ids) if name not in known.get(record_id, ())])
    }
    if not joining:
        return set()
    before = queries.collection_titles(session, list(joining))
    session.add_all(CollectionRecord(collection_id=collection_id, record_id=record_id)
                    for record_id, ids in joining.items() for collection_id in ids)  # fmt: skip
    session.flush()
    after = queries.collection_titles(session, list(joining))
    changes = {
        record_id: {"collections": [list(before.get(record_id, ())), list(after[record_id])]} for record_id in joining
    }
    _add_revisions(session, COLLECTED, changes.items(), by)
    return set(joining)


def find_merged(session: Session, record_ids: Collection[str]) -> dict[str, str]:
    """Return the records that these were merged into, by their ids; those that were not merged are left out."""
    gone_ids = select(Merge.gone_id).where(Merge.gone_id.in_(record_ids), Merge.undone_at.is_(None)).distinct()
    merged = {gone_id: merging.merged_into(session, gone_id) for gone_id in session.scalars(gone_ids).all()}
    return {gone_id: kept_id for gone_id, kept_id in merged.items() if kept_id is not None}


def _load_rows(session: Session, record_ids: Collection[str]) -> dict[str, Record]:
    """Return the rows of records by their ids, to be changed. Raises `RecordNotFound` where there is none."""
    if not record_ids:
        return {}
    rows = session.scalars(select(Record).where(Record.id.in_(record_ids)).options(*_WITH_LISTS))
    by_id = {row.id: row for row in rows}
    if missing := [record_id for record_id in record_ids if record_id not in by_id]:
        raise RecordNotFound(record=missing[0])
    return {record_id: by_id[record_id] for record_id in record_ids}


def _add_revisions(
    session: Session, action: str, changes: Collection[tuple[str, Mapping[str, Any]]], by: Actor
) -> None:
    """Add a revision to each of these records, and to the outbox those of which readers see the change."""
    insert_rows(session, Revision, [
        {"record_id": record_id, "batch_id": by.batch_id, "actor": by.name, "action": action, "changes": dict(change)}
        for record_id, change in changes
    ])  # fmt: skip
    if action != STATED_ACTION:
        ids = dict.fromkeys(record_id for record_id, _ in changes)
        insert_rows(session, OutboxRow, [{"record_id": record_id, "withdrawn": False} for record_id in ids])


def _collection_ids(session: Session, record_ids: Collection[str]) -> dict[str, set[str]]:
    ids: dict[str, set[str]] = {}
    if not record_ids:
        return ids
    members = select(CollectionRecord.record_id, CollectionRecord.collection_id)
    for record_id, collection_id in session.execute(members.where(CollectionRecord.record_id.in_(record_ids))):
        ids.setdefault(record_id, set()).add(collection_id)
    return ids
