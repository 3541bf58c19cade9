"""Issues grants to visitors that may fetch a record. A test holds that no other module issues one."""

from __future__ import annotations

from library_server.catalogue.dto import Cover, RecordCard, RecordView
from library_server.catalogue.enums import Status
from library_server.delivery.context import current_delivery
from library_server.people.permissions import ANYONE, Visitor, may_fetch


def issue_grant(record: RecordCard, visitor: Visitor = ANYONE) -> str | None:
    """Return a grant for the bytes of a record; None where the visitor may not fetch them or the record is not
    published.
    """
    if isinstance(record, RecordView) and record.status != Status.PUBLISHED:  # cards are of published records only
        return None
    if not may_fetch(record.access, visitor):
        return None
    return current_delivery().grants.issue(record.id, record.access)


def visible_cover(card: RecordCard, visitor: Visitor = ANYONE) -> Cover | None:
    """Return the real cover of a record; None where it has none or the visitor may not fetch it, and one is drawn."""
    return card.cover if may_fetch(card.access, visitor) else None
