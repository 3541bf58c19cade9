"""Puts together what a file says of itself, what its name says, and what the librarian said."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.naming import NameHints, read_name
from library_server.catalogue.views import CreatorName, RecordDraft
from library_server.catalogue.vocabulary import Access, CreatorRole, Kind

_FIRST_ROLE = {
    Kind.LECTURE: CreatorRole.LECTURER,
    Kind.FILM: CreatorRole.DIRECTOR,
    Kind.PERFORMANCE: CreatorRole.PERFORMER,
    Kind.PHOTO: CreatorRole.PHOTOGRAPHER,
    Kind.AUDIO: CreatorRole.NARRATOR,
}


@dataclass(frozen=True)
class Drafted:
    """A draft and the course (a folder's name and path) that the record is a part of."""

    draft: RecordDraft
    course: tuple[str, str] | None


def draft(described: Description, path: Path, kind: str | None) -> Drafted:
    """The draft of a record. The file's own metadata wins over its name, but for dates of photos."""
    media = described.format in {"video", "audio"}
    hints = read_name(path, media=media)
    chosen = Kind(_kind(described, hints, kind))
    title = described.title or hints.title
    return Drafted(
        RecordDraft(
            kind=chosen,
            title=title,
            creators=_creators(described, hints, chosen),
            publisher=described.publisher,
            date=(hints.date if chosen == Kind.PHOTO else None) or described.date or hints.date,
            language=described.language,
            isbn=described.isbn,
            clc=described.clc,
            subjects=tuple(described.subjects),
            abstract=described.abstract,
            series=described.series or hints.course,
            part_number=hints.number if hints.number is not None else described.part_number,
            place_covered=described.place_covered,
            time_covered=described.time_covered,
            rights=described.rights,
            access=Access(described.access) if described.access else Access.PUBLIC,
            extent=described.extent,
            duration_ms=described.duration_ms,
            details=_details(described),
            source_path=os.fsencode(path).decode("utf-8", "backslashreplace"),
        ),
        (hints.course, str(path.parent)) if hints.course else None,
    )


def _kind(described: Description, hints: NameHints, said: str | None) -> str:
    if said:
        return said
    if described.format == "video" and hints.kind in {"film", "performance", "lecture"}:
        return hints.kind
    if described.format == "audio" and hints.kind in {"performance", "lecture"}:
        return hints.kind
    return described.kind


def _creators(described: Description, hints: NameHints, kind: Kind) -> tuple[CreatorName, ...]:
    if described.creators:
        media = described.format in {"video", "audio"}
        found = [(name, _FIRST_ROLE.get(kind, role) if media else role) for name, role in described.creators]
    elif hints.creator:
        found = [(hints.creator, _FIRST_ROLE.get(kind, CreatorRole.AUTHOR))]
    else:
        found = []
    return tuple(CreatorName(name, str(role)) for name, role in found)


def _details(described: Description) -> dict[str, Any]:
    return {**described.details, "format": described.format}
