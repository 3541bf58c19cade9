"""Records of a library, as the catalogue gives them to pages and to the API."""

from __future__ import annotations

from library_server.catalogue.dto import RecordView
from library_server.catalogue.records import queries
from library_server.library import Library


def load_record(library: Library, record_id: str) -> RecordView:
    """A record that is there, published or not."""
    with library.database.reading() as session:
        record = queries.find_record(session, record_id)
    assert record is not None
    return record


def load_records(library: Library) -> list[RecordView]:
    """Every published record, in the order of the ids."""
    with library.database.reading() as session:
        records = [queries.find_record(session, record_id) for record_id in queries.published_ids(session, "", 10_000)]
    return [record for record in records if record is not None]


def load_only_record(library: Library) -> RecordView:
    """The record of a library that has one published record."""
    (record,) = load_records(library)
    return record


def records_by_title(library: Library) -> dict[str, RecordView]:
    """Every published record by its title; of records with one title the last is taken."""
    return {record.title: record for record in load_records(library)}


def records_by_id(library: Library) -> dict[str, RecordView]:
    """Every published record by its id."""
    return {record.id: record for record in load_records(library)}


def access_by_title(library: Library) -> dict[str, str]:
    """The access level of every published record by its title."""
    return {record.title: str(record.access) for record in load_records(library)}
