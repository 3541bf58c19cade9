"""The child's side of the protocol: limits, a private stream of answers, requests or a stream, and failure codes."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

from library_server.processes.errors import FailureCode, MessageTooLarge, ReportedError
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import Ended, Failure, JsonObject, Message, Result, encode

_DETAIL_CHARACTERS = 2000

ErrorTypes = tuple[type[Exception], ...]


def serve_requests(
    handle: Callable[[JsonObject], JsonObject], limits: ResourceLimits, *, damaged: ErrorTypes = ()
) -> None:
    """Limit this process, then answer each request until the parent closes the pipe, or ends.

    `damaged` are the exceptions by which a library says that a file is broken.
    """
    limits.apply()
    requests, answers = _open_requests(), _open_answers()
    for line in requests:
        message = handle_request(handle, json.loads(line), damaged)
        try:
            _write(answers, encode(message))
        except Exception as error:  # a result that is too large, or is not JSON
            _write(answers, encode(failure_of(error)))


def stream_results(
    produce: Callable[[], Iterator[JsonObject]],
    limits: ResourceLimits,
    *,
    damaged: ErrorTypes = (),
    shorten: Callable[[JsonObject], JsonObject] | None = None,
) -> None:
    """Limit this process, then send every result; the last line tells that it is complete, or why it is not.

    `shorten` makes what is sent for a result that is too large; without it, such a result ends the stream.
    """
    limits.apply()
    _open_requests().close()
    answers = _open_answers()
    for line in encoded_results(produce, damaged=damaged, shorten=shorten):
        _write(answers, line)


def encoded_results(
    produce: Callable[[], Iterator[JsonObject]],
    *,
    damaged: ErrorTypes = (),
    shorten: Callable[[JsonObject], JsonObject] | None = None,
) -> Iterator[bytes]:
    """Yield the lines of a stream as `stream_results` sends them."""
    try:
        for value in produce():
            yield _encode(Result(value), shorten)
        last: Message = Ended()
    except Exception as error:
        last = failure_of(error, damaged)
    yield encode(last)


def handle_request(
    handle: Callable[[JsonObject], JsonObject], request: JsonObject, damaged: ErrorTypes = ()
) -> Message:
    """Return the message with which a worker answers a request."""
    try:
        return Result(handle(request))
    except Exception as error:
        return failure_of(error, damaged)


def failure_of(error: Exception, damaged: ErrorTypes = ()) -> Failure:
    """Return what a parent is told of an exception. One of an unknown type is reported as a crash of the parser."""
    description = f"{type(error).__name__}: {error}"[:_DETAIL_CHARACTERS]
    match error:
        case ReportedError():
            return Failure(error.code, error.detail[:_DETAIL_CHARACTERS])
        case MessageTooLarge():
            return Failure(FailureCode.TOO_LARGE, str(error))
        case OSError():  # of the disk where the system reports it; else of a library that met broken bytes
            code = FailureCode.UNREADABLE if error.errno else FailureCode.DAMAGED
            return Failure(code, (error.strerror or str(error))[:_DETAIL_CHARACTERS], error.errno)
        case MemoryError() | RecursionError():
            return Failure(FailureCode.OUT_OF_MEMORY)
        case _ if isinstance(error, damaged):
            return Failure(FailureCode.DAMAGED, description)
        case _:
            return Failure(FailureCode.CRASHED, description)


def _open_requests() -> BinaryIO:
    """Return the requests of the parent, on a descriptor of their own: nothing else can read them from standard
    input.
    """
    requests = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return requests


def _open_answers() -> BinaryIO:
    """Return the stream to the parent, on a descriptor of its own: what a library prints goes to standard error."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, args=(answers.fileno(),), daemon=True).start()
    return answers


def _end_with_parent(answers: int) -> None:
    """Wait until nobody can read the answers any more, then end this process and its descendants.

    A parent that is killed would otherwise leave a child behind that works on for minutes before it writes an answer.
    """
    poller = select.poll()
    poller.register(answers, 0)  # an error, which a closed reading end is, is reported unasked
    poller.poll()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _encode(message: Message, shorten: Callable[[JsonObject], JsonObject] | None = None) -> bytes:
    try:
        return encode(message)
    except MessageTooLarge:
        if shorten is None or not isinstance(message, Result):
            raise
        return encode(Result(shorten(message.value)))


def _write(answers: BinaryIO, line: bytes) -> None:
    try:
        answers.write(line)
        answers.flush()
    except BrokenPipeError:
        os._exit(1)  # nobody is there to be answered
