"""Lists read in the process of the test: to start a child for each takes longer than most tests of lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from unittest import mock

from ingest_tools.sources.lists import manifest, manifest_worker
from library_server.processes.errors import WorkerFailed
from library_server.processes.messages import Failure, JsonObject, Result, decode
from library_server.processes.worker import encoded_results


class ListReader:
    """Gives what the child that reads a list sends, and fails as `ChildProcess` does."""

    def __init__(self, module: str, path: str, name: str, *, takes_requests: bool) -> None:
        assert module == manifest_worker.__name__
        assert not takes_requests
        self._path = Path(path)
        self._name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def read_results(self, seconds: float) -> Iterator[JsonObject]:
        """Every row; `seconds` are not counted."""
        lines = encoded_results(
            lambda: manifest_worker.read_items(self._path, self._name), shorten=manifest_worker.shorten
        )
        for line in lines:
            match decode(line):
                case Result(row):
                    yield row
                case Failure(code, detail, errno):
                    raise WorkerFailed(code, detail, errno)


@contextmanager
def lists_in_process() -> Iterator[None]:
    """Read lists in this process while the context is open."""
    with mock.patch.object(manifest, "ChildProcess", ListReader):
        yield
