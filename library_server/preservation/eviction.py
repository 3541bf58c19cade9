"""Keeps derived files within their budget: remuxed video goes first, then pictures, encoded video last.

Within each, what was used longest ago goes first; what is in use now stays, even where the budget is exceeded.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from library_server.catalogue.assets import derivatives
from library_server.catalogue.assets.derivatives import Cost, Droppable
from library_server.catalogue.assets.objects import keys_in_use
from library_server.database.engine import Database
from library_server.settings import Settings
from storage_config.stores.base import ObjectStore
from storage_config.units import parse_reserve

PAGE = 200
IN_USE = timedelta(hours=2)
ROOM_LEFT = 0.95


@dataclass
class EvictionReport:
    """Bytes: the budget, what was used before, what was freed of each sort."""

    budget: int
    used: int
    remuxed: int = 0
    pictures: int = 0
    encoded: int = 0

    @property
    def freed(self) -> int:
        """All that was freed."""
        return self.remuxed + self.pictures + self.encoded

    @property
    def over(self) -> int:
        """What is still over the budget, since it is in use or cannot be made again."""
        return max(0, self.used - self.freed - self.budget)


def budget_of(settings: Settings) -> int:
    """Return the budget in bytes; a share is of this machine's disk."""
    folder = settings.objects_folder if settings.storage == "filesystem" else settings.home
    folder = folder if folder.exists() else settings.home
    return parse_reserve(settings.derivatives_budget, shutil.disk_usage(folder).total)


def is_over_all(settings: Settings) -> bool:
    """Return whether the budget is over all derived files: a share of this disk says nothing of those on an S3
    server.
    """
    return settings.storage == "filesystem" or not settings.derivatives_budget.strip().endswith("%")


def evict(
    database: Database,
    store: ObjectStore,
    budget: int,
    *,
    remuxed: int = 0,
    shrink: Callable[[int], int] = lambda _: 0,
    stored: bool = True,
    now: datetime | None = None,
) -> EvictionReport:
    """Bring derived files under the budget; `remuxed` is the size of the video cache, and `shrink` frees some of it.

    `stored` says whether the budget is over what is in the store too, or over the video cache alone.
    """
    with database.reading() as session:
        report = EvictionReport(budget, remuxed + (derivatives.stored_bytes(session) if stored else 0))
    unused_since = (now or datetime.now(UTC)) - IN_USE
    excess = report.used - int(budget * ROOM_LEFT) if report.used > budget else 0
    if excess:
        report.remuxed = shrink(excess)
    if excess and stored:
        report.pictures = _drop(database, store, Cost.PICTURE, unused_since, excess - report.freed)
        report.encoded = _drop(database, store, Cost.ENCODED, unused_since, excess - report.freed)
    return report


def _drop(database: Database, store: ObjectStore, cost: Cost, unused_since: datetime, excess: int) -> int:
    freed = 0
    while freed < excess:
        with database.reading() as session:
            page = derivatives.find_droppable(session, cost, unused_since, PAGE)
        chosen = _take_enough(page, excess - freed)
        if not chosen:
            break
        with database.writing() as session:
            derivatives.mark_dropped(session, [derived.asset_id for derived in chosen])
        _delete(database, store, chosen)
        freed += sum(derived.size for derived in chosen)
    return freed


def _take_enough(page: list[Droppable], excess: int) -> list[Droppable]:
    chosen, size = [], 0
    for item in page:
        if size >= excess:
            break
        chosen.append(item)
        size += item.size
    return chosen


def _delete(database: Database, store: ObjectStore, chosen: list[Droppable]) -> None:
    """The rows say so already: a crash here leaves unnamed objects, which a sweep finds."""
    with database.reading() as session:
        shared = keys_in_use(session, [derived.key for derived in chosen])
    for derived in chosen:
        if derived.key not in shared:
            store.delete(derived.key)
