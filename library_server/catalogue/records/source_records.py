"""The MARC records that records were imported from, kept unchanged so that an export loses nothing."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from sqlalchemy.orm import Session

from library_server.catalogue.models import SourceRecord
from library_server.catalogue.normalization.text import to_storable


@dataclass(frozen=True)
class Source:
    """A record as it came: `format` is cnmarc or marc21, `body` MARC-in-JSON."""

    format: str
    body: str


def save_source_record(session: Session, record_id: str, source: Source) -> None:
    """Keep the source of a record, in the place of one kept before."""
    body = gzip.compress(to_storable(source.body).encode(), 6)
    session.merge(SourceRecord(record_id=record_id, format=source.format, body=body))


def load_source_record(session: Session, record_id: str) -> Source | None:
    """The source of a record, where it came from one."""
    row = session.get(SourceRecord, record_id)
    return Source(row.format, gzip.decompress(row.body).decode()) if row else None
