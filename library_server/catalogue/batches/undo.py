"""Undo of a batch, with the merges of its records."""

from __future__ import annotations

from sqlalchemy.orm import Session

from library_server.catalogue.batches import repository
from library_server.catalogue.enums import BatchState
from library_server.catalogue.records import revisions
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor, UndoReport


def undo_batch(session: Session, batch_id: str, by: Actor) -> UndoReport:
    """Undo what a batch did and nothing else, and mark it as undone.

    The merge of a record of the batch with one of another batch is undone first: its files go with it, and the other
    one stays. No record is left more public than what was merged into it.
    """
    for gone_id in merging.merges_with_others(session, batch_id):
        merging.unmerge(session, gone_id, by)
    session.flush()
    report = revisions.revert_changes(session, batch_id, by)
    merging.restrict_kept(session, batch_id, by)
    repository.close_batch(session, batch_id, BatchState.UNDONE)
    return report
