"""Whether this process runs under gevent, which gives each native thread an event loop of its own."""

from __future__ import annotations

import sys


def is_under_gevent() -> bool:
    """Return whether gevent has replaced the sockets of this process, so that a blocking call stops its event loop."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("socket"))
