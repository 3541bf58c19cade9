"""What a row of a list says of a record that is known already."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ingest_tools.pipeline.metadata.merge import DraftRecord, within_bounds
from ingest_tools.pipeline.metadata.stated_access import with_statements
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.batches import repository
from library_server.catalogue.common_fields import TEXTS
from library_server.catalogue.dto import STATEMENTS, RecordDraft, RecordView
from library_server.catalogue.records import commands, duplicates, fields, merging, queries
from library_server.exchange.bibliographic import Bibliographic, to_draft


def draft_of_row(candidate: Candidate, row: ManifestRow, kind: str | None = None) -> DraftRecord:
    """The draft of what a row says by itself; `kind` is that of rows that name none."""
    named = row.bibliographic.kind or kind
    draft = to_draft(row.bibliographic, kind=named, source_path=candidate.entry_path)
    return within_bounds(with_statements(DraftRecord(draft, None), candidate, None))


def is_of(record: RecordView, draft: RecordDraft) -> bool:
    """Whether a record is what a draft describes: called the same, or of the same ISBN."""
    isbn = fields.of_draft(draft).get("isbn", [])
    return record.title == draft.title or bool(set(isbn) & set(record.isbns))


def record_of_row(session: Session, draft: RecordDraft, path: str) -> str | None:
    """The record of a row without a file: of the same place in the same list before, of the same control number, or
    the same edition by ISBN and by description. Only one that is called the same or has the same ISBN is believed."""
    earlier = repository.find_imported(session, [path]).get(path, [])
    record_ids = [prior.record_id for prior in reversed(earlier)]
    if draft.local_id and (numbered := commands.record_by_local_id(session, draft.local_id)):
        record_ids.append(numbered)
    for record_id in record_ids:
        record = queries.record(session, record_id)
        if record is not None and is_of(record, draft):
            return merging.merged_into(session, record_id) or record_id
    return duplicates.find_same_edition(session, draft)


def row_values(row: Bibliographic, draft: RecordDraft) -> dict[str, object]:
    """The fields that a row itself gives; what comes from the metadata of its file is left out.

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
    return {name: value for name, value in fields.of_draft(draft).items() if given.get(name)}
