"""The rows of new records, inserted past the unit of work: one statement for each table, however many records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from library_server.catalogue.common_fields import common_fields
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Status
from library_server.catalogue.normalization.classification import normalize_class
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.text import normalize_language
from library_server.catalogue.records import fields
from library_server.database.engine import Base


@dataclass(frozen=True)
class NewRecordRows:
    """The values of a new record's row, and of the rows that belong to it."""

    columns: dict[str, object]
    creators: list[dict[str, object]]
    subjects: list[dict[str, object]]
    identifiers: list[dict[str, object]]


def new_record_rows(record_id: str, draft: RecordDraft, batch_id: str | None) -> NewRecordRows:
    """Return the rows of a new published record; the draft is within bounds."""
    date = parse_date(draft.date) if draft.date else None
    clc = normalize_class(draft.clc) if draft.clc else None
    columns = common_fields(draft) | {
        "language": normalize_language(draft.language),
        "clc": clc,
        "id": record_id,
        "kind": draft.kind,
        "title": draft.title,
        "other_titles": list(draft.other_titles),
        "date_written": draft.date,
        "date_edtf": date.edtf if date else None,
        "date_earliest": date.earliest if date else None,
        "date_latest": date.latest if date else None,
        "access": draft.access,
        "downloadable": draft.downloadable,
        "status": Status.PUBLISHED,
        "details": draft.details,
        "source_path": draft.source_path,
        "match_key": fields.match_key_of(draft),
        "photo_hash": draft.photo_hash,
        "batch_id": batch_id,
    }
    return NewRecordRows(
        columns,
        [{"record_id": record_id, "position": position, "name": creator.name, "role": creator.role}
         for position, creator in enumerate(draft.creators)],
        [{"record_id": record_id, "position": position, "term": term} for position, term in enumerate(draft.subjects)],
        [{"record_id": record_id, "scheme": scheme, "value": value} for scheme, value in draft_identifiers(draft)],
    )  # fmt: skip


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows of a table in one statement; all name the same columns."""
    if rows:
        session.flush()  # what they refer to
        session.connection().execute(insert(cast(Table, model.__table__)), rows)


def draft_identifiers(draft: RecordDraft) -> list[tuple[str, str]]:
    """Return the scheme and value of each identifier that a record of this draft gets."""
    identifiers = [("isbn", isbn) for isbn in fields.find_isbns(draft)]
    if draft.local_id:
        identifiers.append(("local", hashed_id(draft.local_id)))
    return identifiers


def hashed_id(text: str) -> str:
    """Return the value of an identifier `local`: such names are as long as paths, so it is their hash."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()
