"""Keeps an unforeseen error to the entry that raised it: that entry is rejected as `internal`, the batch goes on."""

from __future__ import annotations

import errno

import structlog

from ingest_tools.pipeline.results import ImportResult
from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources.folder import Candidate
from library_server.catalogue.enums import EntryState
from library_server.database_errors import explain_database_error
from storage_config.errors import NO_ROOM, StoreUnusable

log = structlog.get_logger(__name__)


def stops_batch(error: BaseException) -> bool:
    """Whether an error concerns the whole batch: the store or the database is away or full, or we are being stopped."""
    if isinstance(error, StoreUnusable) or not isinstance(error, Exception):
        return True
    if isinstance(error, OSError):
        return error.errno in NO_ROOM or error.errno == errno.EROFS
    return explain_database_error(error) is not None


def internal_rejection(candidate: Candidate, stage: str, error: Exception) -> ImportResult:
    """The rejection of a candidate on which our own code failed; the traceback goes to the log."""
    log.error("entry_failed", stage=stage, path=candidate.entry_path, exc_info=error)
    return ImportResult(candidate, EntryState.REJECTED, rejection=RejectedError(INTERNAL, type(error).__name__))
