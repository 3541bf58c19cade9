"""Keeps an unforeseen error to the entry that raised it: that entry is rejected as `internal`, the batch goes on."""

from __future__ import annotations

import errno

import structlog

from ingest_tools.batch_errors import stops_batch
from ingest_tools.pipeline.results import Rejected
from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources.folder import Candidate
from storage_config.errors import NO_ROOM, StorageError, StorageFull, StoreUnusable

log = structlog.get_logger(__name__)


def internal_rejection(candidate: Candidate, stage: str, error: Exception) -> Rejected:
    """Return the rejection of a candidate on which our own code failed; the traceback goes to the log."""
    log.error("entry_failed", stage=stage, path=candidate.entry_path, exc_info=error)
    return Rejected(candidate, RejectedError(INTERNAL, type(error).__name__))


def rejection_of(candidate: Candidate, stage: str, error: Exception) -> Rejected:
    """Return the rejection of a candidate for any other error than `RejectedError`. Raises what stops the batch."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        raise StorageFull("local_disk_unwritable", detail=error.strerror or "") from error
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        raise StoreUnusable("disk_read_only", what=str(error.filename)) from error
    if stops_batch(error):
        raise error
    if isinstance(error, StorageError):
        return Rejected(candidate, RejectedError("storage_failed", str(error)))
    if isinstance(error, OSError):
        return Rejected(candidate, RejectedError("unreadable", error.strerror or ""))
    return internal_rejection(candidate, stage, error)
