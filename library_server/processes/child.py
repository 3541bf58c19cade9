"""The parent's side of the protocol: starts a worker, exchanges JSON lines within a time and a length, and ends it."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from library_server.processes.errors import ChildCrashed, ChildTimedOut, MessageTooLarge, WorkerFailed
from library_server.processes.interpreter import module_command, module_environment
from library_server.processes.messages import (
    LINE_LIMIT,
    Ended,
    Failure,
    JsonObject,
    Result,
    decode,
    encode_request,
)

GRACE_SECONDS = 5.0
_READ_BYTES = 1 << 16
_FIRST_POLL_SECONDS, _MOST_POLL_SECONDS = 0.001, 0.05


class ChildProcess:
    """A worker, `python -m module arguments`, that leads its own session so that its descendants end with it.

    After an error other than `WorkerFailed` the child has been killed, since what it would send next is unknown. As a
    context manager it closes the child, and kills it at once where an exception leaves the context.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        takes_requests: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the worker; `environment` is added to that of this process."""
        self._process = subprocess.Popen(
            module_command(module, *arguments),
            bufsize=0,
            stdin=subprocess.PIPE if takes_requests else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**module_environment(), **(environment or {})},
        )
        assert self._process.stdout is not None
        self._answers = self._process.stdout.fileno()
        self._received = bytearray()
        self._is_complete = False  # a stream has been read to its end
        self._is_closed = False
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)

    @property
    def pid(self) -> int:
        """The process id, which is also that of its process group."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether a request can be sent: the child has neither ended nor sent anything that was not asked for."""
        return not (self._is_closed or self._received or _poll(self._answers, select.POLLIN, 0))

    def request(self, request: JsonObject, seconds: float) -> JsonObject:
        """Send a request and wait for its result, `seconds` for both.

        Raises `WorkerFailed` with what the worker reports; `ChildTimedOut`, `MessageTooLarge`, `ChildCrashed`.
        """
        deadline = time.monotonic() + seconds
        with self._killed_on_error():
            self._send(encode_request(request), deadline)
            message = decode(self._read_line(deadline))
            if isinstance(message, Ended):
                raise ChildCrashed("ended instead of answering")
        return _value_of(message)

    def read_results(self, seconds: float) -> Iterator[JsonObject]:
        """Yield every result of a stream until its end, each within `seconds`. Raises as `request` does."""
        while True:
            with self._killed_on_error():
                message = decode(self._read_line(time.monotonic() + seconds))
            if isinstance(message, Ended):
                self._is_complete = True
                return
            yield _value_of(message)

    def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Let the worker end by itself: after the last request, or after a complete stream. Kill it where it does not
        within the time, or has more to send.
        """
        if self._is_closed:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.stdin is not None or self._is_complete:
            wait_for_exit(self._process, grace_seconds)
        self.kill()

    def kill(self) -> None:
        """Kill the child and its descendants, and close the pipes."""
        if self._is_closed:
            return
        self._is_closed = True
        kill_group(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def interrupt(self) -> None:
        """Kill the child from another thread than that which waits for its answer, where `ChildCrashed` is raised."""
        if not self._is_closed:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.kill()

    @contextlib.contextmanager
    def _killed_on_error(self) -> Iterator[None]:
        """Kill the child on any error: an answer that was not read would be taken for that of the next request."""
        try:
            yield
        except BaseException:
            self.kill()
            raise

    def _send(self, line: bytes, deadline: float) -> None:
        if self._is_closed or self._process.stdin is None:
            raise ChildCrashed("takes no requests")
        descriptor = self._process.stdin.fileno()
        unsent = memoryview(line)
        while unsent:
            _wait_until_ready(descriptor, select.POLLOUT, deadline)
            try:
                unsent = unsent[os.write(descriptor, unsent) :]
            except BrokenPipeError as error:
                raise ChildCrashed("ended before it had read the request") from error

    def _read_line(self, deadline: float) -> bytes:
        if self._is_closed:
            raise ChildCrashed("ended")
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0 and len(self._received) <= LINE_LIMIT:
            searched = len(self._received)
            _wait_until_ready(self._answers, select.POLLIN, deadline)
            piece = os.read(self._answers, _READ_BYTES)
            if not piece:
                raise ChildCrashed("ended without an answer")
            self._received += piece
        if end < 0 or end > LINE_LIMIT:
            raise MessageTooLarge(f"more than {LINE_LIMIT} bytes")
        line = bytes(memoryview(self._received)[:end])
        del self._received[: end + 1]
        return line


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a process group, and all others in the group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_exit(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether a process ends within the time.

    Unlike `Popen.wait` this leaves its process id taken, so that `kill_group` cannot meet a later process.
    """
    deadline, pause = time.monotonic() + seconds, _FIRST_POLL_SECONDS
    while not (has_exited := _has_exited(process.pid)) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 2, _MOST_POLL_SECONDS)
    return has_exited


def _has_exited(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # its exit status was read by other code
        return True


def _wait_until_ready(descriptor: int, event: int, deadline: float) -> None:
    if not _poll(descriptor, event, max(0.0, deadline - time.monotonic())):
        raise ChildTimedOut


def _poll(descriptor: int, event: int, seconds: float) -> bool:
    """Return whether a descriptor becomes ready, or its other end is closed; `select` would refuse numbers above
    1023.
    """
    poller = select.poll()
    poller.register(descriptor, event)
    return bool(poller.poll(math.ceil(seconds * 1000)))


def _value_of(message: Result | Failure) -> JsonObject:
    if isinstance(message, Failure):
        raise WorkerFailed(message.code, message.detail, message.errno)
    return message.value
