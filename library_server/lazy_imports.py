"""Imports on demand: objects by import string, and imports without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def lazy_imports() -> Iterator[None]:
    """Import without garbage collection, a fifth of the start-up time; nothing imported is collected later."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def import_string(name: str) -> Any:
    """Return the object that `package.module:attribute` names. Raises `ImportError` or `AttributeError`."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
