"""The provenance of the access level of a record: which sources restricted it, and to which level.

`details.access_stated` holds the level by source; the record gets the strictest of them. A source (a file, a list) is
keyed by a hash of its path. Two keys are no hashes and stand for levels that no source stated of this record.
"""

from __future__ import annotations

from collections.abc import Mapping

from library_server.catalogue.details import RecordDetails
from library_server.catalogue.enums import Access, find_strictest

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
