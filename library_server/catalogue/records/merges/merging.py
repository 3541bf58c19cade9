"""Merges of two records, and their undo: what a merge moved is stored with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.dto import STATEMENTS
from library_server.catalogue.enums import Access, AssetRole, Status, find_strictest
from library_server.catalogue.models import Asset, Holding, Merge, Record, Revision
from library_server.catalogue.models.records import in_utc, now
from library_server.catalogue.records import fields
from library_server.catalogue.records.access_provenance import with_baseline
from library_server.catalogue.records.commands import CatalogueError, enqueue_reindex, get_record
from library_server.catalogue.records.duplicates import Decision, save_decision
from library_server.catalogue.records.merges import membership_moves
from library_server.catalogue.records.revisions import Actor, add_revision, revise

_LIST_FIELDS = ("other_titles", "subjects", "isbn")
_NOT_MERGED = frozenset({"kind", "status", "withdrawn_reason", "access", "downloadable"})


@dataclass(frozen=True)
class MergeView:
    """A merge of `gone_id` into `kept_id` at the time `at`, in UTC."""

    kept_id: str
    gone_id: str
    kept_title: str
    gone_title: str
    at: datetime
    actor: str


class MergeRefused(CatalogueError):
    """Two records cannot be merged, or a merge cannot be undone."""

    code = "merge_refused"


def merge(session: Session, kept_id: str, gone_id: str, by: Actor) -> int:
    """Merge `gone_id` into `kept_id`: move its files, holdings, collections and links, and fill empty fields.

    The merged record is withdrawn and its address redirects to the kept one. Returns the merge's number. Raises
    `MergeRefused`, `RecordNotFound`.
    """
    target, duplicate = get_record(session, kept_id), get_record(session, gone_id)
    if kept_id == gone_id or {target.status, duplicate.status} != {Status.PUBLISHED}:
        raise MergeRefused("not_published")
    filled = _fields_to_fill(target, duplicate) | _stricter_access(target, duplicate)
    moved: dict[str, Any] = {
        "stated": _join_access_statements(target, duplicate),
        "changes": revise(session, kept_id, filled, by),
        "assets": _move_assets(session, target, duplicate),
        "holdings": _move_holdings(session, kept_id, gone_id),
        "collections": membership_moves.join_collections(session, kept_id, gone_id),
        **membership_moves.move_links(session, kept_id, gone_id),
    }
    duplicate.status, duplicate.withdrawn_reason = Status.WITHDRAWN, f"并入 {kept_id} merged"
    moved["access"] = str(target.access)
    merge_row = Merge(kept_id=kept_id, gone_id=gone_id, actor=by.name, moved=moved)
    session.add(merge_row)
    session.flush()
    for record_id in (kept_id, gone_id):
        add_revision(session, record_id, "merged", by, {"merge": merge_row.number, "kept": kept_id, "gone": gone_id})
        enqueue_reindex(session, record_id, withdrawn=record_id == gone_id)
    save_decision(session, kept_id, gone_id, Decision.MERGED, by.name)
    return merge_row.number


def _stricter_access(target: Record, duplicate: Record) -> dict[str, Any]:
    """Return the stricter of two access levels and download rights: no file becomes more public by a merge."""
    access = find_strictest(target.access, duplicate.access)
    changes: dict[str, Any] = {}
    if access != target.access:
        changes["access"] = str(access)
    if target.downloadable and not duplicate.downloadable:
        changes["downloadable"] = False
    return changes


def _join_access_statements(target: Record, duplicate: Record) -> dict[str, dict[str, str]]:
    """Join the access statements, the stricter of each source; returns those of the kept record before and after."""
    before = dict(target.details.access_stated)
    joined = with_baseline(before, target.access)
    for source, level in with_baseline(duplicate.details.access_stated, duplicate.access).items():
        joined[source] = str(find_strictest(level, joined.get(source, Access.PUBLIC)))
    if joined != before:
        target.details = replace(target.details, access_stated=joined)
    return {"before": before, "after": joined}


def unmerge(session: Session, gone_id: str, by: Actor) -> str:
    """Undo the merge of a record; returns the id of the record that it was merged into.

    Later changes by hand stay, and later restrictions apply to both records. Raises `MergeRefused` where there is no
    such merge.
    """
    merge_row = _merge_of(session, gone_id)
    if merge_row is None:
        raise MergeRefused("not_merged", record=gone_id)
    target, duplicate, moved = get_record(session, merge_row.kept_id), get_record(session, gone_id), merge_row.moved
    later = _later_merges(session, target.id)
    holders = {target.id, *(later_merge.kept_id for later_merge in later)}
    restricted_since = [*_restricted_since(target, moved), *_restricted_further(session, later)]
    back = {name: old for name, (old, new) in moved["changes"].items() if fields.get_field(target, name) == new}
    revise(session, target.id, back, by)
    _take_back_further(session, later, back, by)
    for record in (target, duplicate):
        revise(session, record.id, {"access": str(find_strictest(record.access, *restricted_since))}, by)
    for asset_id, was_superseded in moved["assets"].items():
        asset = session.get(Asset, asset_id)
        if asset is not None and asset.record_id in holders:
            asset.record_id, asset.superseded = gone_id, was_superseded
    _restore_derived(session, target.id, gone_id)
    for holding_id in moved["holdings"]:
        holding = session.get(Holding, holding_id)
        if holding is not None and holding.record_id in holders:
            holding.record_id = gone_id
    membership_moves.restore(session, merge_row, later)
    duplicate.status, duplicate.withdrawn_reason = Status.PUBLISHED, None
    merge_row.undone_at = now()
    for holder in holders - {target.id}:
        enqueue_reindex(session, holder)
    details = {"merge": merge_row.number, "kept": target.id, "gone": gone_id}
    for record_id in (target.id, gone_id):
        add_revision(session, record_id, "unmerged", by, details)
        enqueue_reindex(session, record_id)
    save_decision(session, target.id, gone_id, Decision.OPEN, by.name)
    return target.id


def _take_back_further(session: Session, later: Sequence[Merge], names: Collection[str], by: Actor) -> None:
    """Take back fields of a kept record from those that it went on into, as far as they came from it and are as they
    were.
    """
    for merge_row in later:
        gone, kept = get_record(session, merge_row.gone_id), get_record(session, merge_row.kept_id)
        changes, back = dict(merge_row.moved["changes"]), {}
        for name in (changes.keys() & set(names)) - _NOT_MERGED:
            old, new = changes[name]
            if fields.get_field(kept, name) == new:
                back[name] = _merged_value(name, old, fields.get_field(gone, name))
                changes[name] = [old, back[name]]
        revise(session, kept.id, back, by)
        merge_row.moved, names = {**merge_row.moved, "changes": changes}, back.keys()


def _restricted_since(target: Record, moved: Mapping[str, Any]) -> list[str]:
    """Return the access levels stated since a merge, and reset the statements of the kept record to those before it."""
    if "stated" not in moved:  # a merge of an earlier release
        return [str(target.access)]
    before, after, now_stated = moved["stated"]["before"], moved["stated"]["after"], target.details.access_stated
    since = {source: level for source, level in now_stated.items() if level != after.get(source)}
    gone_since = after.keys() - now_stated.keys()
    stated = {source: level for source, level in before.items() if source not in gone_since} | since
    target.details = replace(target.details, access_stated=stated)
    is_stricter = find_strictest(target.access, moved["access"]) != moved["access"]
    return [*since.values(), *([str(target.access)] if is_stricter else [])]


def _restricted_further(session: Session, later: Sequence[Merge]) -> list[str]:
    """Return the access level of the record that a kept record went on into, where it was restricted since."""
    if not later:
        return []
    access, before = get_record(session, later[-1].kept_id).access, later[0].moved.get("access", str(Access.PUBLIC))
    return [str(access)] if find_strictest(access, before) != before else []


def merges_with_others(session: Session, batch_id: str) -> list[str]:
    """Return the ids that went in merges between a record of this batch and one of another, the newest merge first."""
    target, duplicate = aliased(Record), aliased(Record)
    of_batch = [func.coalesce(record.batch_id, "") == batch_id for record in (target, duplicate)]
    standing = (
        select(Merge.gone_id)
        .join(target, target.id == Merge.kept_id)
        .join(duplicate, duplicate.id == Merge.gone_id)
        .where(Merge.undone_at.is_(None), of_batch[0] != of_batch[1])
    )
    return list(session.scalars(standing.order_by(Merge.number.desc())))


def restrict_kept(session: Session, batch_id: str, by: Actor) -> None:
    """Restrict each record to the strictest level of the records merged into it, after a batch was undone."""
    changed = select(Revision.record_id).where(Revision.batch_id == batch_id)
    gone_ids = select(Merge.gone_id).where(Merge.undone_at.is_(None), Merge.gone_id.in_(changed)).distinct()
    for gone_id in session.scalars(gone_ids).all():
        target = get_record(session, merged_into(session, gone_id) or gone_id)
        access = str(find_strictest(target.access, get_record(session, gone_id).access))
        revise(session, target.id, {"access": access}, by)


def list_merges(session: Session, limit: int = 10) -> list[MergeView]:
    """Return at most `limit` merges that were not undone, newest first."""
    standing = select(Merge).where(Merge.undone_at.is_(None)).order_by(Merge.number.desc()).limit(limit)
    return [_merge_view(session, row) for row in session.scalars(standing)]


def _merge_view(session: Session, row: Merge) -> MergeView:
    target, duplicate = get_record(session, row.kept_id), get_record(session, row.gone_id)
    return MergeView(row.kept_id, row.gone_id, target.title, duplicate.title, in_utc(row.at), row.actor)


def merged_into(session: Session, record_id: str) -> str | None:
    """Return the record that a record was merged into, through all later merges; None where it was not merged."""
    merges = _later_merges(session, record_id)
    return merges[-1].kept_id if merges else None


def _later_merges(session: Session, record_id: str) -> list[Merge]:
    """Return the merges in force by which a record went into others: into the first, and that into the next."""
    visited, merges = {record_id}, list[Merge]()
    holder = record_id
    while (merge_row := _merge_of(session, holder)) is not None and merge_row.kept_id not in visited:
        merges.append(merge_row)
        holder = merge_row.kept_id
        visited.add(holder)
    return merges


def is_withdrawn_by_hand(session: Session, record: Record) -> bool:
    """Return whether somebody withdrew a record: not the undoing of its batch, and not a merge."""
    is_withdrawn = record.status == Status.WITHDRAWN and record.details.undone_batch is None
    return is_withdrawn and merged_into(session, record.id) is None


def _merge_of(session: Session, gone_id: str) -> Merge | None:
    in_force = select(Merge).where(Merge.gone_id == gone_id, Merge.undone_at.is_(None))
    return session.scalar(in_force.order_by(Merge.number.desc()).limit(1))


def _fields_to_fill(target: Record, duplicate: Record) -> dict[str, Any]:
    """Return the fields that the kept record lacks and the merged one has; lists are joined."""
    filled: dict[str, Any] = {}
    for name in fields.NAMES:
        kept_value, gone_value = fields.get_field(target, name), fields.get_field(duplicate, name)
        value = _merged_value(name, kept_value, gone_value)
        if name not in _NOT_MERGED and gone_value and value is not kept_value:
            filled[name] = value
    return filled


def _merged_value(name: str, kept_value: Any, gone_value: Any) -> Any:
    if name in _LIST_FIELDS:
        return list(dict.fromkeys([*kept_value, *gone_value]))
    if name == STATEMENTS:
        return {**(gone_value or {}), **(kept_value or {})}
    return kept_value or gone_value


def _move_assets(session: Session, target: Record, duplicate: Record) -> dict[str, bool]:
    """Move the files; where the kept record has a file, the moved ones become earlier versions of it."""
    has_file = session.scalar(
        select(Asset.id).where(Asset.record_id == target.id, Asset.role == AssetRole.ORIGINAL).limit(1)
    )
    moved: dict[str, bool] = {}
    for asset in session.scalars(select(Asset).where(Asset.record_id == duplicate.id)):
        if has_file and asset.role != AssetRole.ORIGINAL:
            continue  # covers and texts stay with the record whose file they were made of
        moved[asset.id] = asset.superseded
        asset.record_id = target.id
        if has_file:
            asset.superseded = True
    return moved


def _restore_derived(session: Session, kept_id: str, gone_id: str) -> None:
    """Give back the files that were derived since the merge, if the kept record has no original left."""
    session.flush()
    originals = select(Asset.id).where(Asset.record_id == kept_id, Asset.role == AssetRole.ORIGINAL)
    if session.scalar(originals.limit(1)) is not None:
        return
    theirs = {(role, label) for role, label in session.execute(
        select(Asset.role, Asset.label).where(Asset.record_id == gone_id))}  # fmt: skip
    for asset in session.scalars(select(Asset).where(Asset.record_id == kept_id)).all():
        if (asset.role, asset.label) in theirs:
            session.delete(asset)
        else:
            asset.record_id = gone_id


def _move_holdings(session: Session, kept_id: str, gone_id: str) -> list[str]:
    holdings = session.scalars(select(Holding).where(Holding.record_id == gone_id)).all()
    for holding in holdings:
        holding.record_id = kept_id
    return [holding.id for holding in holdings]
