"""Workers that behave and workers that do not: `python -m tests.processes.children NAME`, started by `test_child`."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from library_server.processes.errors import ReportedError
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import LINE_LIMIT, JsonObject
from library_server.processes.worker import serve_requests, stream_results

LIMITS = ResourceLimits(memory_bytes=1 << 30, output_bytes=1 << 20, niceness=3)
HOUR = 3600


class DamagedPicture(Exception):
    """What a library raises on a broken file."""


def handle(request: JsonObject) -> JsonObject:
    """Do what a request names in `do`."""
    return ACTIONS[request["do"]](request)


def echo(request: JsonObject) -> JsonObject:
    return {"echo": request.get("text"), "bytes": len(request.get("text", "").encode("utf-8", "surrogatepass"))}


def sleep(_: JsonObject) -> JsonObject:
    time.sleep(HOUR)
    return {}


def segfault(_: JsonObject) -> JsonObject:
    ctypes.string_at(0)
    return {}


def exit_process(_: JsonObject) -> JsonObject:
    os._exit(0)


def be_killed(_: JsonObject) -> JsonObject:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def print_much(request: JsonObject) -> JsonObject:
    print('{"result": {"forged": true}}', flush=True)
    os.write(1, b'{"result": {"forged": true}}\n' * 10_000)
    subprocess.run(["echo", '{"result": {"forged": true}}'], check=True)
    return echo(request)


def read_stdin(_: JsonObject) -> JsonObject:
    return {"stdin": sys.stdin.read(), "from_command": subprocess.run(["cat"], capture_output=True).stdout.decode()}


def huge_answer(_: JsonObject) -> JsonObject:
    return {"text": "x" * (LINE_LIMIT + 1)}


def largest_answer(_: JsonObject) -> JsonObject:
    return {"text": "x" * (LINE_LIMIT - len('{"result": {"text": ""}}'))}


def leave_descendant(_: JsonObject) -> JsonObject:
    child = subprocess.Popen(["sleep", str(HOUR)])
    return {"pid": child.pid}


def leave_descendant_and_exit(request: JsonObject) -> JsonObject:
    child = subprocess.Popen(["sleep", str(HOUR)])
    Path(request["file"]).write_text(str(child.pid))
    os._exit(0)


def leave_descendant_and_sleep(request: JsonObject) -> JsonObject:
    child = subprocess.Popen(["sleep", str(HOUR)])
    Path(request["file"]).write_text(f"{os.getpid()} {child.pid}\n")
    return sleep(request)


def take_memory(_: JsonObject) -> JsonObject:
    return {"bytes": len(bytearray(2 << 30))}


def recurse(request: JsonObject) -> JsonObject:
    return recurse(request)


def write_file(request: JsonObject) -> JsonObject:
    Path(request["file"]).write_bytes(bytes(2 << 20))
    return {}


def open_missing(_: JsonObject) -> JsonObject:
    Path("/nonexistent/file").read_bytes()
    return {}


def broken_bytes(_: JsonObject) -> JsonObject:
    raise OSError("image file is truncated")


def damaged(_: JsonObject) -> JsonObject:
    raise DamagedPicture("no header")


def rejected(_: JsonObject) -> JsonObject:
    raise ReportedError("drm", "locked")


def bug(_: JsonObject) -> JsonObject:
    raise ZeroDivisionError("a" * 100_000)


def not_json(_: JsonObject) -> JsonObject:
    return {"value": object()}


def niceness(_: JsonObject) -> JsonObject:
    return {"niceness": os.getpriority(os.PRIO_PROCESS, 0), "session": os.getsid(0) == os.getpid()}


def exit_later(_: JsonObject) -> JsonObject:
    signal.setitimer(signal.ITIMER_REAL, 0.05)  # SIGALRM ends the process after it has answered
    return {}


ACTIONS: dict[str, Callable[[JsonObject], JsonObject]] = {
    action.__name__: action
    for action in (echo, sleep, segfault, exit_process, be_killed, print_much, read_stdin, huge_answer, largest_answer,
                   leave_descendant, leave_descendant_and_exit, leave_descendant_and_sleep,
                   take_memory, recurse, write_file, open_missing,
                   broken_bytes, damaged, rejected, bug, not_json, niceness, exit_later)
}  # fmt: skip


def numbers(*, count: int, then: Exception | None = None) -> Iterator[JsonObject]:
    print("a library's greeting", flush=True)
    for number in range(count):
        yield {"number": number}
    if then is not None:
        raise then


def with_a_large_one() -> Iterator[JsonObject]:
    yield {"number": 0}
    yield {"number": 1, "text": "x" * (LINE_LIMIT + 1)}
    yield {"number": 2}


def slow_second() -> Iterator[JsonObject]:
    yield {"number": 0}
    time.sleep(HOUR)


def killed_second() -> Iterator[JsonObject]:
    yield {"number": 0}
    os.kill(os.getpid(), signal.SIGKILL)


def endless() -> Iterator[JsonObject]:
    while True:
        yield {"text": "x" * 1000}


STREAMS: dict[str, Callable[[], Iterator[JsonObject]]] = {
    "numbers": lambda: numbers(count=1000),
    "empty": lambda: numbers(count=0),
    "rejected": lambda: numbers(count=2, then=ReportedError("drm", "locked")),
    "out_of_memory": lambda: numbers(count=2, then=MemoryError()),
    "out_of_memory_at_once": lambda: numbers(count=0, then=MemoryError()),
    "with_a_large_one": with_a_large_one,
    "slow_second": slow_second,
    "killed_second": killed_second,
    "endless": endless,
}


def write(*pieces: bytes) -> None:
    for piece in pieces:
        os.write(1, piece)


def endless_line() -> None:
    while True:
        os.write(1, b"x" * 65536)


def deaf() -> None:
    """Reads no request."""
    time.sleep(HOUR)


def stubborn() -> None:
    """Does not end when its requests do."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    write(b'{"result": {}}\n')
    time.sleep(HOUR)


RAW: dict[str, Callable[[], None]] = {
    "endless_line": endless_line,
    "half_a_line": lambda: write(b'{"result": {"numb'),
    "half_a_stream": lambda: write(b'{"result": {"number": 0}}\n{"resu'),
    "no_end": lambda: write(b'{"result": {"number": 0}}\n'),
    "not_json": lambda: write(b"Warning: something\n"),
    "not_a_message": lambda: write(b'[1, 2, {"result": {}}]\n'),
    "result_of_text": lambda: write(b'{"result": "text"}\n'),
    "failure_without_code": lambda: write(b'{"failure": {"detail": ""}}\n'),
    "deep": lambda: write(b"[" * 60_000 + b"\n"),
    "not_utf_8": lambda: write(b'{"result": {"a": "\xff\xfe"}}\n'),
    "ended_at_once": lambda: write(b'{"ended": true}\n'),
    "silent": lambda: None,
    "deaf": deaf,
    "stubborn": stubborn,
}


def main() -> None:
    """Be the worker that the first argument names."""
    kind, _, name = sys.argv[1].partition(":")
    if kind == "serve":
        serve_requests(handle, LIMITS, damaged=(DamagedPicture,))
    elif kind == "stream":
        shorten = (lambda item: {"number": item["number"]}) if name.endswith("+shorten") else None
        stream_results(STREAMS[name.removesuffix("+shorten")], LIMITS, shorten=shorten)
    else:
        RAW[name]()


if __name__ == "__main__":
    main()
