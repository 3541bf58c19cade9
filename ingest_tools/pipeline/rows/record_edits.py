"""What rows and files change in known records, written for many records at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from ingest_tools.description import Description
from ingest_tools.pipeline.known_records.batch_options import BatchOptions, may_become
from ingest_tools.pipeline.metadata.merge import PreparedDraft
from ingest_tools.pipeline.metadata.row_values import row_values
from ingest_tools.pipeline.metadata.stated_access import restate_records
from ingest_tools.pipeline.placement import add_known_to_collections, change_collections, named_collections
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue import bulk_edits
from library_server.catalogue.dto import HoldingView, RecordView
from library_server.catalogue.enums import Kind, Status
from library_server.catalogue.records import source_records
from library_server.catalogue.records.revisions import Actor
from library_server.catalogue.records.source_records import Source
from library_server.exchange.bibliographic import build_holdings

if TYPE_CHECKING:
    from ingest_tools.pipeline.known_records.named_records import NamedRow


@dataclass(frozen=True)
class RecordEdit:
    """What changes in a known record.

    `access_from` is what states its access, None for nothing; `kind` that of the built-in collection that it joins;
    `collections` and `leaving` are names. With `counts_source`, another MARC record is a change of its own.
    """

    values: Mapping[str, Any]
    holdings: Sequence[HoldingView]
    source: Source | None
    access_from: tuple[Candidate, Description | None] | None
    kind: Kind | None
    collections: Sequence[str]
    leaving: Sequence[str] = ()
    counts_source: bool = False


def edit_of_row(
    record: RecordView,
    candidate: Candidate,
    row: ManifestRow,
    prepared_draft: PreparedDraft,
    options: BatchOptions,
    description: Description | None = None,
) -> RecordEdit:
    """Return what a row says of a known record; `description` is that of its file, where it has one."""
    values = row_values(row.bibliographic, prepared_draft.draft)
    if record.original is not None and not may_become(record.kind, row.bibliographic.kind):
        values.pop("kind", None)
    return RecordEdit(
        values, build_holdings(row.bibliographic), row.source, (candidate, description), prepared_draft.draft.kind,
        options.with_collection(named_collections(row, description)),
    )  # fmt: skip


def edit_of_named_row(named: NamedRow, options: BatchOptions) -> RecordEdit:
    """Return what was edited in a row that names a record."""
    from ingest_tools.pipeline.known_records import exported_record  # files need none of it, nor MARC

    record, candidate = named.record, named.result.candidate
    is_placed = record.status == Status.PUBLISHED
    return RecordEdit(
        exported_record.merge_statements(named.values, record.details.statements.to_json()),
        named.holdings,
        named.result.row.source if named.is_source_edited else None,
        (candidate, None) if named.is_access_edited else None,
        None,
        options.with_collection(named.collections) if is_placed else (),
        named.leaving if is_placed else (),
        counts_source=True,
    )


def apply_edits(session: Session, edits: Mapping[str, RecordEdit], by: Actor) -> set[str]:
    """Change records by their ids; returns the ids of those of which anything was changed."""
    sources = {record_id: edit.source for record_id, edit in edits.items() if edit.source is not None}
    source_records.save_source_records(session, sources)
    changed = {record_id for record_id in sources if edits[record_id].counts_source}
    changed |= bulk_edits.revise_records(session, {record_id: edit.values for record_id, edit in edits.items()}, by)
    stated = [(record_id, holding) for record_id, edit in edits.items() for holding in edit.holdings]
    changed |= bulk_edits.set_holdings(session, stated, by)
    access = {record_id: edit.access_from for record_id, edit in edits.items() if edit.access_from is not None}
    changed |= restate_records(session, access, by)
    leaving = {record_id: edit for record_id, edit in edits.items() if edit.leaving}
    placements = {
        record_id: (edit.kind, edit.collections) for record_id, edit in edits.items() if record_id not in leaving
    }
    changed |= add_known_to_collections(session, placements, by)
    changed |= {
        record_id
        for record_id, edit in leaving.items()
        if change_collections(session, record_id, edit.collections, by, edit.leaving)
    }
    return changed
