"""Batches of ingest and their entries: one entry for each source, with what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, insert, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from library_server.catalogue.assets.fixity import UNSOUND_ORIGINAL
from library_server.catalogue.bounds import LIMITS, bound_json
from library_server.catalogue.enums import AssetRole, BatchState, EntryState, Status
from library_server.catalogue.models import Asset, Batch, Entry, Record
from library_server.catalogue.models.records import in_utc, now
from library_server.catalogue.normalization.identifiers import new_id
from library_server.catalogue.normalization.text import to_storable
from storage_config.fixity.verification import Condition

_SHORTENED = "shortened"
_ENDED = (BatchState.FINISHED, BatchState.UNDONE)
_IMPORTED = (EntryState.ADDED, EntryState.UNCHANGED, EntryState.JOINED)
_HAS_PROBLEMS = func.coalesce(cast(Entry.problems, Text), "null") != "null"  # JSON keeps None as its own null


@dataclass(frozen=True)
class EntryView:
    """One source of a batch; `code` and `reason` where it was refused, `problems` and `given` of a list's row.

    `problems` are the cells that were not understood where it was refused, and the fields that were shortened where
    it was taken: `{field, length, kept}`. `size` in bytes.
    """

    path: str
    fingerprint: str
    size: int
    state: EntryState
    code: str | None = None
    reason: str | None = None
    record_id: str | None = None
    problems: list[dict[str, str]] | None = None
    given: dict[str, Any] | None = None


@dataclass(frozen=True)
class PriorImport:
    """The fingerprint of a source when it was last imported, and the record that it became or was joined to."""

    fingerprint: str
    record_id: str


@dataclass(frozen=True)
class BatchView:
    """One run of ingest, who started it, and how many of its entries are in each state."""

    id: str
    actor: str
    sources: tuple[str, ...]
    options: dict[str, Any]
    state: BatchState
    started: datetime
    finished: datetime | None
    counts: dict[str, int]

    @property
    def sources_shown(self) -> tuple[str, ...]:
        """The sources as text that every database takes; bytes that are not UTF-8 are replaced."""
        return tuple(map(to_storable, self.sources))


def open_batch(session: Session, sources: Sequence[str], options: dict[str, Any], actor: str = "") -> str:
    """Open a batch; returns its id. Batches of the same sources that a crash left running are marked interrupted."""
    for stale in session.scalars(select(Batch).where(Batch.state == BatchState.RUNNING)):
        if stale.sources == list(sources):
            stale.state = BatchState.INTERRUPTED
    batch = Batch(sources=list(sources), options=options, actor=to_storable(actor))
    session.add(batch)
    session.flush()
    return batch.id


def close_batch(
    session: Session, batch_id: str, state: BatchState = BatchState.FINISHED, *, shortened: bool = False
) -> None:
    """Close a batch; `shortened` where fields of some of its entries were shortened."""
    batch = session.get(Batch, batch_id)
    if batch is not None:
        batch.state, batch.finished_at = state, now()
        if shortened:
            batch.options = {**batch.options, _SHORTENED: True}


def add_entries(session: Session, batch_id: str, entries: Sequence[EntryView]) -> None:
    """Add entries in their order."""
    rows = [{"id": new_id(), "batch_id": batch_id, **vars(bound_entry(entry))} for entry in entries]
    if rows:
        session.flush()
        session.execute(insert(Entry).execution_options(render_nulls=True), rows)


def bound_entry(entry: EntryView) -> EntryView:
    """Return an entry whose texts every database keeps, each at most as long as its column."""
    problems: list[dict[str, str]] | None = bound_json(entry.problems)
    given: dict[str, Any] | None = bound_json(entry.given, field="given")
    return replace(entry, path=entry_path(entry.path), fingerprint=to_storable(entry.fingerprint)[:64],
                   reason=to_storable(entry.reason)[: LIMITS["reason"]] if entry.reason else entry.reason,
                   problems=problems, given=given)  # fmt: skip


def entry_path(path: str) -> str:
    """Return the path of an entry: of a file, or of a row in a list, as long as its column."""
    return to_storable(path)[: LIMITS["path"]]


def find_imported(session: Session, paths: Collection[str]) -> dict[str, list[PriorImport]]:
    """Return what these files became in earlier batches, oldest first, as far as their records still exist.

    A record is left out where its original is damaged or missing, or its text or subtitles were dropped: its file is
    needed again. Imports of a batch that was undone since do not count.
    """
    lost = Asset.role.in_((AssetRole.TEXT, AssetRole.SUBTITLE)) & (Asset.condition == Condition.DROPPED)
    unsound = select(Asset.id).where(Asset.record_id == Record.id, and_(*UNSOUND_ORIGINAL) | lost)
    return _load_imports(session, Entry.path, Entry.path.in_([entry_path(path) for path in paths]), ~unsound.exists())


def find_imported_rows(session: Session, fingerprints: Collection[str]) -> dict[str, str]:
    """Return the records that rows of these fingerprints became in earlier batches, in whatever list they stood."""
    imports_by_fingerprint = _load_imports(session, Entry.fingerprint, Entry.fingerprint.in_(fingerprints))
    return {fingerprint: imports[-1].record_id for fingerprint, imports in imports_by_fingerprint.items()}


def records_of_paths(session: Session, paths: Collection[str]) -> dict[str, str]:
    """Return the record that a file of each path last became, or went into with its row; undone batches count too."""
    entries = (
        select(Entry.path, Entry.record_id)
        .where(Entry.path.in_([entry_path(path) for path in paths]), Entry.state.in_(_IMPORTED))
        .where(Entry.record_id.is_not(None))
        .order_by(Entry.id)
    )
    return {path: record_id for path, record_id in session.execute(entries) if record_id is not None}


def has_described(session: Session, list_path: str, record_id: str) -> bool:
    """Return whether a row of a list, or a record of a MARC file, of that path ever became a record or went into it."""
    rows = Entry.path.startswith(f"{entry_path(list_path)}#", autoescape=True)
    described = select(Entry.id).where(Entry.record_id == record_id, Entry.state.in_(_IMPORTED), rows)
    return session.scalar(described.limit(1)) is not None


def batches_of_rows(session: Session, rows: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the batches in which rows or MARC records, by their paths, became the record that is named for each."""
    taken = (Entry.path.in_([entry_path(path) for path in rows]), Entry.state.in_(_IMPORTED))
    batches: dict[tuple[str, str | None], set[str]] = {}
    for path, record_id, batch_id in session.execute(select(Entry.path, Entry.record_id, Entry.batch_id).where(*taken)):
        batches.setdefault((path, record_id), set()).add(batch_id)
    return {path: batches.get((entry_path(path), record_id), set()) for path, record_id in rows.items()}


