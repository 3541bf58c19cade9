"""Reads JSON lines from a child process, each within a time and a length; whoever is late is killed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from library_server.processes.errors import ChildFailed

LINE_LIMIT = 8 << 20
PARTING_SECONDS = 2.0


def read_line(descriptor: int, seconds: float, received: bytearray) -> bytes:
    """The next line; what came after it stays in `received`. Raises `ChildFailed`."""
    deadline = time.monotonic() + seconds
    while True:
        line, end, rest = bytes(received).partition(b"\n") if b"\n" in received else (b"", b"", b"")
        if end:
            received[:] = rest
            return line
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise ChildFailed("too_slow")
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            raise ChildFailed("parser_crashed")
        received += piece
        if len(received) > LINE_LIMIT and b"\n" not in received:
            raise ChildFailed("too_large")


def kill(child: subprocess.Popen[bytes]) -> None:
    """End a child that leads a process group, and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def iterate_json(child: subprocess.Popen[bytes], seconds: float) -> Iterator[dict[str, Any]]:
    """Every line of a child's standard output as JSON, until the caller has enough. Raises `ChildFailed`.

    After the line that says `ended` the child has a moment to end by itself.
    """
    assert child.stdout is not None
    received = bytearray()
    while True:
        line = json.loads(read_line(child.stdout.fileno(), seconds, received))
        if "ended" in line:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(PARTING_SECONDS)
        yield line
