"""How much an erasure-coded cluster holds, what it survives, when it is full, how long a drive takes to rebuild."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from storage_config.capacity.erasure import Erasure, erasure
from storage_config.capacity.workload import MIXES, ObjectEstimate, Workload, contents

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

    def after(self, years: float) -> int:
        """Bytes of originals after so many years."""
        return round(self.originals * math.pow(1 + self.growth, years))


@dataclass(frozen=True)
class Fit:
    """How a mix of holdings fits, at the end of the years wanted.

    `stored` are bytes of objects with their overhead, before parity; `files` the inodes that each drive needs;
    `full_after` the years until the cluster is full: 0 where it is too small already, infinity where it never is.
    """

    mix: str
    contents: ObjectEstimate
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
        return erasure(self.layout.nodes, self.layout.drives, self.layout.parity)

    @property
    def raw(self) -> int:
        """Bytes of all drives as sold."""
        return self.erasure.drives * self.layout.drive_bytes

    @property
    def after_parity(self) -> int:
        """Bytes that are left for data."""
        return self.raw * self.erasure.data // self.erasure.set_size

    @property
    def usable(self) -> int:
        """After the file system's own, and a tenth kept free for versions, uploads and healing."""
        return int(self.after_parity * (1 - XFS_SHARE) * FULL_AT)

    @property
    def rebuild_seconds(self) -> float:
        """Time to rebuild one full drive: each byte is computed from as many as there are data shards."""
        bytes_on_it = self.layout.drive_bytes * (1 - XFS_SHARE) * FULL_AT
        if self.erasure.parity == 0:
            return math.inf
        near = min(self.erasure.drives_of_a_set_on_a_node - 1, self.erasure.data)
        far = self.erasure.data - near if self.layout.nodes > 1 else 0
        rate = min(self.speeds.drive, self.speeds.network / far if far else math.inf)
        return bytes_on_it / rate

    def fit(self, mix: Workload) -> Fit:
        """How a mix of holdings fits."""
        held = contents(mix, self.requirement.after(self.requirement.years))
        stored = held.bytes + self.overhead(held)
        return Fit(
            mix.name,
            held,
            stored,
            (held.small_objects * SMALL_FILES + (held.objects - held.small_objects) * LARGE_FILES + _parts(held))
            // self.erasure.sets,
            self._full_after(mix),
            stored <= self.usable,
        )

    def overhead(self, held: ObjectEstimate) -> int:
        """Bytes, before parity, that metadata, rounding to blocks and checksums take in addition to the objects' own.

        Every object has a metadata block on every drive of its set; a shard fills half a block too much.
        """
        on_drives = held.objects * BLOCK * self.erasure.set_size
        rounding = (held.objects - held.small_objects + _parts(held)) * BLOCK // 2 * self.erasure.set_size
        checksums = held.bytes * CHECKSUM * self.erasure.data // STRIPE
        return int((on_drives + rounding) * self.erasure.share) + checksums

    def _full_after(self, mix: Workload) -> float:
        now = contents(mix, self.requirement.originals)
        stored = now.bytes + self.overhead(now)
        if stored > self.usable:
            return 0.0
        if self.requirement.growth <= 0 or stored == 0:
            return math.inf
        return math.log(self.usable / stored) / math.log(1 + self.requirement.growth)

    @property
    def fits(self) -> bool:
        """Whether every mix fits at the end of the years wanted."""
        return all(self.fit(mix).fits for mix in MIXES)


def _parts(held: ObjectEstimate) -> int:
    """Files that large objects are cut into."""
    return held.bytes // PART
