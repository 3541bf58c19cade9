"""The messages that a worker sends to its parent: one JSON object a line.

A result is `{"result": VALUE}`, a failure `{"failure": {"code": ..., "detail": ..., "errno": ...}}`, and the last line
of a stream `{"ended": true}`. A request is any JSON object.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from library_server.processes.errors import ChildCrashed, MessageTooLarge

LINE_LIMIT = 8 << 20

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The answer to a request, or one item of a stream."""

    value: JsonObject


@dataclass(frozen=True)
class Failure:
    """Why there is no result; `errno` is set where the operating system reported an error."""

    code: str
    detail: str = ""
    errno: int | None = None


@dataclass(frozen=True)
class Ended:
    """A stream is complete."""


Message = Result | Failure | Ended


def encode_request(request: JsonObject) -> bytes:
    """Return a request as a line, of ASCII characters only."""
    return json.dumps(request).encode("ascii") + b"\n"


def encode(message: Message) -> bytes:
    """Return a message as a line, of ASCII characters only. Raises `MessageTooLarge` where a parent would not read
    it.
    """
    match message:
        case Result(value):
            line = json.dumps({"result": value})
        case Failure():
            line = json.dumps({"failure": asdict(message)})
        case Ended():
            line = json.dumps({"ended": True})
    if len(line) > LINE_LIMIT:
        raise MessageTooLarge(f"{len(line)} bytes")
    return line.encode("ascii") + b"\n"


def decode(line: bytes | bytearray) -> Message:
    """Return the message in a line. Raises `ChildCrashed` where it is none: the line was written by a process that
    may obey the file it reads.
    """
    try:
        match json.loads(line):
            case {"result": dict() as value}:
                return Result(value)
            case {"failure": {"code": str(code), "detail": str(detail), "errno": int() | None as errno}}:
                return Failure(code, detail, errno)
            case {"ended": True}:
                return Ended()
    except (ValueError, RecursionError) as error:
        raise ChildCrashed(f"not JSON: {line[:80]!r}") from error
    raise ChildCrashed(f"not a message: {line[:80]!r}")
