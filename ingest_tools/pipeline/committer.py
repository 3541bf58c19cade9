"""Commits results in batches; a batch that fails is bisected, so that one bad entry does not fail the others."""

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
    NewFile,
    NewVersion,
    StageTimer,
    WrittenResult,
)
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from storage_config.stores.base import ObjectStore

log = structlog.get_logger(__name__)


class Committer:
    """Writes the results of one batch and counts each in its report once; one thread uses it."""

    def __init__(self, database: Database, store: ObjectStore, writer: CatalogueWriter, report: IngestReport) -> None:
        self._database = database
        self._store = store
        self._writer = writer
        self._report = report

    def commit(self, results: Sequence[ImportResult]) -> None:
        """Write results in one transaction, or in as few as possible. Raises errors that concern the whole batch."""
        if not results:
            return
        started = time.monotonic()
        for written in self._commit_or_bisect(results):
            for result in written:  # counted as soon as it is committed: the next half may stop the batch
                self._report.count(result)
        StageTimer(self._report.stages).add("catalogue", time.monotonic() - started)
        self._report.likely = self._writer.duplicate_count

    def _commit_or_bisect(self, results: Sequence[ImportResult]) -> Iterator[Sequence[WrittenResult]]:
        try:
            written = self._write_in_transaction(results)
        except Exception as error:
            if stops_batch(error):
                raise
            if len(results) == 1:
                yield [self._write_fallback(results[0], error)]
                return
        else:
            yield written
            return
        middle = len(results) // 2
        yield from self._commit_or_bisect(results[:middle])
        yield from self._commit_or_bisect(results[middle:])

    def _write_fallback(self, result: ImportResult, error: Exception) -> WrittenResult:
        """Write an entry whose result failed: unchanged if its bytes were catalogued meanwhile, else rejected."""
        if isinstance(error, IntegrityError) and (known := self._record_of_same_bytes(result)):
            # another ingest catalogued the same bytes first: report this entry as unchanged
            log.warning("entry_catalogued_meanwhile", path=result.candidate.entry_path, error=repr(error))
            return self._write_alone(Imported(result.candidate, EntryState.UNCHANGED, known))
        return self._write_alone(internal_rejection(result.candidate, "write", error))

    def _write_alone(self, result: WrittenResult) -> WrittenResult:
        """Write an entry in a transaction of its own; if that fails, without the cells of its row."""
        row = result.candidate.row
        bare = replace(result.candidate, row=replace(row, cells=None, problems=[]) if row else None)
        for attempt in (result, replace(result, candidate=bare)):
            try:
                return self._write_in_transaction([attempt])[0]
            except Exception as error:
                if stops_batch(error):
                    raise
                log.error("entry_not_noted", path=result.candidate.entry_path, exc_info=error)
        return result

    def _record_of_same_bytes(self, result: ImportResult) -> str | None:
        if not isinstance(result, NewFile | NewVersion):  # of any other, its row would be lost
            return None
        with self._database.reading() as session:
            asset = queries.original_by_sha256(session, result.original.sha256)
        return asset.record_id if asset else None

    def _write_in_transaction(self, results: Sequence[ImportResult]) -> list[WrittenResult]:
        if any(isinstance(result, FileResult) for result in results):
            self._store.flush()
        try:
            with self._database.writing() as session:
                return self._writer.write(session, results)
        except BaseException:
            self._writer.roll_back()
            raise
