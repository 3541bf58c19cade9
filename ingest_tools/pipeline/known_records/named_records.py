"""Rows that name a record of this library, as an export of it does: what of it was edited, and may be applied.

Three states of the record are compared: as the row says, as it was exported, and as it is now. A cell that says what
was exported was not edited. One that was edited is applied, unless somebody changed the same field since: then the
row is rejected, so that neither edit is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import PureWindowsPath
from typing import Any

from pymarc import Record
from sqlalchemy.orm import Session

from ingest_tools.pipeline.known_records import exported_record
from ingest_tools.pipeline.known_records.batch_options import may_become
from ingest_tools.pipeline.known_records.exported_record import RowReading
from ingest_tools.pipeline.known_records.replaced_characters import restore_replaced
from ingest_tools.pipeline.metadata.conflicts import format_value, heading_of
from ingest_tools.pipeline.results import NewRow, Rejected
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue import bulk_edits
from library_server.catalogue.batches import repository
from library_server.catalogue.built_in_collections import COLLECTION_OF_KIND
from library_server.catalogue.changed_fields import FieldChange
from library_server.catalogue.dto import HoldingView, RecordDraft, RecordView
from library_server.catalogue.enums import Status
from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.records import fields, queries, source_records
from library_server.catalogue.records.changes import Changes, Version, changes_since, record_before
from library_server.catalogue.records.revisions import Actor
from library_server.catalogue.records.source_records import Source
from library_server.exchange.export import Exported, file_names
from library_server.exchange.headings import field_of
from library_server.translations.message_catalogs import gettext_noop as _
from library_server.translations.message_catalogs import with_detail

ALIKE = 0.5
"""From which share of characters in common two titles may be of the same work, one of them corrected."""


@dataclass(frozen=True)
class NamedRow:
    """A row that names a record, and what was edited in it: also the collections to join, and those to leave.

    `unapplied` is what was edited and cannot be so.
    """

    result: NewRow
    record: RecordView
    values: dict[str, Any]
    holdings: Sequence[HoldingView]
    collections: Sequence[str]
    leaving: Sequence[str]
    is_access_edited: bool
    is_source_edited: bool
    unapplied: tuple[FieldChange, ...] = ()


def names_record(session: Session, row: ManifestRow) -> bool:
    """Return whether a row names a record of this library by its id; rows of another library's export do not."""
    return any(queries.find_record(session, name) is not None for name in row.bibliographic.record_names)


@dataclass(frozen=True)
class NamedRecord:
    """A record that a row names, with all that the row is compared with.

    `other` is the record that has the file of the row, where that is another one.
    """

    record: RecordView
    other: RecordView | None
    since: Changes
    source: Source | None
    collections: tuple[str, ...]
    merged_into: str | None


def find_named(session: Session, rows: Sequence[NewRow], by: Actor) -> dict[str, NamedRecord]:
    """Return, by the provisional id of each row, the record of this library that the row names. Rows that name none are
    left out; no two rows may name one record.
    """
    views = queries.records(session, {name for row in rows for name in row.row.bibliographic.record_names})
    records = {row.record_id: view for row in rows
               if (view := next(filter(None, map(views.get, row.row.bibliographic.record_names)), None))}  # fmt: skip
    if not records:
        return {}
    naming = [row for row in rows if row.record_id in records]
    other_ids = {row.record_id: row.file_record_id for row in naming
                 if row.file_record_id and row.file_record_id != records[row.record_id].id}  # fmt: skip
    others = queries.records(session, set(other_ids.values())) if other_ids else {}
    paths = {row.candidate.entry_path: records[row.record_id].id for row in naming}
    batches = repository.batches_of_rows(session, paths)
    versions = {}
    for row in naming:
        record_id = records[row.record_id].id
        number = row.row.bibliographic.record_names[record_id]
        versions[record_id] = Version(number, batches[row.candidate.entry_path])
    since = changes_since(session, versions, by.batch_id or "")
    sources = source_records.load_source_records(session, versions)
    titles = queries.collection_titles(session, list(versions))
    merged = bulk_edits.find_merged(session, versions)
    return {
        row_id: NamedRecord(
            view,
            others.get(other_ids.get(row_id, "")),
            since[view.id],
            sources.get(view.id),
            titles.get(view.id, ()),
            merged.get(view.id),
        )
        for row_id, view in records.items()
    }


