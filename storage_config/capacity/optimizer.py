"""The cheapest layouts that meet a requirement of capacity and survive the loss of so many nodes or drives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage_config.capacity.erasure import InvalidLayout
from storage_config.capacity.planner import CapacityRequirement, Layout, Plan, Speeds

TB = 10**12
DRIVE_SIZES = (2 * TB, 4 * TB, 8 * TB, 12 * TB, 16 * TB)
MOST_NODES, MOST_DRIVES = 16, 16


@dataclass(frozen=True)
class Prices:
    """What things cost, in one currency: a node without drives; a drive, as a fixed part and one for each TB.

    The defaults are round figures of 2026 in yuan, for comparing layouts, not for a budget.
    """

    node: float = 4000.0
    drive: float = 300.0
    terabyte: float = 130.0

    def compute_price(self, layout: Layout) -> float:
        """Return the price of a layout."""
        each = self.drive + self.terabyte * layout.drive_bytes / TB
        return layout.nodes * (self.node + layout.drives * each)


@dataclass(frozen=True)
class PricedPlan:
    """A plan that meets the requirement, and its price."""

    plan: Plan
    price: float


def find_cheapest(
    requirement: CapacityRequirement,
    *,
    survive_nodes: int = 0,
    survive_drives: int = 1,
    drive_sizes: Sequence[int] = DRIVE_SIZES,
    prices: Prices | None = None,
    speeds: Speeds | None = None,
    count: int = 5,
) -> list[PricedPlan]:
    """Return the cheapest layouts, cheapest first, that still write with so many nodes or drives lost; parity by
    default.
    """
    prices = prices or Prices()
    plans: list[PricedPlan] = []
    for nodes in range(1, MOST_NODES + 1):
        for drives in range(1, MOST_DRIVES + 1):
            for size in drive_sizes:
                plan = Plan(Layout(nodes, drives, size), requirement, speeds or Speeds())
                if _is_sufficient(plan, survive_nodes, survive_drives):
                    plans.append(PricedPlan(plan, prices.compute_price(plan.layout)))
    plans.sort(key=lambda priced: (priced.price, priced.plan.erasure.drives, priced.plan.layout.drive_bytes))
    return plans[:count]


def _is_sufficient(plan: Plan, survive_nodes: int, survive_drives: int) -> bool:
    try:
        sets = plan.erasure
    except InvalidLayout:
        return False
    return sets.nodes_lost_for_write >= survive_nodes and sets.drives_lost_for_write >= survive_drives and plan.fits
