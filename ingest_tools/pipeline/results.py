"""What becomes of one candidate, and the sum of a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.formats.picture_suffixes import TAKEOUT_SUFFIX
from ingest_tools.pipeline.metadata.merge import PreparedDraft, public_path
from ingest_tools.pipeline.rows.unread_cells import UnreadColumns, list_unread_cells
from ingest_tools.rejections import UNREADABLE, RejectedError
from ingest_tools.sources.folder import Candidate, entry_of_file, str_path
from ingest_tools.sources.lists.manifest import ManifestRow
from ingest_tools.sources.locator import SourceLocator
from ingest_tools.sources.packs.names import outer_file
from ingest_tools.sources.sidecars import is_sheet
from library_server.catalogue.batches.repository import EntryView, bound_entry
from library_server.catalogue.bounds import Shortening
from library_server.catalogue.changed_fields import FieldChange
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records.commands import NewAsset
from storage_config.keys import original_key
from storage_config.stores.base import Digest

REJECTIONS_LISTED = 2000
DRY_RUN = "dry-run"


@dataclass(frozen=True)
class _FileResult:
    """A stored file and the record it belongs to, with its derived files and the pictures next to it.

    `recovered` are the originals that a check had found damaged or gone, and that these bytes replaced.
    """

    candidate: Candidate
    record_id: str
    prepared_draft: PreparedDraft
    description: Description
    original: Digest
    derived: tuple[NewAsset, ...] = ()
    pictures: tuple[NewAsset, ...] = ()
    recovered: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewFile(_FileResult):
    """A file that becomes a new record."""


@dataclass(frozen=True)
class NewVersion(_FileResult):
    """A file that is a newer version of what a known record has."""


@dataclass(frozen=True)
class KnownFile(_FileResult):
    """A file whose bytes are catalogued already; its row may change the record."""


@dataclass(frozen=True)
class NewRow:
    """A row that describes no new file; when it is written it may turn out to describe a known record.

    `file_record_id` is the record that has the file of the row; None where the row has no file.
    """

    candidate: Candidate
    row: ManifestRow
    record_id: str
    prepared_draft: PreparedDraft
    file_record_id: str | None = None


@dataclass(frozen=True)
class Imported:
    """A candidate of which the entry alone is still to be written.

    `state` is any but rejected. `shortened` are the fields that were cut, `stored` the bytes of a newly stored
    original. `changes` are the changed fields of a record that was there before, `kept` those that keep another value
    (`old`) than the one that the entry names (`new`). `restricted` is the level of a new record that is not public.
    """

    candidate: Candidate
    state: EntryState
    record_id: str
    shortened: tuple[Shortening, ...] = ()
    stored: int = 0
    changes: tuple[FieldChange, ...] = ()
    kept: tuple[FieldChange, ...] = ()
    restricted: str | None = None


@dataclass(frozen=True)
class Rejected:
    """A candidate that is not taken in."""

    candidate: Candidate
    rejection: RejectedError


def original_asset(result: NewFile | NewVersion) -> NewAsset:
    """Return the file of a result as an asset of its record."""
    return NewAsset(
        role="original",
        media_type=result.description.media_type,
        size=result.original.size,
        sha256=result.original.sha256,
        key=original_key(result.original.sha256),
        filename=str_path(Path(public_path(result.candidate.named, result.description).name)),
        librarians_only=result.description.librarians_only,
    )


FileResult = NewFile | NewVersion | KnownFile
WrittenResult = Imported | Rejected
ImportResult = FileResult | NewRow | WrittenResult


class StageTimer:
    """Adds up the seconds of each stage, from many threads."""

    _adding = threading.Lock()

    def __init__(self, stages: dict[str, float]) -> None:
        self._stages = stages

    def add(self, stage: str, seconds: float) -> None:
        """Count seconds to a stage."""
        with self._adding:
            self._stages[stage] = self._stages.get(stage, 0.0) + seconds


@dataclass
class IngestReport:
    """The sum of a batch, in entries; `bytes` is what was newly stored of originals, `seconds` wall time.

    `rejections` and `shortened` (entries taken with a field cut) are the first `REJECTIONS_LISTED`; the catalogue keeps
    all. `changed` counts the entries, among those that were joined or added, that changed a record of before; `changes`
    are the first of them, `kept` the entries that name a value which the record does not take. `unread_columns` are the
    columns of lists that mean no field, with the number of their rows, `unread_cells` the first cells that were passed
    over while the rest of their rows counts. `refused_sources` are the `sources` that are
    files or lists of which something was refused, with the first refusal of each. `likely` counts pairs that may be the
    same. `skipped` are the first files that are no entry, each with a code and the reason, `restricted` the first that
    say themselves that not everybody may read them.
    `stages` are the seconds that threads spent describing, storing and cataloguing; they add up to more than `seconds`.
    """

    batch: str
    sources: frozenset[str] = frozenset()
    added: int = 0
    unchanged: int = 0
    joined: int = 0
    rejected: int = 0
    changed: int = 0
    seconds: float = 0.0
    bytes: int = 0
    likely: int = 0
    rejections: list[dict[str, Any]] = field(default_factory=list)
    shortened: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    restricted: list[dict[str, Any]] = field(default_factory=list)
    unread_columns: UnreadColumns = field(default_factory=UnreadColumns)
    unread_cells: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    refused_sources: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing was written, so that there is no batch to look up."""
        return self.batch == DRY_RUN

    @property
    def seen(self) -> int:
        """All entries."""
        return self.added + self.unchanged + self.joined + self.rejected

    def to_json(self) -> dict[str, Any]:
        """Return the report under the field names of `ingest --json`."""
        left_out = {"batch", "sources", "stages", "refused_sources", "unread_columns"}
        values = {name: value for name, value in vars(self).items() if name not in left_out}
        stages = {name: round(seconds, 3) for name, seconds in self.stages.items()}
        columns = self.unread_columns.to_json()
        return {"batch": self.batch, "seen": self.seen, **values, "unread_columns": columns, "stages": stages}

    def count(self, result: WrittenResult) -> None:
        """Add a result to the sum."""
        for entry in list_entries(result):
            setattr(self, entry.state, getattr(self, entry.state) + 1)
            if entry.state == EntryState.REJECTED:
                rejection = {"path": entry.path, "code": entry.code or "", "reason": entry.reason or ""}
                if (source := _source_of(entry, result.candidate)) in self.sources:
                    self.refused_sources.setdefault(source, rejection)
                if len(self.rejections) < REJECTIONS_LISTED:
                    self.rejections.append(rejection | ({"problems": entry.problems} if entry.problems else {}))
            elif entry.problems and len(self.shortened) < REJECTIONS_LISTED:
                self.shortened.append({"path": entry.path, "fields": entry.problems})
        self.unread_columns.count(result.candidate)
        if isinstance(result, Imported):
            self.unread_cells += list_unread_cells(result.candidate)[: REJECTIONS_LISTED - len(self.unread_cells)]
            self.bytes += result.stored
            self.changed += bool(result.changes)
            _note_fields(self.changes, result, result.changes)
            _note_fields(self.kept, result, result.kept)
            if result.restricted and len(self.restricted) < REJECTIONS_LISTED:
                self.restricted.append({"path": result.candidate.entry_path, "access": result.restricted})