def find_rejected_rows(session: Session, path: str, fingerprints: Collection[str], *, limit: int) -> list[EntryView]:
    """Return the latest rejections of a row, by its path or a fingerprint that it had, the latest first."""
    is_row = or_(Entry.path == entry_path(path), Entry.fingerprint.in_(fingerprints))
    statement = select(Entry).where(is_row, Entry.state == EntryState.REJECTED).order_by(Entry.id.desc())
    return [_entry_view(row) for row in session.scalars(statement.limit(limit))]


def is_known_source(session: Session, path: str) -> bool:
    """Return whether any batch has an entry of that path."""
    return session.scalar(select(Entry.id).where(Entry.path == entry_path(path)).limit(1)) is not None


def _load_imports(
    session: Session, column: InstrumentedAttribute[str], *conditions: ColumnElement[bool]
) -> dict[str, list[PriorImport]]:
    """Imports by a column of their entries, oldest first, without the records that an undone batch had added."""
    statement = (
        select(column.label("column"), Entry.fingerprint.label("fingerprint"), Record.id.label("record_id"))
        .join(Record, Record.id == Entry.record_id)
        .join(Batch, Batch.id == Entry.batch_id)
        .where(Entry.state.in_(_IMPORTED), Entry.fingerprint != "", Batch.state != BatchState.UNDONE, *conditions)
        .where(or_(Record.status != Status.WITHDRAWN, Record.details["undone_batch"].as_string().is_(None)))
        .order_by(Entry.id)
    )
    imports: dict[str, list[PriorImport]] = {}
    for row in session.execute(statement).mappings():
        imports.setdefault(row["column"], []).append(PriorImport(row["fingerprint"], row["record_id"]))
    return imports


def list_batches(session: Session, limit: int = 50, *, before: str | None = None) -> list[BatchView]:
    """Past batches, newest first; with `before`, those older than that one."""
    statement = select(Batch).order_by(Batch.id.desc()).limit(limit)
    rows = session.scalars(statement.where(Batch.id < before) if before else statement).all()
    return [_batch_view(session, row) for row in rows]


def find_batch(session: Session, batch_id: str) -> BatchView | None:
    """One batch."""
    row = session.get(Batch, batch_id)
    return _batch_view(session, row) if row else None


def list_shortened(session: Session, batch_id: str, *, limit: int = 200) -> list[EntryView]:
    """Imported entries of a batch with shortened fields, in the order of their adding.

    A batch that ended says whether it has any: looking through 300,000 entries takes 200 ms.
    """
    batch = session.get(Batch, batch_id)
    if batch is None or (batch.state in _ENDED and not batch.options.get(_SHORTENED)):
        return []
    statement = select(Entry).where(Entry.batch_id == batch_id, Entry.state.in_(_IMPORTED), _HAS_PROBLEMS)
    return [_entry_view(row) for row in session.scalars(statement.order_by(Entry.id).limit(limit))]


def list_rejected(session: Session, batch_id: str, *, with_problems: bool, limit: int) -> list[EntryView]:
    """Rejected entries of a batch in the order of their adding: with cells that were not understood, or without."""
    has_problems = _HAS_PROBLEMS if with_problems else not_(_HAS_PROBLEMS)
    statement = select(Entry).where(Entry.batch_id == batch_id, Entry.state == EntryState.REJECTED, has_problems)
    return [_entry_view(row) for row in session.scalars(statement.order_by(Entry.id).limit(limit))]


def list_entries(
    session: Session, batch_id: str, state: EntryState | None = None, *, limit: int | None = None
) -> list[EntryView]:
    """Entries of a batch, in the order of their adding."""
    statement = select(Entry).where(Entry.batch_id == batch_id).order_by(Entry.id).limit(limit)
    if state is not None:
        statement = statement.where(Entry.state == state)
    return [_entry_view(row) for row in session.scalars(statement)]


def _entry_view(row: Entry) -> EntryView:
    return EntryView(
        row.path,
        row.fingerprint,
        row.size,
        EntryState(row.state),
        row.code,
        row.reason,
        row.record_id,
        row.problems,
        row.given,
    )


def _batch_view(session: Session, row: Batch) -> BatchView:
    counts = session.execute(select(Entry.state, func.count()).where(Entry.batch_id == row.id).group_by(Entry.state))
    return BatchView(
        row.id,
        row.actor,
        tuple(row.sources),
        row.options,
        BatchState(row.state),
        in_utc(row.started_at),
        row.finished_at,
        {state: count for state, count in counts},
    )
