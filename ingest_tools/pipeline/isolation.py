"""Keeps an unforeseen error to the entry that raised it: that entry is rejected as `internal`, the batch goes on."""

from __future__ import annotations

import structlog

from ingest_tools.pipeline.results import Rejected
from ingest_tools.rejections import INTERNAL, RejectedError
from ingest_tools.sources.folder import Candidate

log = structlog.get_logger(__name__)


def internal_rejection(candidate: Candidate, stage: str, error: Exception) -> Rejected:
    """The rejection of a candidate on which our own code failed; the traceback goes to the log."""
    log.error("entry_failed", stage=stage, path=candidate.entry_path, exc_info=error)
    return Rejected(candidate, RejectedError(INTERNAL, type(error).__name__))
