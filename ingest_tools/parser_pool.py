"""Parsers of untrusted files: each owns a child process, `ingest_tools.parser_worker`, that can be killed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from ingest_tools.description import Description, RefusedSidecar
from ingest_tools.formats.documents import CONVERTED_SUFFIXES, SCAN_SUFFIXES
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.source_files import SourceFile
from library_server.processes.child import ChildProcess
from library_server.processes.errors import ChildCrashed, ChildFailed, FailureCode, WorkerFailed
from library_server.processes.messages import JsonObject
from storage_config.errors import NO_ROOM

SECONDS = 120
PDF_SECONDS = 300  # 15 to 25 ms for each page of text
CONVERSION_SECONDS = 600
REQUESTS_PER_CHILD = 2000
IDLE_SECONDS = 20.0
# glibc gives large blocks back to the system at once and asks for them again with the next picture: 2 ms a book
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "268435456", "MALLOC_TRIM_THRESHOLD_": "268435456"}


class Parser:
    """One child process at a time, started when first needed, and again after it ended or had many requests."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: ChildProcess | None = None
        self._requests = 0

    def describe(
        self, source: Path | SourceFile, out: Path, joined: Sequence[Path | SourceFile] = (), *, covers: bool = True
    ) -> Description:
        """Describe a file; derived files are written into `out`, pictures only with `covers`.

        Raises `RejectedError`, and `OSError` where the child had no room to write. Files from outside are passed
        open; a path is for files of the library's own.
        """
        files = [_get_addresses(file) for file in (source, *joined)]
        request = {"source": files[0], "out": str(out), "joined": files[1:], "covers": covers}
        return Description.from_json(self._request(request, files))

    def bind(self, pages: Sequence[SourceFile], target: Path) -> list[RefusedSidecar]:
        """Bind pictures of pages into a PDF; returns those that cannot be read. Raises as `describe` does."""
        files = [_get_addresses(page) for page in pages]
        request = {"pages": [address for address, _ in files], "target": str(target)}
        return [RefusedSidecar(**refused) for refused in self._request(request, files)["refused"]]

    def _request(self, request: JsonObject, files: Sequence[tuple[str, str]]) -> JsonObject:
        child = self._ready_child()
        self._requests += 1
        try:
            return child.request(request, self._seconds_for(Path(files[0][1])))
        except WorkerFailed as failure:
            if failure.code == FailureCode.OUT_OF_MEMORY:
                self._kill()
            if failure.errno in NO_ROOM:
                raise OSError(failure.errno, failure.detail) from failure
            raise RejectedError(failure.code, _with_names(failure.detail, files)) from failure
        except ChildCrashed as failure:
            if self._requests > 1:  # an earlier file or the kernel may have broken it: try a new child
                self._kill()
                return self._request(request, files)
            raise RejectedError(failure.code) from failure
        except ChildFailed as failure:
            raise RejectedError(failure.code) from failure

    def _seconds_for(self, path: Path) -> float:
        suffix = path.suffix.lower()
        if suffix in CONVERTED_SUFFIXES | SCAN_SUFFIXES:
            return max(self._seconds, CONVERSION_SECONDS)
        return max(self._seconds, PDF_SECONDS) if suffix == ".pdf" else self._seconds

    def start(self) -> None:
        """Start the child now rather than with the first request."""
        self._ready_child()

    def close(self) -> None:
        """Let the child end by itself; kill it where it does not."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _ready_child(self) -> ChildProcess:
        if self._child is not None and not self._child.is_ready:
            self._kill()
        if self._requests >= REQUESTS_PER_CHILD:
            self.close()
        if self._child is None:
            self._child = ChildProcess("ingest_tools.parser_worker", environment=KEEP_MEMORY)
            self._requests = 0
        return self._child


def _get_addresses(file: Path | SourceFile) -> tuple[str, str]:
    """Return where a file is opened, and what it is called."""
    if isinstance(file, SourceFile):
        return str(file.address), str(file.path)
    return str(file), str(file)


def _with_names(detail: str, files: Sequence[tuple[str, str]]) -> str:
    """Return a parser's message with the names of files in place of the paths where they were opened."""
    for address, path in files:
        detail = detail.replace(address, Path(path).name)
    return detail


@contextlib.contextmanager
def start_parsers(count: int) -> Iterator[list[Parser]]:
    """Parsers whose children have been started, and are ended with the context."""
    with contextlib.ExitStack() as stack:
        parsers = [stack.enter_context(Parser()) for _ in range(count)]
        for parser in parsers:
            parser.start()
        yield parsers


class IdleTimeoutParser:
    """A parser that many jobs share, one at a time; its child ends after `idle_seconds` without a request."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._parser = Parser()
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def describe(self, path: Path, out: Path) -> Description:
        """As `Parser.describe`."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            try:
                return self._parser.describe(path, out)
            finally:
                self._timer = threading.Timer(self._idle_seconds, self._close)
                self._timer.daemon = True
                self._timer.start()

    def _close(self) -> None:
        with self._lock:
            self._parser.close()
