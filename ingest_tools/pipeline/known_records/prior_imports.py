"""What earlier batches made of candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate, entry_of_file, str_path
from library_server.catalogue.batches import repository
from library_server.catalogue.batches.repository import PriorImport
from library_server.catalogue.dto import RecordDraft, RecordView
from library_server.catalogue.enums import Kind, Status
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.duplicates import photos_similar
from library_server.catalogue.records.merges import merging


@dataclass(frozen=True)
class PriorImports:
    """What earlier batches made of some candidates.

    `files` are the imports of each entry, oldest first, and `rows` the record of each fingerprint of a row, both
    without batches that were undone. `of_paths` is the record that each path last became, in those batches too.
    """

    files: Mapping[str, list[PriorImport]] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    of_paths: Mapping[str, str] = field(default_factory=dict)

    def find_unchanged(self, candidate: Candidate) -> str | None:
        """Return the record of a candidate that has not changed since."""
        if candidate.rejection:
            return None
        earlier = self.files.get(candidate.entry_path, [])
        last = earlier[-1] if earlier else None
        if candidate.row is None:
            # a file that was changed and changed back, time included, is compared with what it last was
            return last.record_id if last is not None and last.fingerprint == candidate.fingerprint else None
        record_id = self.rows.get(candidate.fingerprint)
        # a row that was changed and changed back has been seen, and the record says what it said in between
        is_latest = last is None or last.record_id != record_id or last.fingerprint == candidate.fingerprint
        return record_id if is_latest else None

    def find_earlier_ids(self, candidate: Candidate) -> frozenset[str]:
        """Return the records that a candidate's path and that of its file last became, also in batches that were
        undone.
        """
        return frozenset(self.of_paths[path] for path in _list_paths(candidate) if path in self.of_paths)

    def find_earlier_id(self, candidate: Candidate) -> str | None:
        """Return the record that a candidate's file or row last became, however it looked then."""
        earlier = next((self.files[path] for path in _list_entries(candidate) if path in self.files), None)
        return earlier[-1].record_id if earlier else None


def _list_entries(candidate: Candidate) -> list[str]:
    """Return what may be the entry of a candidate: that of a work in several files is the first that could be read."""
    return [candidate.entry_path, *map(entry_of_file, candidate.parts[1:2])]


def _list_paths(candidate: Candidate) -> set[str]:
    """Return the path of a candidate, and that of its file where a row of a list names it."""
    return {repository.entry_path(path) for path in (candidate.entry_path, str_path(candidate.path))}


def find_prior_imports(session: Session, candidates: list[Candidate]) -> PriorImports:
    """Return what is known of candidates, in three queries."""
    accepted = [candidate for candidate in candidates if not candidate.rejection]
    files = repository.find_imported(session, [path for candidate in accepted for path in _list_entries(candidate)])
    fingerprints = [candidate.fingerprint for candidate in accepted if candidate.row is not None]
    rows = repository.find_imported_rows(session, fingerprints) if fingerprints else {}
    paths = {path for candidate in accepted for path in _list_paths(candidate)}
    return PriorImports(files, rows, repository.records_of_paths(session, paths))


def find_newer_of(session: Session, record_id: str, new: RecordDraft, description: Description) -> str | None:
    """Return the record, if a changed file of its path is still the same work; None where it became another.

    A camera gives the same names again and again, so that a photo must look alike, and anything else be called the
    same, by the same creator. Raises `RejectedError` where somebody withdrew the record: it does not come back changed.
    """
    record = queries.find_record(session, record_id)
    if record is None or not _is_same_work(record, new, description):
        return None
    if merging.is_withdrawn_by_hand(session, commands.get_record(session, record_id)):
        raise RejectedError("record_withdrawn", record.title)
    return record_id if record.status == Status.PUBLISHED and record.original is not None else None


def _is_same_work(record: RecordView, new: RecordDraft, description: Description) -> bool:
    """Return whether a file that changed is still the work of its record: a photo by its looks, else by title and
    creator.
    """
    if record.kind != new.kind:
        return False
    if record.kind == Kind.PHOTO:
        return photos_similar(record.details.photo_hash, description.details.photo_hash)
    creators = tuple(creator.name for creator in new.creators)
    return record.title == new.title and (not creators or not record.creators or creators[0] == record.creators[0])
