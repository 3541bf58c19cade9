"""The same book in several formats: files of one name in one folder are one record, others are offered as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import Imported, NewFile, WrittenResult
from ingest_tools.sources.folder import entry_of_file
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import EntryState, Kind, Status
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.jobs.merge_records import merge_records

SUFFIXES = (".epub", ".pdf", ".docx", ".txt")
"""The formats that one book may have, the one that reads best on a screen first."""


def join_formats(session: Session, results: Sequence[NewFile], by: Actor) -> dict[str, str]:
    """Make one record of new files and of what earlier files of the same name became; returns which went into which.

    A file that a row of a list describes is what its row says, and is left alone.
    """
    groups: dict[Path, dict[str, str]] = {}  # the new files of each name, as {suffix: record id}
    for result in results:
        path = result.candidate.path
        suffix = path.suffix.lower()
        if suffix in SUFFIXES and result.candidate.row is None and result.prepared_draft.draft.kind == Kind.BOOK:
            groups.setdefault(path.with_suffix(""), {}).setdefault(suffix, result.record_id)
    joined: dict[str, str] = {}
    earlier_ids = _records_of_names(session, groups)
    for stem, new in groups.items():
        earlier, is_of_batch = _earlier_record(session, earlier_ids.get(stem, {}), new, by.batch_id)
        if earlier.keys() & new.keys():  # the file of that format was replaced by that of another book
            earlier, is_of_batch = {}, True
        formats = {**earlier, **new}
        kept_id = formats[min(formats if is_of_batch else earlier, key=SUFFIXES.index)]
        first = next(iter(earlier.values()), kept_id)
        for record_id in formats.values():
            if record_id != kept_id:
                merge_records(session, kept_id, record_id, by)
        # the record added first is reported as added, whichever is kept
        joined |= {record_id: kept_id for record_id in new.values() if record_id != first}
    return joined


def with_kept_records(written: Sequence[WrittenResult], joined: Mapping[str, str]) -> list[WrittenResult]:
    """Return the results of files, those that went into the record of another format with that record."""
    return [
        replace(result, state=EntryState.JOINED, record_id=joined[result.record_id])
        if isinstance(result, Imported) and result.record_id in joined
        else result
        for result in written
    ]


def _records_of_names(session: Session, groups: Mapping[Path, Mapping[str, str]]) -> dict[Path, dict[str, str]]:
    """Return the records that files of these names in other formats last became, as {suffix: record id} of each."""
    paths = {
        entry_of_file(stem.with_name(f"{stem.name}{suffix}")): (stem, suffix)
        for stem, new in groups.items()
        for suffix in SUFFIXES
        if suffix not in new
    }
    records: dict[Path, dict[str, str]] = {}
    for path, record_id in repository.records_of_paths(session, paths).items():
        stem, suffix = paths[path]
        records.setdefault(stem, {})[suffix] = record_id
    return records


def _earlier_record(
    session: Session, records: Mapping[str, str], new: Mapping[str, str], batch_id: str | None
) -> tuple[dict[str, str], bool]:
    """Return the published book already made of this name in another format, as {suffix: record id}, or {}; and whether
    a better format may take its place, since it was added in this batch.
    """
    for path_suffix, record_id in records.items():
        record = queries.find_record(session, merging.merged_into(session, record_id) or record_id)
        if record and record.status == Status.PUBLISHED and record.kind == Kind.BOOK and record.id not in new.values():
            suffix = Path(record.original.filename or "").suffix.lower() if record.original else path_suffix
            is_of_batch = commands.get_record(session, record.id).batch_id == batch_id
            return {suffix if suffix in SUFFIXES else path_suffix: record.id}, is_of_batch
    return {}, True
