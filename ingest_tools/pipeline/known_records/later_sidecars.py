"""What was put next to a file after it came in: subtitles, a cover, a CUE sheet, an NFO file."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.results import KnownFile
from library_server.catalogue.assets import derivatives, sidecar_pictures
from library_server.catalogue.batches import repository
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.records import commands, fields, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor

_OF_NFO = ("kind", "title", "creators", "date", "abstract", "publisher", "series", "part_number", "subjects")


def labels_to_store(
    session: Session, record_id: str, description: Description, pictures: Sequence[NewAsset]
) -> set[tuple[str, str]]:
    """Return role and label of the derived files of a record that were evicted, or that come from its sidecars."""
    labels = derivatives.dropped_labels(session, record_id) | description.subtitle_labels()
    if sidecar_pictures.are_new(session, record_id, pictures):
        labels |= {(file.role, file.label) for file in description.derived if file.media_type.startswith("image/")}
    return labels


def save_new_sidecars(session: Session, result: KnownFile, restored: Collection[NewAsset], by: Actor) -> bool:
    """Save the chapters, cover and NFO metadata that a known record got; return whether readers see anything new.

    `restored` are the derived files that the record was given: a cover that had been evicted is no new one.
    """
    has_chapters = _save_chapters(session, result)
    has_cover = _save_cover(session, result, restored, by)
    has_metadata = _save_nfo_metadata(session, result, by)
    return has_chapters or has_cover or has_metadata or any(asset.role == AssetRole.SUBTITLE for asset in restored)


def _save_chapters(session: Session, result: KnownFile) -> bool:
    chapters = result.description.details.chapters
    if not chapters or chapters == commands.get_record(session, result.record_id).details.chapters:
        return False
    commands.update_details(session, result.record_id, RecordDetails(chapters=chapters))
    return True


def _save_nfo_metadata(session: Session, result: KnownFile, by: Actor) -> bool:
    """Change the record as an NFO file says, but for what was changed since; not that of another copy of the file."""
    if not result.description.described_by_nfo:
        return False
    record_id, path = result.record_id, result.candidate.entry_path
    earlier = repository.find_imported(session, [path]).get(path, [])
    if all(prior.record_id != record_id for prior in earlier):
        return False
    draft = fields.values_of_draft(result.prepared_draft.draft)
    values = {
        name: draft[name]
        for name in _OF_NFO
        if draft.get(name) and not revisions.changed_since(session, record_id, name, 0)
    }
    return bool(revisions.revise(session, record_id, values, by))


def _save_cover(session: Session, result: KnownFile, restored: Collection[NewAsset], by: Actor) -> bool:
    """Note the cover that was made of a new picture: its proportions and colour, and the change of the record."""
    record_id = result.record_id
    new = [picture for picture in result.pictures if sidecar_pictures.are_new(session, record_id, [picture])]
    if not new or not any(asset.role == AssetRole.COVER for asset in restored):
        return False
    if (cover := result.description.details.cover) is not None:
        commands.update_details(session, record_id, RecordDetails(cover=cover))
    revisions.add_revision(session, record_id, "cover", by, {"cover": [None, new[0].filename]})
    commands.enqueue_reindex(session, record_id)
    return True
