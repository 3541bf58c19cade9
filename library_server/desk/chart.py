"""Bars by month: how the library grew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from library_server.catalogue.assets.usage import UsageRow

MONTHS = 24


@dataclass(frozen=True)
class Bar:
    """One month: bytes stored by its end, and in it; heights in percent of the chart."""

    month: str
    total: int
    added: int
    total_height: float
    added_height: float


def make_bars(by_month: Sequence[UsageRow]) -> list[Bar]:
    """Return the last two years, every month of them, those without anything stored too."""
    if not by_month:
        return []
    stored = {row.names[0]: row.bytes for row in by_month}
    months = _list_months(by_month[0].names[0], by_month[-1].names[0])
    totals, total = [], 0
    for month in months:
        total += stored.get(month, 0)
        totals.append((month, total, stored.get(month, 0)))
    most = max(total, 1)
    return [Bar(month, so_far, new, so_far / most * 100, new / most * 100) for month, so_far, new in totals[-MONTHS:]]


def _list_months(first: str, last: str) -> list[str]:
    year, month = (int(part) for part in first.split("-"))
    months = [first]
    while months[-1] < last:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        months.append(f"{year:04}-{month:02}")
    return months
