"""Collections and links of records in a merge: those of the merged record move to the kept one, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import CollectionRecord, Merge, RecordLink
from library_server.catalogue.records.commands import add_to_collection


def join_collections(session: Session, kept_id: str, gone_id: str) -> list[str]:
    """Add the kept record to the collections of the merged one; returns those that it was not in."""
    members = select(CollectionRecord.collection_id)
    of_kept = set(session.scalars(members.where(CollectionRecord.record_id == kept_id)))
    of_gone = session.scalars(members.where(CollectionRecord.record_id == gone_id)).all()
    added = [collection_id for collection_id in of_gone if collection_id not in of_kept]
    for collection_id in added:
        add_to_collection(session, collection_id, kept_id)
    return added


def move_links(session: Session, kept_id: str, gone_id: str) -> dict[str, list[list[str]]]:
    """Move the links of the merged record to the kept one.

    Returns the links as they were, and those that the kept record did not have before, as `[source, type, target]`.
    """
    link_rows = session.scalars(
        select(RecordLink).where((RecordLink.source_id == gone_id) | (RecordLink.target_id == gone_id))
    ).all()
    links = [[link_row.source_id, link_row.type, link_row.target_id] for link_row in link_rows]
    for link_row in link_rows:
        session.delete(link_row)
    session.flush()
    added = [
        link for link in (_at_kept(link, kept_id, gone_id) for link in links)
        if link[0] != link[2] and session.get(RecordLink, tuple(link)) is None
    ]  # fmt: skip
    for source, kind, target in added:
        session.merge(RecordLink(source_id=source, type=kind, target_id=target))
    return {"links": links, "links_added": added}


def restore(session: Session, undone: Merge, later: Sequence[Merge]) -> None:
    """Undo what a merge did to collections and links, also in the records that its kept record was merged into.

    `later` are those merges, in their order. A later merge forgets what it had from the undone one.
    """
    for collection_id in undone.moved["collections"]:
        _leave_collection(session, collection_id, [undone, *later])
    for link in undone.moved["links"]:
        _remove_link(session, link, [undone, *later])
    for source, kind, target in undone.moved["links"]:
        session.merge(RecordLink(source_id=source, type=kind, target_id=target))


def _leave_collection(session: Session, collection_id: str, merges: Sequence[Merge]) -> None:
    for number, merge_row in enumerate(merges):
        if collection_id not in merge_row.moved["collections"]:
            break
        if (member := session.get(CollectionRecord, (collection_id, merge_row.kept_id))) is not None:
            session.delete(member)
        if number:
            _forget(merge_row, "collections", collection_id)


def _remove_link(session: Session, link: list[str], merges: Sequence[Merge]) -> None:
    for number, merge_row in enumerate(merges):
        moved = merge_row.moved
        if link not in moved["links"]:
            break
        if number:
            _forget(merge_row, "links", link)
        link = _at_kept(link, merge_row.kept_id, merge_row.gone_id)
        if link not in moved.get("links_added", [link]):  # a merge of an earlier release names only `links`
            break
        if number:
            _forget(merge_row, "links_added", link)
        if (row := session.get(RecordLink, tuple(link))) is not None:
            session.delete(row)


def _at_kept(link: list[str], kept_id: str, gone_id: str) -> list[str]:
    source, kind, target = link
    return [kept_id if source == gone_id else source, kind, kept_id if target == gone_id else target]


def _forget(merge_row: Merge, name: str, value: Any) -> None:
    values = merge_row.moved.get(name, [])
    merge_row.moved = {**merge_row.moved, name: [item for item in values if item != value]}
