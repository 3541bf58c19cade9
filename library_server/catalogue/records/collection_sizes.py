"""Whether the stored sizes of collections are right: counted anew, compared and mended."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from library_server.catalogue.enums import Status
from library_server.catalogue.models import Collection, CollectionRecord, Record


def find_wrong_sizes(session: Session) -> dict[str, tuple[int, int]]:
    """Return the slugs of collections whose stored size is wrong, with that size and the counted one."""
    counts = _count(session)
    rows = session.execute(select(Collection.id, Collection.slug, Collection.size).order_by(Collection.slug))
    return {slug: (size, counts.get(name, 0)) for name, slug, size in rows if size != counts.get(name, 0)}


def set_sizes(session: Session, wrong: Mapping[str, tuple[int, int]]) -> None:
    """Store the counted sizes that `find_wrong_sizes` found."""
    for slug, (_, counted) in sorted(wrong.items()):
        session.execute(update(Collection).where(Collection.slug == slug).values(size=counted))


def _count(session: Session) -> dict[str, int]:
    """Return how many published records collections hold, by id: all members less the few that are not published."""
    members = select(CollectionRecord.collection_id, func.count()).group_by(CollectionRecord.collection_id)
    others = [status for status in Status if status != Status.PUBLISHED]  # a list that the index on status answers
    hidden = members.where(CollectionRecord.record_id.in_(select(Record.id).where(Record.status.in_(others))))
    less = {name: count for name, count in session.execute(hidden)}
    return {name: count - less.get(name, 0) for name, count in session.execute(members)}
