"""Exports of the library of a test."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from library_server.library import Library
from tests.support.lists import write_export


@pytest.fixture
def export(library: Library, tmp_path: Path) -> Callable[..., Path]:
    """Writes an export of the library: the arguments are the form and the name of the file, CSV by default."""
    return partial(write_export, library, tmp_path)
