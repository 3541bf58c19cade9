"""A limit of bytes a second over all threads that share it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """A limit of `bytes_a_second`; None is no limit."""

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
        """Wait until `count` bytes may pass, after those of earlier calls; unused time is not saved up."""
        if self._rate is None:
            return
        with self._lock:
            starts_at = max(self._clock(), self._free_at)
            self._free_at = starts_at + count / self._rate
            wait = starts_at - self._clock()
        if wait > 0:
            self._sleep(wait)


UNLIMITED = RateLimiter()
