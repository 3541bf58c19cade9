"""A picture that came to lie next to the file of a known record: it becomes the cover."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import KnownFile
from library_server.catalogue.assets import sidecar_pictures
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.records import commands, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor


def note_new_cover(session: Session, result: KnownFile, restored: Sequence[NewAsset], by: Actor) -> None:
    """Note the cover that was made of a new picture: its proportions and colour, and the change of the record.

    `restored` are the derived files that the record was given: a cover that was merely dropped is no new one.
    """
    record_id = result.record_id
    new = [picture for picture in result.pictures if not sidecar_pictures.is_kept(session, record_id, picture.sha256)]
    if not new or not any(asset.role == AssetRole.COVER for asset in restored):
        return
    if (cover := result.description.details.cover) is not None:
        commands.update_details(session, record_id, RecordDetails(cover=cover))
    revisions.note(session, record_id, "cover", by, {"cover": [None, new[0].filename]})
    commands.enqueue_reindex(session, record_id)
