"""Deletes objects that no row names, and only those that a sweep listed.

Refuses to delete when the catalogue looks empty or outdated, unless the caller passes the exact count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library_server.catalogue.assets.objects import keys_in_use
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.models import Asset, Batch, PreservationRun, Record
from library_server.catalogue.models.records import in_utc
from library_server.database.engine import Database
from library_server.preservation.reconciliation import SweepReport
from library_server.preservation.trash import discard, restore_named
from storage_config.errors import ObjectNotFound
from storage_config.keys import DERIVATIVES, ORIGINALS
from storage_config.messages import CodedError, Message
from storage_config.stores.base import ObjectStore

PAGE = 500
CLOCKS_DIFFER = timedelta(hours=1)


class DeletionRefused(CodedError):
    """Nothing was deleted. `code` is stable; the message says what looks wrong and which number to type."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(message.code, **message.parameters)
        self.code = code


@dataclass
class DeletionReport:
    """Objects deleted, those of them that went into the trash, and those that came back since a row names them now."""

    deleted: int = 0
    trashed: int = 0
    restored: int = 0


class Candidates:
    """Keys of objects that may be deleted, in a file: two million of them take no memory."""

    def __init__(self, scratch: Path) -> None:
        self._file = tempfile.TemporaryFile("w+", encoding="ascii", dir=scratch)  # noqa: SIM115 - closed on exit
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, key: str) -> None:
        """Note one key."""
        self._file.write(f"{key}\n")
        self.count += 1

    def read_pages(self) -> Iterator[list[str]]:
        """Yield all keys, a page at a time."""
        self._file.seek(0)
        while page := [line.rstrip("\n") for line in islice(self._file, PAGE)]:
            yield page


def refuse_careless_deletion(database: Database, swept: SweepReport, count: int, expected: int | None) -> None:
    """Raise `DeletionRefused` where the catalogue looks lost, or `expected` is not the number that would be deleted."""
    if expected is not None:
        if expected != count:
            raise DeletionRefused("count_differs", Message("count_differs", {"count": count, "expected": expected}))
        return
    if count == 0:
        return
    with database.reading() as session:
        reason = _find_reason(session, swept)
    if reason is not None:
        code, cause = reason
        raise DeletionRefused(code, Message("nothing_deleted", {"cause": cause, "count": count}))


def delete_unnamed(database: Database, store: ObjectStore, candidates: Candidates, day: date) -> DeletionReport:
    """Delete candidates that no row names yet: originals into the trash of that day, derived files at once.

    An ingest may name an object at the same moment; what it named meanwhile comes back.
    """
    done = DeletionReport()
    for page in candidates.read_pages():
        with database.reading() as session:
            named = keys_in_use(session, page)
        for key in page:
            if key not in named:
                _delete(store, key, day, done)
    if done.trashed:
        store.flush()
        done.restored = restore_named(database, store)
    return done


def _delete(store: ObjectStore, key: str, day: date, done: DeletionReport) -> None:
    if not key.startswith(ORIGINALS):
        store.delete(key)
        done.deleted += 1
        return
    with suppress(ObjectNotFound):  # another sweep was first
        discard(store, key, day)
        done.trashed += 1
        done.deleted += 1


def _find_reason(session: Session, swept: SweepReport) -> tuple[str, Message] | None:
    """Return what makes the catalogue look lost, as a code and a message."""
    if session.scalar(select(Asset.id).where(Asset.role == AssetRole.ORIGINAL).limit(1)) is None:
        return "catalogue_empty", Message("catalogue_empty")
    began = _find_first_time(session)
    oldest = swept.shares[ORIGINALS].oldest
    if began is not None and oldest < (began - CLOCKS_DIFFER).timestamp():
        stored = datetime.fromtimestamp(oldest, UTC)
        return "catalogue_new", Message("catalogue_new", {"began": f"{began:%Y-%m-%d}", "stored": f"{stored:%Y-%m-%d}"})
    for prefix, sentence in ((ORIGINALS, "mostly_unnamed_originals"), (DERIVATIVES, "mostly_unnamed_derivatives")):
        share = swept.shares[prefix]
        if share.unnamed and not share.is_mostly_named:
            named = share.objects - share.unnamed
            return "mostly_unnamed", Message(sentence, {"stored": share.objects, "named": named})
    return None


def _find_first_time(session: Session) -> datetime | None:
    """When the first thing was written into the catalogue: a batch is opened before its objects are stored."""
    columns = (Batch.started_at, Record.created_at, PreservationRun.started_at)
    first = [moment for column in columns if (moment := session.scalar(select(func.min(column)))) is not None]
    return min((in_utc(moment) for moment in first), default=None)
