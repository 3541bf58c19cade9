"""The pictures that are kept with records, and the access of records that share one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import FileResult, Imported, WrittenResult
from library_server.catalogue.assets import fixity, sidecar_pictures
from library_server.catalogue.records.revisions import Actor
from library_server.jobs import queue


def add_pictures(session: Session, files: Sequence[FileResult], batch_id: str) -> None:
    """Add the pictures next to files to their records, and record which damaged originals were recovered."""
    for result in files:
        sidecar_pictures.add_pictures(session, result.record_id, result.pictures)
        for asset_id in result.recovered:
            fixity.note_recovery(session, asset_id, f"ingest {batch_id}")


def reconcile_access(
    session: Session, files: Sequence[FileResult], of_rows: Sequence[WrittenResult], by: Actor
) -> None:
    """Apply the strictest access to records that keep the same picture, and queue the pictures that follow from it.

    `files` and `of_rows` are the results of files and of rows without a file.
    """
    record_ids = {result.record_id for result in files}
    record_ids |= {result.record_id for result in of_rows if isinstance(result, Imported) and result.record_id}
    for record_id in sidecar_pictures.reconcile_access(session, record_ids, by):
        queue.enqueue(session, queue.REGENERATE_IMAGES, record_id)
