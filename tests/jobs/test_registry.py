"""The registered job handlers, which are imported when the first job of their task runs."""

from __future__ import annotations

import pytest

from library_server.jobs.registry import HANDLERS
from library_server.lazy_imports import import_string


@pytest.mark.parametrize("task", HANDLERS)
def test_every_handler_can_be_imported(task: str) -> None:
    assert callable(import_string(HANDLERS[task]))
