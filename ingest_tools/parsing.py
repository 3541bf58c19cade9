"""Starts, bounds and kills the child that reads foreign bytes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from ingest_tools.description import Description
from ingest_tools.refusals import Refused

SECONDS = 120
ANSWER_LIMIT = 8 << 20
REQUESTS_A_CHILD = 2000
PARTING_SECONDS = 5.0


class Parser:
    """One child process at a time, started when first needed and again after it was killed or grew old."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def describe(self, path: Path, out: Path, joined: tuple[Path, ...] = ()) -> Description:
        """Describe a file; derived files are written into `out`. Raises `Refused`."""
        request = {"path": str(path), "out": str(out), "joined": [str(one) for one in joined]}
        answer = self._ask((json.dumps(request) + "\n").encode("utf-8", "surrogateescape"))
        if "refused" in answer:
            raise Refused(str(answer["refused"]), str(answer["detail"]))
        described = answer["description"]
        assert isinstance(described, dict)
        return Description.from_json(described)

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
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
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
            answer = self._read_line(child.stdout.fileno())
        except BrokenPipeError as error:
            self._kill()
            raise Refused("parser_crashed") from error
        except Refused:
            self._kill()
            raise
        self._served += 1
        parsed: dict[str, object] = json.loads(answer)
        if parsed.get("refused") == "out_of_memory":
            self._kill()
        return parsed

    def _read_line(self, descriptor: int) -> bytes:
        received = bytearray()
        deadline = time.monotonic() + self._seconds
        while not received.endswith(b"\n"):
            ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Refused("too_slow")
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                raise Refused("parser_crashed")
            received += piece
            if len(received) > ANSWER_LIMIT:
                raise Refused("too_large")
        return bytes(received)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._served >= REQUESTS_A_CHILD:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "ingest_tools.parsing_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._child
