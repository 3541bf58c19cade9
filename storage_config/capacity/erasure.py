"""Erasure sets as MinIO, its forks and RustFS make them of the drives of one pool `node{1...N}/drive{1...M}`.

Source of the rules: set sizes 2 to 16, the largest that divides all drives and lies evenly over the nodes
(MinIO `cmd/endpoint-ellipses.go`; docs/distributed/DESIGN.md); default parity by set size (MinIO "Erasure
Coding", RustFS "EC configuration"); reading needs the data shards, writing one more where data equals parity.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage_config.messages import CodedError

SET_SIZES = range(2, 17)
_DEFAULT_PARITY = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3}
_DEFAULT_PARITY_FROM_EIGHT = 4


class InvalidLayout(CodedError, ValueError):
    """These drives make no erasure set, or the parity does not fit; the message says what is allowed."""

    code = "bad_layout"


@dataclass(frozen=True)
class Erasure:
    """`sets` sets of `set_size` drives each over `nodes` nodes, `parity` of them parity; counts of drives."""

    nodes: int
    drives: int
    sets: int
    set_size: int
    parity: int

    @property
    def data(self) -> int:
        """Data shards of each object."""
        return self.set_size - self.parity

    @property
    def share(self) -> float:
        """Usable share of the raw bytes, 0 to 1."""
        return self.data / self.set_size

    @property
    def read_quorum(self) -> int:
        """Drives of a set that must answer a read."""
        return self.data

    @property
    def write_quorum(self) -> int:
        """Drives of a set that must take a write: more than half of them in any case."""
        return self.data + 1 if self.data == self.parity else self.data

    @property
    def drives_of_a_set_on_a_node(self) -> int:
        """How many drives of one set fail when one node fails."""
        return max(1, self.set_size // self.nodes)

    @property
    def drives_lost_for_read(self) -> int:
        """Drives of one set that may be lost while all is still read."""
        return self.set_size - self.read_quorum

    @property
    def drives_lost_for_write(self) -> int:
        """Drives of one set that may be lost while writing goes on."""
        return self.set_size - self.write_quorum

    @property
    def nodes_lost_for_read(self) -> int:
        """Nodes that may be away while all is still read, whichever they are; at least one is left."""
        return min(self.nodes - 1, self.drives_lost_for_read // self.drives_of_a_set_on_a_node)

    @property
    def nodes_lost_for_write(self) -> int:
        """Nodes that may be away while writing goes on."""
        return min(self.nodes - 1, self.drives_lost_for_write // self.drives_of_a_set_on_a_node)


def plan_erasure(nodes: int, drives_a_node: int, parity: int | None = None) -> Erasure:
    """Return the erasure sets of a pool; `parity` in drives, at most half of a set. Raises `InvalidLayout`."""
    if nodes < 1 or drives_a_node < 1:
        raise InvalidLayout("no_drives")
    drives = nodes * drives_a_node
    size = set_size(nodes, drives_a_node)
    chosen = default_parity(size) if parity is None else parity
    if not 0 <= chosen <= size // 2 or (chosen == 0 and size > 1):
        raise InvalidLayout("parity_out_of_range", size=size, most=size // 2)
    return Erasure(nodes, drives, drives // size, size, chosen)


def set_size(nodes: int, drives_a_node: int) -> int:
    """Drives of each set; 1 for a single drive. Raises `InvalidLayout` where no size fits, as for 17 in one node."""
    drives = nodes * drives_a_node
    if drives == 1:
        return 1
    spread = nodes if nodes > 1 else drives_a_node
    fitting = [size for size in SET_SIZES if drives % size == 0 and _is_even(size, spread)]
    if not fitting:
        raise InvalidLayout("no_erasure_set", nodes=nodes, drives=drives_a_node)
    return max(fitting)


def default_parity(size: int) -> int:
    """Parity drives that the servers choose for a set of this size."""
    return _DEFAULT_PARITY.get(size, _DEFAULT_PARITY_FROM_EIGHT)


def _is_even(size: int, spread: int) -> bool:
    """Return whether each set has equally many drives of each node, or each node equally many sets."""
    return spread % size == 0 if spread > size else size % spread == 0
