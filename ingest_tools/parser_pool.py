"""Starts, bounds and kills the child that reads foreign bytes."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from ingest_tools.description import Description
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.file_access import SourceFile
from library_server.processes.errors import ChildFailed
from library_server.processes.jsonl import kill, read_line
from storage_config.errors import NO_ROOM

SECONDS = 120
REQUESTS_A_CHILD = 2000
PARTING_SECONDS, LINGER_SECONDS = 5.0, 20.0
# glibc gives large blocks back to the system at once and asks for them again with the next picture: 2 ms a book
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "268435456", "MALLOC_TRIM_THRESHOLD_": "268435456"}


class Parser:
    """One child process at a time, started when first needed and again after it was killed or grew old."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def describe(
        self, source: Path | SourceFile, out: Path, joined: Sequence[Path | SourceFile] = (), *, covers: bool = True
    ) -> Description:
        """Describe a file; derived files are written into `out`, pictures only with `covers`.

        Raises `RejectedError`, and `OSError` where the child had no room to write. What comes from outside is given
        opened; a path is for files of the library's own.
        """
        request = {"source": _names(source), "out": str(out), "joined": [_names(one) for one in joined],
                   "covers": covers}  # fmt: skip
        answer = self._ask((json.dumps(request) + "\n").encode("utf-8", "surrogateescape"))
        if answer.get("errno") in NO_ROOM:
            raise OSError(answer["errno"], str(answer["detail"]))
        if "refused" in answer:
            detail = str(answer["detail"])
            for opened, named in map(_names, (source, *joined)):
                detail = detail.replace(opened, Path(named).name)
            raise RejectedError(str(answer["refused"]), detail)
        described = answer["description"]
        assert isinstance(described, dict)
        return Description.from_json(described)

    def start(self) -> None:
        """Start the child now, where it would be when first needed."""
        self._started()

    def close(self) -> None:
        """Let the child end by itself, which it does when nobody asks any more; kill it where it does not."""
        if self._child is None:
            return
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(PARTING_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """End the child and all that it started, now."""
        if self._child is None:
            return
        kill(self._child)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._child, self._served = None, 0

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: bytes) -> dict[str, object]:
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
            answer = read_line(child.stdout.fileno(), self._seconds, bytearray())
        except (BrokenPipeError, ChildFailed) as error:
            self._kill()
            raise RejectedError(error.code if isinstance(error, ChildFailed) else "parser_crashed") from error
        except BaseException:  # an answer that was not taken would be given to the next file
            self._kill()
            raise
        self._served += 1
        parsed: dict[str, object] = json.loads(answer)
        if parsed.get("refused") == "out_of_memory":
            self._kill()
        return parsed

    def _started(self) -> subprocess.Popen[bytes]:
        if self._served >= REQUESTS_A_CHILD:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "ingest_tools.parser_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **KEEP_MEMORY},
            )
        return self._child


def _names(source: Path | SourceFile) -> tuple[str, str]:
    """Where a file is opened, and what it is called."""
    if isinstance(source, SourceFile):
        return str(source.address), str(source.path)
    return str(source), str(source)


@contextlib.contextmanager
def start_parsers(count: int) -> Iterator[list[Parser]]:
    """Parsers whose children are on their way already."""
    with contextlib.ExitStack() as ending:
        parsers = [ending.enter_context(Parser()) for _ in range(count)]
        for parser in parsers:
            parser.start()
        yield parsers


class IdleTimeoutParser:
    """A parser that many jobs share, one at a time; its child ends when nobody has asked for a while."""

    def __init__(self, linger_seconds: float = LINGER_SECONDS) -> None:
        self._parser = Parser()
        self._linger_seconds = linger_seconds
        self._asking = threading.Lock()
        self._ending: threading.Timer | None = None

    def describe(self, path: Path, out: Path) -> Description:
        """As `Parser.describe`."""
        with self._asking:
            if self._ending is not None:
                self._ending.cancel()
            try:
                return self._parser.describe(path, out)
            finally:
                self._ending = threading.Timer(self._linger_seconds, self._stop_if_idle)
                self._ending.daemon = True
                self._ending.start()

    def _stop_if_idle(self) -> None:
        with self._asking:
            self._parser.close()
