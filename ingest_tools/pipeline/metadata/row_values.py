"""What a row of a list says of a record."""

from __future__ import annotations

from ingest_tools.pipeline.metadata.merge import PreparedDraft, within_bounds
from ingest_tools.pipeline.metadata.stated_access import with_access_statements
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.common_fields import TEXTS
from library_server.catalogue.dto import STATEMENTS, RecordDraft
from library_server.catalogue.records import fields
from library_server.exchange.bibliographic import Bibliographic, to_draft


def draft_of_row(candidate: Candidate, row: ManifestRow, kind: str | None = None) -> PreparedDraft:
    """Return the draft of what a row says by itself; `kind` is that of rows that name none."""
    named = row.bibliographic.kind or kind
    draft = to_draft(row.bibliographic, kind=named, source_path=candidate.entry_path)
    return within_bounds(with_access_statements(PreparedDraft(draft, None), candidate, None))


def row_values(row: Bibliographic, draft: RecordDraft) -> dict[str, object]:
    """Return the fields that a row itself gives; what comes from the metadata of its file is left out.

    Access is apart: see `stated_access`.
    """
    given: dict[str, object] = {
        name: getattr(row, name) for name in ("kind", "title", "date", "language", "clc", *TEXTS)
    }
    given |= {
        "other_titles": row.parallel_titles or row.variant_titles,
        "creators": row.agents,
        "isbn": [isbn.value for isbn in row.isbns if isbn.value],
        "subjects": row.topics,
        "part_number": row.number,
        STATEMENTS: True,
    }
    return {name: value for name, value in fields.values_of_draft(draft).items() if given.get(name)}
