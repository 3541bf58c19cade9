"""Merging two records, with what follows for the pictures that they keep."""

from __future__ import annotations

from sqlalchemy.orm import Session

from library_server.catalogue.assets import sidecar_pictures
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.jobs import queue


def merge_records(session: Session, kept_id: str, gone_id: str, by: Actor) -> None:
    """Make `gone_id` a part of `kept_id`, and no picture that they keep more public than they are.

    Records that give up their cover get another one by a job. Raises as `merging.merge` does.
    """
    merging.merge(session, kept_id, gone_id, by)
    for record_id in sidecar_pictures.reconcile_access(session, [kept_id], by):
        queue.enqueue(session, queue.REGENERATE_IMAGES, record_id)
