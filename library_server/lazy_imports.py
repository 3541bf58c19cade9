"""Imports on demand: by import string, without the garbage collector, and without what a package only may use."""

from __future__ import annotations

import gc
import sys
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


@contextmanager
def hidden_module(name: str) -> Iterator[None]:
    """Let a module that was not imported yet seem not to be installed, while packages that may use it are imported.

    No other thread may import it meanwhile, so this is for the start of a command.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def import_string(name: str) -> Any:
    """Return the object that `package.module:attribute` names. Raises `ImportError` or `AttributeError`."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
