"""The provenance of the access level of a record: which sources restricted it, and to which level.

`details.access_stated` holds the level by source; the record gets the strictest of them. A source (a file, a list) is
keyed by a hash of its path. Two keys are no hashes and stand for levels that no source stated of this record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import Access, find_strictest
from library_server.catalogue.models import Record

BASELINE = "baseline"
"""A level that no source stated (a librarian's, a merge's); no source can lift it."""
SAME_BYTES = "same_bytes"
"""The level of records that hold the same bytes; the row of a list that states the access of this record lifts it."""


def has_source(details: RecordDetails) -> bool:
    """Return whether a source stated the access of a record."""
    return bool(details.access_stated.keys() - {BASELINE, SAME_BYTES})


def with_baseline(statements: Mapping[str, str], access: Access | str) -> dict[str, str]:
    """Return statements with an access level as the baseline where it is stricter than they are."""
    explained = find_strictest(Access.PUBLIC, *statements.values())
    if find_strictest(explained, access) == explained:
        return dict(statements)
    return {**statements, BASELINE: str(access)}


@dataclass(frozen=True)
class Restriction:
    """The access level of a record that is not public, and what its sources stated."""

    level: str
    stated: Mapping[str, str]


def find_restrictions(session: Session, record_ids: Collection[str]) -> dict[str, Restriction]:
    """Return the restrictions of those of some records that are not public, by their ids."""
    restricted = select(Record.id, Record.access, Record.details).where(
        Record.id.in_(record_ids), Record.access != Access.PUBLIC
    )
    return {
        record_id: Restriction(str(access), details.access_stated)
        for record_id, access, details in session.execute(restricted)
    }
