"""Keeps what passes under a number of bytes a second, over all threads that share it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """`take(count)` returns when `count` bytes may pass; with no rate, at once."""

    def __init__(
        self,
        bytes_a_second: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = bytes_a_second
        self._clock, self._sleep = clock, sleep
        self._free_at = 0.0
        self._lock = threading.Lock()

    def acquire(self, count: int) -> None:
        """Wait for those who came before, then go; idle time is not saved up."""
        if self._rate is None:
            return
        with self._lock:
            begins = max(self._clock(), self._free_at)
            self._free_at = begins + count / self._rate
            wait = begins - self._clock()
        if wait > 0:
            self._sleep(wait)


UNLIMITED = RateLimiter()
