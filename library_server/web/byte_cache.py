"""A cache in memory that is bounded by bytes: the entries used longest ago go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class ByteCache(Generic[V]):
    """At most `budget` bytes of values, as far as their sizes are told. Safe to use from several threads."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._entries: OrderedDict[Hashable, tuple[int, V]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def get(self, key: Hashable) -> V | None:
        """Return the value of a key, which is now the one used last; None where there is none."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value of `size` bytes; one that is larger than the whole budget is not kept."""
        with self._lock:
            if key in self._entries:
                self.size -= self._entries.pop(key)[0]
            if size > self._budget:
                return
            self._entries[key] = (size, value)
            self.size += size
            while self.size > self._budget:
                self.size -= self._entries.popitem(last=False)[1][0]
