"""What becomes of one candidate, and the sum of a batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ingest_tools.description import Description
from ingest_tools.pipeline.metadata_merge import DraftRecord
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate, str_path
from library_server.catalogue.batches.repository import EntryView, bounded
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records.commands import NewAsset
from storage_config.stores.base import Digest

REJECTIONS_TOLD = 2000
DRY_RUN = "dry-run"


class WriteAction(StrEnum):
    """What is to be written of a candidate that is not refused."""

    NEW = "new"
    VERSION = "version"
    DESCRIBED = "described"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ImportResult:
    """What became of one candidate, ready to be written. `record_id` is the new or the known record."""

    candidate: Candidate
    state: EntryState
    action: WriteAction = WriteAction.NOTHING
    record_id: str | None = None
    draft_record: DraftRecord | None = None
    description: Description | None = None
    original: Digest | None = None
    derived: tuple[NewAsset, ...] = ()
    rejection: RejectedError | None = None


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

    `rejections` and `shortened` (entries taken with a field cut) are the first `REJECTIONS_TOLD`; the catalogue keeps
    all. `refused_sources` are the paths of all files and lists of which something was refused. `likely` counts pairs
    that may be the same.
    `stages` are the seconds that threads spent describing, storing and cataloguing; they add up to more than `seconds`.
    """

    batch: str
    added: int = 0
    unchanged: int = 0
    joined: int = 0
    rejected: int = 0
    seconds: float = 0.0
    bytes: int = 0
    likely: int = 0
    rejections: list[dict[str, Any]] = field(default_factory=list)
    shortened: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    refused_sources: set[str] = field(default_factory=set)

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing was written, so that there is no batch to look up."""
        return self.batch == DRY_RUN

    @property
    def seen(self) -> int:
        """All entries."""
        return self.added + self.unchanged + self.joined + self.rejected

    def to_json(self) -> dict[str, Any]:
        """As the contract names it."""
        told = {name: value for name, value in vars(self).items() if name not in {"batch", "stages", "refused_sources"}}
        stages = {name: round(seconds, 3) for name, seconds in self.stages.items()}
        return {"batch": self.batch, "seen": self.seen, **told, "stages": stages}

    def count(self, outcome: ImportResult) -> None:
        """Take an outcome into the sum."""
        for entry in entries(outcome):
            setattr(self, entry.state, getattr(self, entry.state) + 1)
            if entry.state == EntryState.REJECTED:
                self.refused_sources.add(str_path(outcome.candidate.list_path or Path(entry.path)))
            if entry.state == EntryState.REJECTED and len(self.rejections) < REJECTIONS_TOLD:
                told = {"path": entry.path, "code": entry.code or "", "reason": entry.reason or ""}
                self.rejections.append(told | ({"problems": entry.problems} if entry.problems else {}))
            elif entry.problems and len(self.shortened) < REJECTIONS_TOLD:
                self.shortened.append({"path": entry.path, "fields": entry.problems})
        if outcome.original and outcome.action in {WriteAction.NEW, WriteAction.VERSION}:
            self.bytes += outcome.original.size


def entries(outcome: ImportResult) -> Iterator[EntryView]:
    """The entries of an outcome: its own, and one for each file that went in with it."""
    return map(bounded, _entries(outcome))


def _entries(outcome: ImportResult) -> Iterator[EntryView]:
    candidate, refusal = outcome.candidate, outcome.rejection
    listed = candidate.row
    code, reason = (refusal.code, refusal.reason) if refusal else (None, None)
    yield EntryView(
        path=candidate.entry_path,
        fingerprint=candidate.fingerprint,
        size=candidate.size,
        state=outcome.state,
        code=code,
        reason=reason,
        record_id=outcome.record_id,
        problems=_problems(outcome),
        given=dict(listed.cells) if listed and refusal and listed.cells else None,
    )
    paths = [*([candidate.path] if listed and listed.file and candidate.path != candidate.list_path else []),
              *candidate.sidecars]  # fmt: skip
    state = EntryState.JOINED if outcome.state == EntryState.ADDED else outcome.state
    for path in paths:
        yield EntryView(str_path(path), "", 0, state, code, reason, outcome.record_id)


def _problems(outcome: ImportResult) -> list[dict[str, str]] | None:
    """The cells of a refused row that were not understood, or the fields of a taken entry that were shortened."""
    listed = outcome.candidate.row
    if outcome.rejection:
        return listed.problems if listed and listed.problems else None
    if outcome.draft_record is None or outcome.state not in {EntryState.ADDED, EntryState.JOINED}:
        return None
    return [
        {"field": one.field, "length": str(one.length), "kept": str(one.kept)} for one in outcome.draft_record.shortened
    ] or None
