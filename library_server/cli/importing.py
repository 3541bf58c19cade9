"""Imports without the collector, which would take a fifth of a start to look through what stays anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Import within; all of it is left out of later collections."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
