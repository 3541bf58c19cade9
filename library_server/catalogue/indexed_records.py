"""What the index of records reads of the catalogue: only the columns that it files, as rows and not as objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Select, Text, case, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import Status
from library_server.catalogue.models import Collection, CollectionRecord, Creator, Identifier, Record, Subject

ABSTRACT_LENGTH = 4000
_COLUMNS = (
    Record.id, Record.kind, Record.title, Record.other_titles, Record.publisher, Record.language, Record.clc,
    func.substr(Record.abstract, 1, ABSTRACT_LENGTH), Record.series, Record.place_covered, Record.time_covered,
    Record.date_earliest,
    case((cast(Record.details, Text).contains('"whole"'), type_coerce(Record.details, JSON))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """The fields of a published record that are searched, counted and sorted by; of the abstract its beginning.

    `whole` is what it is part of, as its card says; `collections` are the slugs of the collections in which it stands.
    """

    id: str
    kind: str
    title: str
    other_titles: Sequence[str] = ()
    publisher: str | None = None
    language: str | None = None
    clc: str | None = None
    abstract: str | None = None
    series: str | None = None
    place_covered: str | None = None
    time_covered: str | None = None
    date_earliest: int | None = None
    whole: Sequence[str] = ()
    creators: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


def read_indexed_records(session: Session, ids: Sequence[str]) -> dict[str, IndexedRecord]:
    """Return the published records of these ids, in five queries for all."""
    records = select(*_COLUMNS).where(Record.id.in_(ids), Record.status == Status.PUBLISHED)
    creators = _values_by_record(
        session,
        select(Creator.record_id, Creator.name).where(Creator.record_id.in_(ids)).order_by(Creator.position),
    )
    subjects = _values_by_record(
        session,
        select(Subject.record_id, Subject.term).where(Subject.record_id.in_(ids)).order_by(Subject.position),
    )
    isbns = _values_by_record(
        session,
        select(Identifier.record_id, Identifier.value)
        .where(Identifier.record_id.in_(ids), Identifier.scheme == "isbn")
        .order_by(Identifier.value),
    )
    collections = _values_by_record(
        session,
        select(CollectionRecord.record_id, Collection.slug)
        .join(Collection)
        .where(CollectionRecord.record_id.in_(ids))
        .order_by(Collection.position, Collection.slug),
    )
    lists = (creators, subjects, isbns, collections)
    indexed: dict[str, IndexedRecord] = {}
    for row in session.execute(records):
        fields: list[Any] = list(row)
        fields[-1] = _read_whole(fields[-1])
        indexed[row[0]] = IndexedRecord(*fields, *(tuple(values.get(row[0], ())) for values in lists))
    return indexed


def _read_whole(details: Any) -> Sequence[str]:
    return RecordDetails.from_json(details).statements.whole if details else ()


def _values_by_record(session: Session, statement: Select[str, str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for record_id, value in session.execute(statement):
        values.setdefault(record_id, []).append(value)
    return values