def find_edits(result: NewRow, named: NamedRecord) -> NamedRow | Rejected:
    """Return what a row changes in the record that it names, or why it is rejected."""
    record, draft = named.record, result.prepared_draft.draft
    before = record_before(record, named.since)
    is_known = any(_may_be(version, draft) for version in (record, before)) or _names_a_file(record, result.row)
    if not is_known:
        return Rejected(result.candidate, RejectedError("record_id_mismatch", f"《{draft.title}》≠《{record.title}》"))
    row, problems = _compare(result, named, before)
    if record.status == Status.WITHDRAWN:
        has_edits = bool(row.values or problems or row.is_access_edited)
        return _of_withdrawn(row, named.merged_into, has_edits=has_edits)
    if named.other is not None and not _names_a_file(record, result.row):
        return Rejected(
            result.candidate, RejectedError("file_of_other_record", f"《{named.other.title}》{named.other.id}")
        )
    if problems:
        candidate = replace(result.candidate, row=replace(result.row, problems=problems))
        return Rejected(candidate, RejectedError("record_edited_since", f"《{record.title}》{record.id}"))
    return row


@dataclass(frozen=True)
class _Exports:
    """What exports of a record say: `current` of the record as it is now, `earlier` as it was when it was exported."""

    current: Sequence[RowReading]
    earlier: Sequence[RowReading]

    def edited_values(self, reading: RowReading) -> dict[str, Any]:
        """Return the values of a row that no export has."""
        readings = (*self.current, *self.earlier)
        return {
            name: value
            for name, value in reading.values.items()
            if all(known.values.get(name) != value for known in readings)
        }

    def is_changed(self, name: str) -> bool:
        """Return whether a field was changed in the catalogue since the record was exported."""
        earlier_values = [earlier.values.get(name) for earlier in self.earlier]
        return not any(current.values.get(name) in earlier_values for current in self.current)

    def is_access_edited(self, reading: RowReading) -> bool:
        """Return whether a row names an access level that no export has."""
        known = [export.access or "public" for export in (*self.current, *self.earlier)]
        return bool(reading.access) and reading.access not in known


def _compare(result: NewRow, named: NamedRecord, before: RecordView) -> tuple[NamedRow, list[dict[str, str]]]:
    """Return what was edited in a row, and the cells whose fields were changed in the catalogue since it was
    exported.
    """
    row, form = result.row, result.row.source.format if result.row.source else None
    record, since, source, titles = named.record, named.since, named.source, named.collections
    exports = _read_exports(record, before, source, titles, since, form)
    marc = exported_record.source_record(row)
    reading = exported_record.read_description(row.bibliographic, result.prepared_draft.draft, marc, form or "")
    reading, unapplied = restore_replaced(reading, (*exports.current, *exports.earlier))
    edited = exports.edited_values(reading)
    if "kind" in edited and record.original is not None and not may_become(record.kind, edited["kind"]):
        unapplied += (FieldChange("kind", str(record.kind), edited.pop("kind")),)
    changed = sorted(name for name in edited if exports.is_changed(name))
    problems = [_make_problem(result, name, edited[name], exports.current[0].values.get(name)) for name in changed]
    copies, contested = _edited_holdings(reading, exports.current, since)
    problems += [
        _make_problem(result, "copies", str(holding.copies), _format_copies(record, holding)) for holding in contested
    ]
    joining, leaving = _edited_collections(record, reading.collections, exports.earlier[0].collections, titles)
    is_source_edited = _is_source_edited(exports, reading, source, marc, form)
    is_access_edited = exports.is_access_edited(reading)
    return (
        NamedRow(result, record, edited, copies, joining, leaving, is_access_edited, is_source_edited, unapplied),
        problems,
    )


