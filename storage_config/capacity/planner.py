"""How much an erasure-coded cluster holds, what it survives, when it is full, how long a drive takes to rebuild."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from storage_config.capacity.erasure import Erasure, plan_erasure
from storage_config.capacity.workload import WORKLOADS, ObjectEstimate, Workload, estimate_objects

XFS_SHARE = 0.007
FULL_AT = 0.90
BLOCK = 4096
PART = 16 << 20
STRIPE, CHECKSUM = 1 << 20, 32
SMALL_FILES, LARGE_FILES = 2, 3


@dataclass(frozen=True)
class Layout:
    """Nodes, drives in each, bytes of a drive, parity (None: the server's default)."""

    nodes: int
    drives: int
    drive_bytes: int
    parity: int | None = None


@dataclass(frozen=True)
class Speeds:
    """Bytes a second: what a drive writes, and what a node's network brings in."""

    drive: int = 150_000_000
    network: int = 117_000_000


@dataclass(frozen=True)
class CapacityRequirement:
    """Bytes of originals today, growth a year (0.25 is a quarter more), and the years to last."""

    originals: int
    growth: float = 0.0
    years: float = 0.0

    def compute_bytes(self, years: float) -> int:
        """Return bytes of originals after so many years."""
        return round(self.originals * math.pow(1 + self.growth, years))


@dataclass(frozen=True)
class Fit:
    """How a workload fits, at the end of the required years.

    `stored` are bytes of objects with their overhead, before parity; `files` the inodes that each drive needs;
    `full_after` the years until the cluster is full: 0 where it is too small already, infinity where it never is.
    """

    workload: str
    estimate: ObjectEstimate
    stored: int
    files: int
    full_after: float
    fits: bool


@dataclass(frozen=True)
class Plan:
    """A layout and what it gives; all sizes in bytes, times in seconds."""

    layout: Layout
    requirement: CapacityRequirement
    speeds: Speeds

    @cached_property
    def erasure(self) -> Erasure:
        """Its erasure sets. Raises `InvalidLayout`."""
        return plan_erasure(self.layout.nodes, self.layout.drives, self.layout.parity)

    @property
    def raw(self) -> int:
        """Bytes of all drives."""
        return self.erasure.drives * self.layout.drive_bytes

    @property
    def after_parity(self) -> int:
        """Bytes that are left for data."""
        return self.raw * self.erasure.data // self.erasure.set_size

    @property
    def usable(self) -> int:
        """Bytes less the metadata of the file system and a tenth kept free for versions, uploads and healing."""
        return int(self.after_parity * (1 - XFS_SHARE) * FULL_AT)

    @property
    def rebuild_seconds(self) -> float:
        """Time to rebuild one full drive: each byte is computed from one byte of each data shard."""
        bytes_on_it = self.layout.drive_bytes * (1 - XFS_SHARE) * FULL_AT
        if self.erasure.parity == 0:
            return math.inf
        near = min(self.erasure.drives_of_a_set_on_a_node - 1, self.erasure.data)
        far = self.erasure.data - near if self.layout.nodes > 1 else 0
        rate = min(self.speeds.drive, self.speeds.network / far if far else math.inf)
        return bytes_on_it / rate

    def fit(self, workload: Workload) -> Fit:
        """Return how a workload fits at the end of the required years."""
        estimate = estimate_objects(workload, self.requirement.compute_bytes(self.requirement.years))
        stored = estimate.bytes + self.compute_overhead(estimate)
        return Fit(
            workload.name,
            estimate,
            stored,
            (
                estimate.small_objects * SMALL_FILES
                + (estimate.objects - estimate.small_objects) * LARGE_FILES
                + _count_parts(estimate)
            )
            // self.erasure.sets,
            self._full_after(workload),
            stored <= self.usable,
        )

    def compute_overhead(self, estimate: ObjectEstimate) -> int:
        """Bytes, before parity, that metadata, rounding to blocks and checksums take in addition to the objects' own.

        Every object has a metadata block on every drive of its set; a shard fills half a block too much.
        """
        on_drives = estimate.objects * BLOCK * self.erasure.set_size
        rounding = (
            (estimate.objects - estimate.small_objects + _count_parts(estimate)) * BLOCK // 2 * self.erasure.set_size
        )
        checksums = estimate.bytes * CHECKSUM * self.erasure.data // STRIPE
        return int((on_drives + rounding) * self.erasure.share) + checksums

    def _full_after(self, workload: Workload) -> float:
        now = estimate_objects(workload, self.requirement.originals)
        stored = now.bytes + self.compute_overhead(now)
        if stored > self.usable:
            return 0.0
        if self.requirement.growth <= 0 or stored == 0:
            return math.inf
        return math.log(self.usable / stored) / math.log(1 + self.requirement.growth)

    @property
    def fits(self) -> bool:
        """Whether every workload fits at the end of the required years."""
        return all(self.fit(workload).fits for workload in WORKLOADS)


def _count_parts(estimate: ObjectEstimate) -> int:
    """Files that large objects are cut into."""
    return estimate.bytes // PART
