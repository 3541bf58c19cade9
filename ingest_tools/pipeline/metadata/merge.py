"""Puts together what a file says of itself, what its name says, and what the librarian said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.formats.audiovisual.tags.artists import is_read_aloud
from ingest_tools.formats.photos.location_metadata.coordinates.recognition import text_has_coordinates
from ingest_tools.sources.filenames import NameHints, parse_filename
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.naming.performers import read_people
from ingest_tools.sources.packs.names import as_folders
from library_server.catalogue.bounds import Shortening, bound_draft
from library_server.catalogue.common_fields import common_fields
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Access, CreatorRole, Kind, find_strictest
from library_server.catalogue.normalization.identifiers import LONGEST_ISBN, normalize_isbn
from library_server.catalogue.normalization.labels import (
    LABELLED,
    creator_without_label,
    roles_without_label,
    without_label,
)
from library_server.catalogue.normalization.text import language_tag
from library_server.exchange.agents import read_creators
from library_server.exchange.bibliographic import split_terms, to_draft
from library_server.lazy_patterns import lazy_pattern

_FIRST_ROLE = {
    Kind.LECTURE: CreatorRole.LECTURER,
    Kind.FILM: CreatorRole.DIRECTOR,
    Kind.PERFORMANCE: CreatorRole.PERFORMER,
    Kind.PHOTO: CreatorRole.PHOTOGRAPHER,
    Kind.AUDIO: CreatorRole.NARRATOR,
}
_BETWEEN_TERMS = r"[;；、，|\n]|(?<=[^\x00-\x7f]),"
_BRACKETS_OF_ROLE = lazy_pattern(r"\s*[(（\[【]([^()（）\[\]【】]{1,6})[)）\]】]$")
_PHOTO_WITHOUT_NAME = "照片"
_NUMBER_OF_BOOK = lazy_pattern(r"\d(?:[\s\-‐-―－]{0,2}\d){7}")  # what is shorter is no ISBN
# 2019年第3期, 总第12期, 2019年3月号
_ISSUE = lazy_pattern(
    r"[\s\-_·.(（]*(?:(?:19|20)\d{2}年?[\s\-_.]*)?(?:总?第\s?[\d一二三四五六七八九十]{1,4}\s?[期号辑]|\d{1,2}月?[期号])[)）]?"
)


@dataclass(frozen=True)
class PreparedDraft:
    """A draft, the course (a folder's name and path) that the record is a part of, and what had to be shortened."""

    draft: RecordDraft
    course: tuple[str, str] | None
    shortened: tuple[Shortening, ...] = ()


def within_bounds(prepared_draft: PreparedDraft) -> PreparedDraft:
    """Return a draft as the catalogue will keep it, with what is lost by that."""
    draft, shortened = bound_draft(prepared_draft.draft)
    return PreparedDraft(draft, prepared_draft.course, shortened)


def public_path(path: Path, description: Description) -> Path:
    """Return the path of a file with a name that readers may see: that of a photo is replaced where it has
    coordinates.
    """
    if description.format == "photo" and text_has_coordinates(path.stem):
        return path.with_name(_PHOTO_WITHOUT_NAME + path.suffix)
    return path


def build_draft(description: Description, path: Path, kind: str | None) -> PreparedDraft:
    """Return the draft of a record. The file's own metadata wins over its name, except for the part number, the kind of
    video and audio, and the date of a photo.
    """
    description = _with_wrong_isbn_noted(_without_labels(description))
    media = description.format in {"video", "audio"}
    hints = parse_filename(as_folders(public_path(path, description)), media=media, photo=description.format == "photo")
    chosen = Kind(_choose_kind(description, hints, kind))
    title = _choose_title(description, hints)
    if description.format == "photo" and not description.title and text_has_coordinates(title):
        title = _PHOTO_WITHOUT_NAME
    part_number = hints.number if hints.number is not None else description.part_number
    return PreparedDraft(
        RecordDraft(
            **common_fields(description) | {"series": description.series or hints.course, "part_number": part_number},
            kind=chosen,
            title=title,
            creators=_choose_creators(description, hints, chosen, path),
            date=(hints.date if chosen == Kind.PHOTO and not hints.by_camera else None)
            or description.date
            or hints.date,
            isbn=description.isbn,
            subjects=tuple(description.subjects),
            access=Access(description.access) if description.access else Access.PUBLIC,
            details=replace(description.details, format=description.format),
            source_path=os.fsencode(path).decode("utf-8", "backslashreplace"),
            photo_hash=_parse_photo_hash(description.details.photo_hash),
        ),
        (hints.course, str(hints.course_folder)) if hints.course else None,
    )


def _with_wrong_isbn_noted(description: Description) -> Description:
    """Return a description whose ISBN has the right check digit; one with a wrong one goes into the notes, for a
    librarian to compare with the book.
    """
    written = description.isbn
    if not written or normalize_isbn(written):
        return description
    description = replace(description, isbn=None)
    if not _NUMBER_OF_BOOK.search(written):
        return description
    statements = description.details.statements
    note = f"文件里写的 ISBN {' '.join(written.split())[:LONGEST_ISBN]} 校验位不对"
    noted = replace(statements, notes=tuple(dict.fromkeys((*statements.notes, note))))
    return replace(description, details=replace(description.details, statements=noted))


def _choose_title(description: Description, hints: NameHints) -> str:
    """Return the title in a file, else its name; where the name adds the issue of a periodical, the name."""
    if description.title and hints.title.startswith(description.title):
        added = hints.title[len(description.title) :]
        return hints.title if _ISSUE.fullmatch(added) else description.title
    return description.title or hints.title


def _without_labels(description: Description) -> Description:
    """Return a description without the labels that stand in its values; that of a creator says the role.

    Several names in one value are told apart, but for the tags of films and recordings: see `_choose_creators`.
    """
    creators = description.creators
    if description.format not in {"video", "audio"}:
        labelled_names = [(*roles_without_label(name.strip()), role) for name, role in creators]
        named = [(name, str(each)) for name, labelled, role in labelled_names if name for each in labelled or (role,)]
        creators = [creator for name, role in named for creator in read_creators(name, role)]
    values: dict[str, Any] = {
        name: without_label(value, name) for name in LABELLED if (value := getattr(description, name))
    }
    return replace(
        description,
        **values,
        creators=list(dict.fromkeys(creators)),
        language=language_tag(description.language) if description.language else None,
        subjects=[],
    ).with_subjects(_split_subjects(description.subjects))


def _split_subjects(subjects: Iterable[str]) -> Iterator[str]:
    """Yield the terms of subjects, several of which may stand in one value: `园艺;柑橘`.

    A comma between Latin words is a part of a term.
    """
    for subject in subjects:
        for term in split_terms(without_label(subject, "subject"), _BETWEEN_TERMS):
            if bare := without_label(term, "subject"):
                yield bare


def apply_row(prepared_draft: PreparedDraft, listed: ManifestRow) -> PreparedDraft:
    """Return a draft of a file with what its row in a list says; the row wins wherever it says something.

    Of two access levels the stricter stands.
    """
    row = to_draft(listed.bibliographic, kind=listed.bibliographic.kind or str(prepared_draft.draft.kind))
    filled = {field.name: value for field in fields(row)
              if (value := getattr(row, field.name)) not in (None, "", (), {})}  # fmt: skip
    for name in (
        "source_path",
        "local_id",
        "downloadable",
        "details",
        *(["title"] if not listed.bibliographic.title else []),
    ):
        filled.pop(name, None)
    filled["access"] = find_strictest(prepared_draft.draft.access, row.access)
    details = prepared_draft.draft.details.merge(row.details)
    course = (listed.course, f"course:{listed.course}") if listed.course else prepared_draft.course
    return PreparedDraft(replace(prepared_draft.draft, **filled, details=details), course)


def _choose_kind(description: Description, hints: NameHints, stated_kind: str | None) -> str:
    if stated_kind or description.described_by_nfo:
        return stated_kind or description.kind
    if description.format == "video" and hints.kind in {"film", "performance", "lecture"}:
        return hints.kind
    if description.format == "audio" and hints.kind in {"performance", "lecture"}:
        return hints.kind
    return description.kind


def _choose_creators(description: Description, hints: NameHints, kind: Kind, path: Path) -> tuple[CreatorName, ...]:
    """Return the creators in a file, else those in its name.

    The word written next to a name (`何纪光演唱`) says the role; else it is that of the tag, or of the first person in
    a record of this kind.
    """
    creators = [(name, str(role)) for name, role in hints.creators]
    if description.creators and description.format not in {"video", "audio"}:
        creators = description.creators
    elif description.creators:
        tagged = description.creators
        creators = [creator for name, role in tagged for creator in _read_tagged(name, role, description, kind)]
    elif hints.creator and hints.creator not in {name for name, _ in creators}:
        is_sung = kind == Kind.AUDIO and not is_read_aloud({"title": "/".join(path.parts[-4:])}, path.suffix.lower())
        first_role = CreatorRole.PERFORMER if is_sung else _FIRST_ROLE.get(kind, CreatorRole.AUTHOR)
        creators.insert(0, (hints.creator, str(first_role)))
    return tuple(CreatorName(name, role) for name, role in dict.fromkeys(creators))


def _read_tagged(text: str, role: str, description: Description, kind: Kind) -> list[tuple[str, str]]:
    """Return the people in one value of a tag, which were told apart by its own rules: `Simon & Garfunkel` is one."""
    if stated := read_people(text) or read_people(_BRACKETS_OF_ROLE.sub(r"\1", text)):
        return [(name, str(stated_role)) for name, stated_role in stated]
    name, labelled = creator_without_label(text.strip())
    is_first = kind == Kind.LECTURE or role in {CreatorRole.PERFORMER, CreatorRole.NARRATOR}
    if is_first and kind != Kind.AUDIO and not description.described_by_nfo:
        role = _FIRST_ROLE.get(kind, role)
    return [(name, str(labelled or role))] if name else []


def _parse_photo_hash(photo_hash: str | None) -> int | None:
    """Return 64 bits, given in hex, as databases keep them: with a sign."""
    if photo_hash is None:
        return None
    value = int(photo_hash, 16)
    return value - (1 << 64) if value >> 63 else value
