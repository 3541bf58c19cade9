"""What was put next to a file after it came in: subtitles, a cover, a CUE sheet."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from library_server.catalogue.assets import derivatives, sidecar_pictures
from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.records import commands
from library_server.catalogue.records.commands import NewAsset

_PICTURES = frozenset({AssetRole.COVER, AssetRole.THUMBNAIL})


def labels_to_store(
    session: Session, record_id: str, description: Description, pictures: Sequence[NewAsset]
) -> set[tuple[str, str]]:
    """Role and label of the derived files that a known record lost, or that come from what lies next to its file."""
    labels = derivatives.dropped_labels(session, record_id) | description.subtitle_labels()
    if sidecar_pictures.are_new(session, record_id, pictures):
        labels |= {(file.role, file.label) for file in description.derived if file.media_type.startswith("image/")}
    return labels


def update_details(session: Session, record_id: str, description: Description, restored: Collection[NewAsset]) -> bool:
    """Note the chapters of a known record, and the size of a cover that it got; whether anything is new to readers."""
    known = commands.existing(session, record_id).details
    chapters, has_cover = description.details.chapters, any(asset.role in _PICTURES for asset in restored)
    has_chapters = bool(chapters) and chapters != known.chapters
    if has_chapters or has_cover:
        cover = description.details.cover if has_cover else None
        commands.update_details(session, record_id, RecordDetails(chapters=chapters, cover=cover))
    return has_chapters or has_cover or any(asset.role == AssetRole.SUBTITLE for asset in restored)
