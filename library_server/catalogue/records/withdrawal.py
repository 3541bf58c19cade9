"""Withdrawal reasons that may be shown to the public.

A reason is free text and may name who asked for it, or the batch and the paths of an ingest. Only the reasons of a
closed list are told to readers; others are for librarians.
"""

from __future__ import annotations

from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import WithdrawalReason


def public_reason(record: RecordView) -> WithdrawalReason | None:
    """Return the reason that readers are told; None where it is not one of the closed list."""
    given = (record.withdrawn_reason or "").strip().rstrip("。.")
    return next((reason for reason in WithdrawalReason if reason == given), None)
