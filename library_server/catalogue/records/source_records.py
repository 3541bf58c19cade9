"""The MARC records that records were imported from, kept unchanged so that an export loses nothing."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass

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
        {"record_id": record_id, "format": source.format, "body": _compressed(source)} for record_id, source in sources
    ]
    insert_rows(session, SourceRecord, rows)


def save_source_record(session: Session, record_id: str, source: Source) -> None:
    """Keep the source of a record, in the place of one kept before."""
    session.merge(SourceRecord(record_id=record_id, format=source.format, body=_compressed(source)))


def load_source_record(session: Session, record_id: str) -> Source | None:
    """The source of a record, where it came from one."""
    row = session.get(SourceRecord, record_id)
    return Source(row.format, gzip.decompress(row.body).decode()) if row else None


def _compressed(source: Source) -> bytes:
    return gzip.compress(to_storable(source.body).encode(), 6)
