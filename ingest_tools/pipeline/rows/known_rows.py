"""The records that rows may be of, looked up in a few queries for many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import NewRow
from library_server.catalogue import bulk_edits
from library_server.catalogue.batches import repository
from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.records import commands, duplicates, fields, queries


class KnownRows:
    """What the catalogue has of some rows."""

    def __init__(self, session: Session, rows: Sequence[NewRow]) -> None:
        drafts = [row.prepared_draft.draft for row in rows]
        self._earlier = repository.find_imported(session, [row.candidate.entry_path for row in rows])
        self._numbered = commands.records_by_local_ids(session, {draft.local_id for draft in drafts if draft.local_id})
        self._editions = duplicates.find_editions(session, {isbn for draft in drafts if (isbn := _get_isbn(draft))})
        ids = {record_id for row in rows for record_id in self._possible_record_ids(row)}
        self._merged = bulk_edits.find_merged(session, ids)
        ids |= {record_id for draft in drafts for record_id in self._same_edition(draft)}
        self.records = queries.records(session, ids | set(self._merged.values()))

    def find_record(self, row: NewRow) -> RecordView | None:
        """Return the record of a row: of the same place in the same list before, of the same control number, or the
        same edition by ISBN and by description. Only one that is called the same or has the same ISBN is believed.
        """
        draft = row.prepared_draft.draft
        for record_id in self._possible_record_ids(row):
            record = self.records.get(record_id)
            if record is not None and is_of(record, draft):
                return self.records[self._merged.get(record_id, record_id)]
        same_edition = min(self._same_edition(draft), default=None)
        return self.records[same_edition] if same_edition else None

    def conflict_keys(self, row: NewRow) -> set[object]:
        """Return keys; two rows that share one may be of one record."""
        draft = row.prepared_draft.draft
        ids = [*row.row.bibliographic.record_names, *self._possible_record_ids(row)]
        ids += [edition.record_id for edition in self._editions.get(_get_isbn(draft) or "", ())]
        ids += [self._merged[record_id] for record_id in ids if record_id in self._merged]
        return {*ids, *commands.identifiers_of(draft)}

    def _possible_record_ids(self, row: NewRow) -> Iterator[str]:
        """Yield what the row became before, the last first, and the record of its control number."""
        yield from (prior.record_id for prior in reversed(self._earlier.get(row.candidate.entry_path, [])))
        local_id = row.prepared_draft.draft.local_id
        if local_id and local_id in self._numbered:
            yield self._numbered[local_id]

    def _same_edition(self, draft: RecordDraft) -> list[str]:
        """Return the published records that agree with a draft in ISBN and in title, creator, publisher and year:
        another copy of the same edition is not another book.
        """
        editions = self._editions.get(_get_isbn(draft) or "", ())
        key = fields.match_key_of(draft) if editions else None
        return [edition.record_id for edition in editions if key and edition.match_key == key and edition.is_published]


def split_into_independent_groups(rows: Sequence[NewRow], known: KnownRows) -> Iterator[list[NewRow]]:
    """Yield the rows in groups, in each of which no two rows may be of one record: the second row of a record comes
    in a later group than the first, since it meets the record that the first has changed or added.
    """
    groups: list[list[NewRow]] = []
    next_groups: dict[object, int] = {}
    for row in rows:
        keys = known.conflict_keys(row)
        group = max((next_groups.get(key, 0) for key in keys), default=0)
        next_groups |= dict.fromkeys(keys, group + 1)
        if group == len(groups):
            groups.append([])
        groups[group].append(row)
    yield from groups


def is_of(record: RecordView, draft: RecordDraft) -> bool:
    """Return whether a record is what a draft describes: called the same, or of the same ISBN."""
    return record.title == draft.title or ((isbn := _get_isbn(draft)) is not None and isbn in record.isbns)


def _get_isbn(draft: RecordDraft) -> str | None:
    return normalize_isbn(draft.isbn) if draft.isbn else None
