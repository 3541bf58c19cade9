"""Commits outcomes in batches; a batch that fails is bisected, so that one entry never takes others with it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import structlog
from sqlalchemy.exc import IntegrityError

from ingest_tools.batch_errors import stops_batch
from ingest_tools.pipeline.catalogue_writer import CatalogueWriter
from ingest_tools.pipeline.isolation import internal_rejection
from ingest_tools.pipeline.results import (
    FileResult,
    Imported,
    ImportResult,
    IngestReport,
    StageTimer,
    WrittenResult,
)
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from storage_config.stores.base import ObjectStore

log = structlog.get_logger(__name__)


class Committer:
    """Writes the outcomes of one batch and counts each in its report once; one thread uses it."""

    def __init__(self, database: Database, store: ObjectStore, writer: CatalogueWriter, report: IngestReport) -> None:
        self._database = database
        self._store = store
        self._writer = writer
        self._report = report

    def commit(self, outcomes: Sequence[ImportResult]) -> None:
        """Write outcomes in one transaction, or in as few as it takes. Raises what `stops_batch` names."""
        if not outcomes:
            return
        started = time.monotonic()
        for written in self._commit_or_bisect(outcomes):
            for result in written:  # counted as soon as it is committed: the next half may stop the batch
                self._report.count(result)
        StageTimer(self._report.stages).add("catalogue", time.monotonic() - started)
        self._report.likely = self._writer.likely

    def _commit_or_bisect(self, outcomes: Sequence[ImportResult]) -> Iterator[Sequence[WrittenResult]]:
        try:
            written = self._in_one_transaction(outcomes)
        except Exception as error:
            if stops_batch(error):
                raise
            if len(outcomes) == 1:
                yield [self._instead(outcomes[0], error)]
                return
        else:
            yield written
            return
        middle = len(outcomes) // 2
        yield from self._commit_or_bisect(outcomes[:middle])
        yield from self._commit_or_bisect(outcomes[middle:])

    def _instead(self, outcome: ImportResult, error: Exception) -> WrittenResult:
        """What is written of an outcome that cannot be written: that its bytes were there, or its rejection."""
        if isinstance(error, IntegrityError) and (known := self._record_of_same_bytes(outcome)):
            # another ingest catalogued the same bytes first: report this entry as unchanged
            return self._last(Imported(outcome.candidate, EntryState.UNCHANGED, known))
        return self._last(internal_rejection(outcome.candidate, "write", error))

    def _last(self, outcome: WrittenResult) -> WrittenResult:
        """Write the entry alone; where not even that can be done, without the cells of its row."""
        row = outcome.candidate.row
        bare = replace(outcome.candidate, row=replace(row, cells=None, problems=[]) if row else None)
        for attempt in (outcome, replace(outcome, candidate=bare)):
            try:
                return self._in_one_transaction([attempt])[0]
            except Exception as error:
                if stops_batch(error):
                    raise
                log.error("entry_not_noted", path=outcome.candidate.entry_path, exc_info=error)
        return outcome

    def _record_of_same_bytes(self, outcome: ImportResult) -> str | None:
        if not isinstance(outcome, FileResult):
            return None
        with self._database.reading() as session:
            asset = queries.original_by_sha256(session, outcome.original.sha256)
        return asset.record_id if asset else None

    def _in_one_transaction(self, outcomes: Sequence[ImportResult]) -> list[WrittenResult]:
        if any(isinstance(outcome, FileResult) for outcome in outcomes):
            self._store.flush()
        try:
            with self._database.writing() as session:
                return self._writer.write(session, outcomes)
        except BaseException:
            self._writer.forget()
            raise
