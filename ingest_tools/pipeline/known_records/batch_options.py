"""The collection and kind that a batch names, applied to what the library has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ingest_tools.pipeline.placement import change_collections
from library_server.catalogue.bounds import bound_list
from library_server.catalogue.changed_fields import FieldChange
from library_server.catalogue.enums import PLAYABLE, Kind, Status
from library_server.catalogue.records import commands, queries, revisions
from library_server.catalogue.records.revisions import Actor


@dataclass(frozen=True)
class BatchOptions:
    """The collection (slug or name) and the kind that a batch gives to all of its records, where it names them."""

    collection: str | None = None
    kind: str | None = None

    def with_collection(self, names: Iterable[str | None]) -> list[str]:
        """Return the collections of a record: that of the batch, and those that its file and its row name."""
        return bound_list("collections", filter(None, [self.collection, *names]))

    def apply(self, session: Session, record_id: str, by: Actor) -> tuple[FieldChange, ...]:
        """Give a known record the collection and kind; return the kind as a change that was not made where it keeps its
        own.

        A withdrawn record stays as it is, and so does a kind that a librarian set by hand, or that its file is of.
        """
        if not (self.kind or self.collection):
            return ()
        record = commands.get_record(session, record_id)
        if record.status != Status.PUBLISHED:
            return ()
        unapplied: tuple[FieldChange, ...] = ()
        if self.kind and self.kind != record.kind:
            by_hand = revisions.last_change_is_by_hand(session, record_id, "kind")
            if not by_hand and (may_become(record.kind, self.kind) or not _has_file(session, record_id)):
                revisions.revise(session, record_id, {"kind": self.kind}, by)
            else:
                unapplied = (FieldChange("kind", str(record.kind), self.kind),)
        if self.collection:
            change_collections(session, record_id, [self.collection], by)
        return unapplied


def _has_file(session: Session, record_id: str) -> bool:
    record = queries.find_record(session, record_id)
    return record is not None and record.original is not None


def may_become(kind: str, other: str | None) -> bool:
    """Return whether a record that has a file may be of another kind: what plays stays what plays, a photo a photo."""
    return (kind in PLAYABLE) == (other in PLAYABLE) and (kind == Kind.PHOTO) == (other == Kind.PHOTO)