def _note_fields(noted: list[dict[str, Any]], result: Imported, fields: Sequence[FieldChange]) -> None:
    if fields and len(noted) < REJECTIONS_LISTED:
        values = [change.to_json() for change in fields]
        noted.append({"path": result.candidate.entry_path, "record": result.record_id, "fields": values})


def _source_of(entry: EntryView, candidate: Candidate) -> str:
    """Return the source that has to be corrected for a rejected entry: its list, its pack, or the file itself."""
    return outer_file(str_path(candidate.list_path) if candidate.list_path else SourceLocator.parse(entry.path).path)


def list_entries(result: WrittenResult) -> Iterator[EntryView]:
    """Yield the entries of a result: its own, and one for each file that was taken with it."""
    own = _rejected_entry(result) if isinstance(result, Rejected) else _imported_entry(result)
    yield bound_entry(own)
    state = EntryState.JOINED if own.state == EntryState.ADDED else own.state
    candidate, refused = result.candidate, result.candidate.refused_sidecars
    is_refused = own.state == EntryState.REJECTED
    is_unreadable = is_refused and own.code in UNREADABLE
    waiting = RejectedError("main_refused", str_path(Path(candidate.named.name)))
    for path in _joined_files(candidate):
        if is_unreadable and path in candidate.sidecars:
            is_about_it = is_sheet(path) or path.suffix.lower() == TAKEOUT_SUFFIX
            if not is_about_it:  # what says something of the refused file alone waits for nothing
                yield bound_entry(EntryView(entry_of_file(path), "", 0, state, waiting.code, waiting.reason))
            continue
        entry = EntryView(entry_of_file(path), "", 0, state, own.code, own.reason, own.record_id)
        if path in refused and not is_refused:
            entry = replace(entry, state=EntryState.REJECTED, code=refused[path].code, reason=refused[path].reason)
        yield bound_entry(entry)


def _imported_entry(result: Imported) -> EntryView:
    candidate = result.candidate
    is_changed = result.state in {EntryState.ADDED, EntryState.JOINED}
    cut = [{"field": field.field, "length": str(field.length), "kept": str(field.kept)} for field in result.shortened]
    return EntryView(
        path=candidate.entry_path,
        fingerprint=candidate.fingerprint,
        size=candidate.size,
        state=result.state,
        record_id=result.record_id,
        problems=cut if cut and is_changed else None,
    )


def _rejected_entry(result: Rejected) -> EntryView:
    """Return the entry of a rejection, with the row as it was and its cells that were not understood."""
    candidate, row = result.candidate, result.candidate.row
    return EntryView(
        path=candidate.entry_path,
        fingerprint=candidate.fingerprint,
        size=candidate.size,
        state=EntryState.REJECTED,
        code=result.rejection.code,
        reason=result.rejection.reason,
        problems=row.problems if row and row.problems else None,
        given=dict(row.cells) if row and row.cells else None,
    )


def _joined_files(candidate: Candidate) -> list[Path]:
    """Return the files that are entries of their own: that which a row names, subtitles and covers."""
    row = candidate.row
    named = [candidate.path] if row and row.file and candidate.path != candidate.list_path else []
    return [*named, *candidate.counted_sidecars]
