"""The MARC records that records were imported from, kept unchanged so that an export loses nothing."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.models import SourceRecord
from library_server.catalogue.normalization.text import to_storable
from library_server.catalogue.records.new_record_rows import insert_rows


@dataclass(frozen=True)
class Source:
    """A record as it came: `format` is cnmarc or marc21, `body` MARC-in-JSON."""

    format: str
    body: str


def add_new_source_records(session: Session, sources: Iterable[tuple[str, Source]]) -> None:
    """Keep the sources of records (by id) that have none yet."""
    rows = [
        {"record_id": record_id, "format": source.format, "body": _compress(source)} for record_id, source in sources
    ]
    insert_rows(session, SourceRecord, rows)


def save_source_records(session: Session, sources: Mapping[str, Source]) -> None:
    """Keep the sources of records (by id), in the place of those kept before."""
    rows = _rows(session, sources) if sources else {}
    for record_id, source in sources.items():
        row = rows.get(record_id)
        if row is None:
            session.add(SourceRecord(record_id=record_id, format=source.format, body=_compress(source)))
        elif _source(row) != Source(source.format, to_storable(source.body)):
            row.format, row.body = source.format, _compress(source)


def load_source_records(session: Session, record_ids: Collection[str]) -> dict[str, Source]:
    """Return the sources of records, by their ids, of those that came from one."""
    return {record_id: _source(row) for record_id, row in _rows(session, record_ids).items()}


def _rows(session: Session, record_ids: Collection[str]) -> dict[str, SourceRecord]:
    kept = select(SourceRecord).where(SourceRecord.record_id.in_(record_ids))
    return {row.record_id: row for row in session.scalars(kept)}


def _source(row: SourceRecord) -> Source:
    return Source(row.format, gzip.decompress(row.body).decode())


def _compress(source: Source) -> bytes:
    return gzip.compress(to_storable(source.body).encode(), 6)
