"""Runs what takes more than 10 ms of Python in gevent's native threads, so that viewers are still fed.

One thread: the interpreter runs one at a time anyway, and the index readers need no lock between them.
Outside gevent (tests, commands) the work is simply done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_pool: Any = None


def think(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `work`, computed where it does not hold up this worker's other requests."""
    if not _under_gevent():
        return work(*args, **kwargs)
    result: R = _thread().apply(work, args, kwargs)
    return result


def beside(work: Callable[[], object]) -> None:
    """Begin `work`, and do not wait for it."""
    if not _under_gevent():
        work()
        return
    _thread().spawn(work)


def _thread() -> Any:
    global _pool
    if _pool is None:
        from gevent.threadpool import ThreadPool

        _pool = ThreadPool(1)
    return _pool


def _under_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))