def _read_exports(
    record: RecordView,
    before: RecordView,
    source: Source | None,
    titles: tuple[str, ...],
    since: Changes,
    form: str | None,
) -> _Exports:
    """Return the readings of a record as it is exported now and as it was exported then, in the form of the row."""
    current = list(exported_record.read_exports(Exported(record, source, titles), form))
    earlier_titles = titles if since.collections is None else since.collections
    if before == record and earlier_titles == titles:
        return _Exports(current, current)
    return _Exports(current, list(exported_record.read_exports(Exported(before, source, earlier_titles), form)))


def _is_source_edited(
    exports: _Exports, reading: RowReading, source: Source | None, marc: Record | None, form: str | None
) -> bool:
    """Return whether the MARC record of a row differs from every export, and is to be stored."""
    if marc is None or form is None:
        return False
    if reading.marc_fields in [export.marc_fields for export in (*exports.current, *exports.earlier)]:
        return False
    return source.format == form if source else bool(exported_record.unmapped_fields(marc, form))


def _edited_collections(
    record: RecordView, named: frozenset[str], exported: frozenset[str], titles: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the collections that a row puts its record into, and those that it takes it out of: an empty cell
    removes nothing.

    No record leaves the collection of its kind.
    """
    joining = sorted(named - exported - set(titles))
    built_in = COLLECTION_OF_KIND.get(record.kind)
    built_in_titles = {built_in.title} if built_in else set()
    return joining, [title for title in titles if named and title in exported - named - built_in_titles]


def _edited_holdings(
    reading: RowReading, now: Sequence[RowReading], since: Changes
) -> tuple[list[HoldingView], list[HoldingView]]:
    """Return the holdings whose number a row changes, and those among them that were changed here since the export."""
    edited, contested = [], []
    for holding in sorted(reading.holdings - now[0].holdings, key=str):
        key = (holding.place, holding.shelf_mark)
        if key not in since.copies:
            edited.append(holding)
        elif since.copies[key] != holding.copies:
            contested.append(holding)
    return edited, contested


def _of_withdrawn(row: NamedRow, merged_into: str | None, *, has_edits: bool) -> NamedRow | Rejected:
    """Leave a withdrawn record as it is: an unedited row changes nothing, an edited one is rejected."""
    if not has_edits:
        return replace(row, holdings=(), collections=(), leaving=(), is_access_edited=False, is_source_edited=False)
    detail = f"《{row.record.title}》" + (f" → {merged_into}" if merged_into else "")
    return Rejected(row.result.candidate, RejectedError("record_withdrawn", detail))


def _may_be(record: RecordView, draft: RecordDraft) -> bool:
    """Return whether a draft may describe a record: an ISBN or a creator in common, or a title that is alike."""
    isbns = fields.values_of_draft(draft).get("isbn", [])
    if set(isbns) & set(record.isbns) or {creator.name for creator in draft.creators} & set(record.creators):
        return True
    ours, theirs = (title[: fields.LONGEST_COMPARED].casefold() for title in (record.title, draft.title))
    if min(len(ours), len(theirs)) > 1 and (ours in theirs or theirs in ours):
        return True
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= ALIKE


def _names_a_file(record: RecordView, row: ManifestRow) -> bool:
    """Return whether a row names a file of a record, as its export does: of a photo, only the title may be known.

    Files of several records may have the same name, and that of another may be the one that lies next to the list.
    """
    cells = [text for heading, text in (row.cells or {}).items() if field_of(heading) == "file"]
    named = {PureWindowsPath(name.strip()).name for cell in cells for name in normalize(cell).split("；")}
    return bool(named & set(file_names(record)))


def _make_problem(result: NewRow, name: str, value: Any, ours: Any) -> dict[str, str]:
    column = heading_of(result.row.cells or {}, name.rpartition(".")[2])
    return {**result.row.locator.to_json(), "column": column, "value": format_value(value),
            "expected": with_detail(_("导出以后，本馆已经改成"), format_value(ours))}  # fmt: skip


def _format_copies(record: RecordView, holding: HoldingView) -> str:
    same = [
        other.copies
        for other in record.holdings
        if (other.place, other.shelf_mark) == (holding.place, holding.shelf_mark)
    ]
    return str(sum(same))
