"""The same book in several formats: files of one name in one folder are one record, others are offered as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest_tools.pipeline.results import Imported, KnownFile, NewFile, WrittenResult
from ingest_tools.sources.folder import entry_of_file
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import EntryState, Kind, Status
from library_server.catalogue.records import commands, queries
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.jobs.merge_records import merge_records

SUFFIXES = (".epub", ".pdf", ".docx", ".txt")
"""The formats that one book may have, the one that reads best on a screen first."""


def join_formats(session: Session, results: Sequence[NewFile | KnownFile], by: Actor) -> dict[str, str]:
    """Make one record of new files and of what other files of the same name became; returns which new record went into
    which.

    A file whose bytes are catalogued under another name, as those of a copy, counts with the record that has them. A
    file that a row of a list describes is what its row says, and is left alone.
    """
    new: dict[Path, dict[str, str]] = {}  # the new files of each name, as {suffix: record id}
    known: dict[Path, dict[str, str]] = {}
    for result in results:
        path = result.candidate.path
        suffix = path.suffix.lower()
        if suffix in SUFFIXES and result.candidate.row is None and result.prepared_draft.draft.kind == Kind.BOOK:
            of_name = (new if isinstance(result, NewFile) else known).setdefault(path.with_suffix(""), {})
            of_name.setdefault(suffix, result.record_id)
    joined: dict[str, str] = {}
    names = dict.fromkeys((*new, *known))
    earlier_ids = _records_of_names(session, {stem: new.get(stem, {}) for stem in names})
    for stem in names:
        ids = {**earlier_ids.get(stem, {}), **known.get(stem, {})}
        joined |= _join_name(session, new.get(stem, {}), ids, by)
    return joined


def _join_name(session: Session, new: dict[str, str], ids: Mapping[str, str], by: Actor) -> dict[str, str]:
    """Make one record of the files of one name; `ids` are the records that those which are not new became."""
    earlier = _earlier_records(session, ids, new)
    if earlier.keys() & new.keys():  # the file of that format was replaced by that of another book
        earlier = {}
    of_batch = {record_id for record_id in earlier.values() if _is_of_batch(session, record_id, by)}
    settled = {suffix: record_id for suffix, record_id in earlier.items() if record_id not in of_batch}
    formats = {**earlier, **new}
    if not (new or of_batch):
        return {}  # a librarian may have separated them
    kept_id = (settled or formats)[min(settled or formats, key=SUFFIXES.index)]
    first = next(iter(earlier.values()), kept_id)
    for record_id in dict.fromkeys(formats.values()):
        if record_id != kept_id and record_id not in settled.values():
            merge_records(session, kept_id, record_id, by)
    # the record added first is reported as added, whichever is kept
    return {record_id: kept_id for record_id in new.values() if record_id != first}


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


def _earlier_records(session: Session, ids: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the published books that other files of a name became, by the suffix of their original."""
    earlier: dict[str, str] = {}
    for path_suffix, record_id in ids.items():
        record = queries.find_record(session, merging.merged_into(session, record_id) or record_id)
        if record and record.status == Status.PUBLISHED and record.kind == Kind.BOOK and record.id not in new.values():
            suffix = Path(record.original.filename or "").suffix.lower() if record.original else path_suffix
            if record.id not in earlier.values():
                earlier.setdefault(suffix if suffix in SUFFIXES else path_suffix, record.id)
    return earlier


def _is_of_batch(session: Session, record_id: str, by: Actor) -> bool:
    """Return whether a record was added in this batch, so that one of a better format may take its place."""
    return commands.get_record(session, record_id).batch_id == by.batch_id
