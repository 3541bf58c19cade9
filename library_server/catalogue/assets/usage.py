"""Usage of the store in objects and bytes, by kind and role, by collection and by month.

Counting takes seconds at a million objects: the worker and the command line count and save the figures, pages and
metrics show those that were saved last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from library_server.catalogue.enums import COVER_SOURCE, AssetRole
from library_server.catalogue.models import Asset, Collection, CollectionRecord, Record, UsageFigures
from library_server.catalogue.models.records import in_utc
from storage_config.fixity.verification import Condition


@dataclass(frozen=True)
class UsageRow:
    """Objects and bytes of one group, which has one or two names."""

    names: tuple[str, ...]
    objects: int
    bytes: int


@dataclass(frozen=True)
class Usage:
    """The usage at the time `taken`. Months are `2026-11`, oldest first, and count what was stored in each."""

    taken: datetime
    by_kind_and_role: list[UsageRow] = field(default_factory=list)
    by_collection: list[UsageRow] = field(default_factory=list)
    by_month: list[UsageRow] = field(default_factory=list)

    def compute_total(self, is_included: Callable[[UsageRow], bool] = lambda _: True) -> UsageRow:
        """Return the sum of objects and bytes over the kinds and roles that `is_included` accepts, all by default."""
        rows = [row for row in self.by_kind_and_role if is_included(row)]
        return UsageRow((), sum(row.objects for row in rows), sum(row.bytes for row in rows))

    @property
    def originals(self) -> UsageRow:
        """What must be preserved: it cannot be made again."""
        return self.compute_total(lambda row: row.names[1] == AssetRole.ORIGINAL)

    @property
    def derivatives(self) -> UsageRow:
        """The objects that can be made again from originals."""
        return self.compute_total(lambda row: row.names[1] != AssetRole.ORIGINAL)


def count_usage(session: Session) -> Usage:
    """Count the usage now."""
    twin = aliased(Asset)
    is_counted_before = or_(twin.label != COVER_SOURCE, twin.id < Asset.id)
    has_twin = select(twin.id).where(twin.key == Asset.key, twin.id != Asset.id, is_counted_before).exists()
    # a picture that several records keep is one object
    stored = and_(Asset.condition != Condition.DROPPED, or_(Asset.label != COVER_SOURCE, ~has_twin))
    by_kind = (
        select(Record.kind, Asset.role, *_sum_columns()).join(Record, Record.id == Asset.record_id).where(stored)
    ).group_by(Record.kind, Asset.role)
    by_collection = (
        select(Collection.slug, Collection.title, *_sum_columns())
        .join(CollectionRecord, CollectionRecord.collection_id == Collection.id)
        .join(Asset, Asset.record_id == CollectionRecord.record_id)
        .where(stored)
        .group_by(Collection.slug, Collection.title)
    )
    year, month = extract("year", Asset.created_at), extract("month", Asset.created_at)
    by_month = select(year, month, *_sum_columns()).where(stored).group_by(year, month).order_by(year, month)
    return Usage(
        datetime.now(UTC),
        _usage_rows(session, by_kind, lambda kind, role: (kind, role)),
        _usage_rows(session, by_collection, lambda slug, title: (slug, title)),
        _usage_rows(session, by_month, lambda of_year, of_month: (f"{int(of_year):04}-{int(of_month):02}",)),
    )


def save_usage(session: Session, usage: Usage) -> None:
    """Save these figures and delete the earlier ones."""
    session.execute(delete(UsageFigures))
    values = asdict(usage)
    session.add(UsageFigures(taken_at=values.pop("taken"), figures=values))


def load_usage(session: Session) -> Usage | None:
    """Return the figures that were saved last; None where there are none."""
    row = session.scalar(select(UsageFigures).order_by(UsageFigures.taken_at.desc()).limit(1))
    if row is None:
        return None
    return Usage(
        in_utc(row.taken_at), **{name: [_usage_row(value) for value in values] for name, values in row.figures.items()}
    )


def _sum_columns() -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.count(), func.coalesce(func.sum(Asset.size), 0)


def _usage_rows(
    session: Session, statement: Select[Any, Any, int, int], names: Callable[[Any, Any], tuple[str, ...]]
) -> list[UsageRow]:
    return [
        UsageRow(names(first, second), objects, int(size))
        for first, second, objects, size in session.execute(statement)
    ]


def _usage_row(value: dict[str, Any]) -> UsageRow:
    return UsageRow(tuple(value["names"]), value["objects"], value["bytes"])
