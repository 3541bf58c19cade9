"""Fixity: re-hashes originals, the longest unchecked first, writes down every check and mends what it can.

A pass is over when every original was checked since it began. A run may be stopped at any time, even by a power
cut: what it wrote down stands, and the next run goes on with the same pass.
"""

from __future__ import annotations

import getpass
import platform
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from library_server import __version__
from library_server.catalogue.assets import fixity
from library_server.catalogue.assets.fixity import FixityOutcome, FixityTarget
from library_server.database.engine import Database
from library_server.preservation.reconciliation import count_unnamed
from library_server.processes.scratch import scratch_directory
from storage_config.errors import ObjectDamaged, ObjectNotFound
from storage_config.fixity.throttling import UNLIMITED, RateLimiter
from storage_config.fixity.verification import CheckCancelled, Condition, FixityResult, ObjectRef, check, repair
from storage_config.keys import ORIGINALS
from storage_config.messages import Message, dump_messages
from storage_config.stores.base import ObjectStore

PAGE = 64
PARALLEL = 2
NOTE_SECONDS = 1.0


@dataclass
class Report:
    """What a run found; `remaining` originals are left of the pass, `unnamed` is None until it is whole."""

    checked: int = 0
    bytes: int = 0
    damaged: int = 0
    missing: int = 0
    mended: int = 0
    remaining: int = 0
    unnamed: int | None = None
    findings: list[FixityOutcome] = field(default_factory=list)

    def add(self, outcomes: list[FixityOutcome]) -> None:
        """Count what was written down."""
        self.checked += len(outcomes)
        self.bytes += sum(item.read for item in outcomes)
        self.damaged += sum(item.condition == Condition.DAMAGED for item in outcomes)
        self.missing += sum(item.condition == Condition.MISSING for item in outcomes)
        self.mended += sum(item.repaired for item in outcomes)
        self.findings.extend(item for item in outcomes if item.condition != Condition.SOUND)


class Scrub:
    """One run over the originals of a catalogue; `replica` is the second store, where there is one."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        scratch: Path,
        *,
        replica: ObjectStore | None = None,
        rate_limiter: RateLimiter = UNLIMITED,
    ) -> None:
        self._database = database
        self._store = store
        self._replica = replica
        self._scratch = scratch
        self._rate_limiter = rate_limiter
        self.stopping = threading.Event()

    def run(self, budget: float | None = None, progress: Callable[[Report], None] = lambda _: None) -> Report:
        """Check until all is checked, `stopping` is set, or `budget` seconds are over; what was begun is finished then.

        Raises `StoreUnusable` where the store is away: what was checked by then stands.
        """
        deadline = time.monotonic() + budget if budget is not None else float("inf")
        report = Report()
        with self._database.writing() as session:
            run = fixity.begin_run(session, get_agent())
        while not self.stopping.is_set() and time.monotonic() < deadline:
            with self._database.reading() as session:
                page = fixity.due_originals(session, run.pass_began, PAGE)
            if not page:
                break
            self._check_and_note(run.id, page, deadline, report)
            progress(report)
        self._finish(run, report)
        return report

    def _check_and_note(self, run_id: int, page: list[FixityTarget], deadline: float, report: Report) -> None:
        """What was checked is written down every second or so, and where the store goes away too."""
        outcomes: list[FixityOutcome] = []
        written = time.monotonic()
        try:
            for outcome in self._check_page(page, deadline):
                outcomes.append(outcome)
                if time.monotonic() - written > NOTE_SECONDS:
                    self._record_outcomes(run_id, outcomes, report)
                    outcomes, written = [], time.monotonic()
        finally:
            self._record_outcomes(run_id, outcomes, report)

    def _record_outcomes(self, run_id: int, outcomes: list[FixityOutcome], report: Report) -> None:
        with self._database.writing() as session:
            fixity.add_outcomes(session, run_id, outcomes)
        report.add(outcomes)

    def _finish(self, run: fixity.FixityRun, report: Report) -> None:
        with self._database.reading() as session:
            report.remaining = fixity.count_due(session, run.pass_began)
        if not report.remaining:
            report.unnamed = count_unnamed(self._database, self._store, ORIGINALS)
        with self._database.writing() as session:
            fixity.finish_run(session, run.id, whole=not report.remaining, unnamed=report.unnamed)

    def _check_page(self, page: list[FixityTarget], deadline: float) -> Iterator[FixityOutcome]:
        """Check a page in parallel; yields the outcomes of checks that ended before the deadline."""

        def check_before_deadline(due: FixityTarget) -> FixityOutcome:
            if time.monotonic() >= deadline:
                raise CheckCancelled
            return self._check(due)

        threads = ThreadPoolExecutor(PARALLEL)
        try:
            for done in as_completed([threads.submit(check_before_deadline, due) for due in page]):
                with suppress(CheckCancelled):
                    yield done.result()
        finally:
            threads.shutdown(cancel_futures=True)

    def _check(self, due: FixityTarget) -> FixityOutcome:
        result = check(self._store, due, self._rate_limiter, self.stopping)
        messages, repaired = [result.difference] if result.difference else [], False
        if result.condition != Condition.SOUND and self._replica is not None:
            repaired, repair_messages = self._repair(due)
            messages += repair_messages
        return _make_outcome(due, result, dump_messages(messages), repaired=repaired)

    def _repair(self, reference: ObjectRef) -> tuple[bool, list[Message]]:
        assert self._replica is not None
        with scratch_directory(self._scratch) as folder:
            try:
                repair(self._store, self._replica, reference, Path(folder), self._rate_limiter)
            except ObjectNotFound:
                return False, [Message("replica_lacks_object")]
            except ObjectDamaged as error:
                return False, [Message("not_repaired"), error.message]
        return True, [Message("repaired_from_replica")]


def get_agent() -> str:
    """Program, version, host and user: who did it, as PREMIS calls an agent."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        user = "?"
    return f"tianyuan {__version__} scrub, {user}@{platform.node()}"


def _make_outcome(due: FixityTarget, result: FixityResult, detail: str, *, repaired: bool) -> FixityOutcome:
    return FixityOutcome(due.asset_id, result.condition, result.read, datetime.now(UTC), detail, repaired)
