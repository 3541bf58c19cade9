"""Thread pools of a web process: what takes more than about 10 ms runs here, while the event loop serves others.

Each kind of work has a pool of its own, so that none waits behind another:

- `run_in_threadpool`: CPU work and database reads. One thread: the interpreter runs one at a time anyway.
- `run_in_io_threadpool`: reads from the object store and from disk, which may wait for a network.
- `run_in_search_threadpool`: searches in the whole text of a book, which take up to seconds. One thread.
- `run_in_write_threadpool`: database writes, which may wait for a lock.

Outside gevent (tests, commands) the work is done in the calling thread.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from storage_config.event_loop import is_under_gevent

P = ParamSpec("P")
R = TypeVar("R")
IO_THREADS = 4
_is_in_pool: contextvars.ContextVar[bool] = contextvars.ContextVar("is_in_pool", default=False)


@dataclass(frozen=True)
class _Raised:
    """An exception on its way to the thread that waits for the result."""

    error: BaseException


class ThreadPool:
    """At most `size` native threads, started when they are first needed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pool: Any = None

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result of `function`; only the calling greenlet waits. Context variables (Flask's request) are
        kept.

        Work that runs in a pool already calls `function` directly: a pool that waits for itself never ends.
        """
        if not is_under_gevent() or _is_in_pool.get():
            return function(*args, **kwargs)
        context = contextvars.copy_context()
        context.run(_is_in_pool.set, True)
        outcome: R | _Raised = self._get_threads().apply(context.run, (_call, function, args, kwargs))
        if isinstance(outcome, _Raised):
            raise outcome.error
        return outcome

    def spawn(self, function: Callable[[], object]) -> None:
        """Start `function` in a native thread, and do not wait for it. It must handle its own errors."""
        if is_under_gevent():
            context = contextvars.Context()
            context.run(_is_in_pool.set, True)
            self._get_threads().spawn(context.run, function)
        else:
            threading.Thread(target=function, daemon=True).start()

    def _get_threads(self) -> Any:
        if self._pool is None:
            from gevent.threadpool import ThreadPool as GeventThreadPool

            self._pool = GeventThreadPool(self._size)
        return self._pool


def _call(function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R | _Raised:
    """Call a function in a pool; gevent would print the traceback of every exception that leaves its thread."""
    try:
        return function(*args, **kwargs)
    except BaseException as error:  # raised again where the result is waited for
        return _Raised(error)


_cpu, _io, _searches, _writes = ThreadPool(1), ThreadPool(IO_THREADS), ThreadPool(1), ThreadPool(1)
run_in_threadpool = _cpu.run
run_in_io_threadpool = _io.run
run_in_search_threadpool = _searches.run
run_in_write_threadpool = _writes.run
