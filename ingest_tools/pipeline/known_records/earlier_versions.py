"""An earlier version of a file that came in again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import KnownFile
from library_server.catalogue.assets import versions
from library_server.catalogue.batches import repository
from library_server.catalogue.records import queries
from library_server.catalogue.records.revisions import Actor


def restore_earlier_version(session: Session, result: KnownFile, by: Actor) -> bool:
    """Make an earlier version current again if its file came in under the path of its record.

    Returns whether it was made current. Another format of the same book is no earlier version of it.
    """
    asset, record = (
        queries.original_by_sha256(session, result.original.sha256),
        queries.find_record(session, result.record_id),
    )
    current = record.original if record else None
    if asset is None or not asset.superseded or (current and current.media_type != asset.media_type):
        return False
    path = result.candidate.entry_path
    earlier = repository.find_imported(session, [path]).get(path, [])
    if not earlier or earlier[-1].record_id != result.record_id:
        return False
    versions.restore_version(session, asset.id, result.record_id, by)
    return True
