"""gevent worker whose `sendfile` is the kernel's: 0.93-1.09 of nginx on 2 MB ranges, stock gevent 0.66.

gevent's own `socket.sendfile` is a loop of 8 KB reads. This one calls `os.sendfile` until the socket is
full, waits for it to drain, and lets other viewers have a turn every 512 KB. The socket's buffer is
kept small: the kernel's own choice of 4 MB swallows whole ranges, which are cold again when the other side
reads them (0.7 of nginx; with 256 KB 1.2), and 500 slow viewers would fill 2 GB.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, BinaryIO

import gevent
from gevent import socket
from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.workers.ggevent import GeventWorker

from library_server.web.errors.messages import static_page
from library_server.web.requests.request_line import percent_encode_target

TURN_BYTES = 512 * 1024
SEND_BUFFER_BYTES = 256 * 1024
QUICK_SECONDS = 1
ARRIVAL_SECONDS = 0.5  # how long a stopping server still reads a request that may be under way


def kernel_sendfile(self: Any, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
    """Send `count` bytes of a file from `offset`; returns how many were sent."""
    remaining = os.fstat(file.fileno()).st_size - offset if count is None else count
    start, turn = offset, 0
    while remaining > 0:
        try:
            sent = os.sendfile(self.fileno(), file.fileno(), offset, min(remaining, TURN_BYTES))
        except BlockingIOError:
            self._wait(self._write_event)
            turn = 0
            continue
        if sent == 0:
            break
        offset, remaining, turn = offset + sent, remaining - sent, turn + sent
        if turn >= TURN_BYTES:
            gevent.sleep(0)
            turn = 0
    return offset - start


class Utf8Request(Request):  # type: ignore[misc]
    """A request whose target may be UTF-8 that was not escaped; gunicorn's own refuses it."""

    def parse_request_line(self, line_bytes: bytes) -> None:
        """Read the request line, escaped."""
        super().parse_request_line(percent_encode_target(line_bytes))


def write_error(sock: Any, status_int: int, reason: str, _message: str) -> None:
    """Answer what could not be read as a request, in our words; gunicorn's own repeats what was sent."""
    body = static_page(status_int).encode()
    head = (
        f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("ascii") + body)


class KernelSendfileWorker(GeventWorker):  # type: ignore[misc]
    """The worker behind `tianyuan serve`.

    Where it stops it finishes the requests under way and closes connections that wait for one. gunicorn waits for those
    too, for as long as they are kept alive, so that each restart took that long when a browser was connected.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: dict[gevent.Timeout, gevent.Greenlet] = {}

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Wait for a request for as long as connections are kept alive, or until the server stops."""
        timeout = gevent.Timeout(self.cfg.keepalive, False)
        self._idle[timeout] = gevent.getcurrent()
        with timeout:
            try:
                yield
            finally:
                del self._idle[timeout]

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Stop: finish the requests under way, and close what waits for one."""
        super().handle_exit(sig, frame)
        gevent.spawn(self._close_idle_connections)

    def _close_idle_connections(self) -> None:
        while True:
            gevent.sleep(ARRIVAL_SECONDS)
            for timeout, greenlet in list(self._idle.items()):
                gevent.kill(greenlet, timeout)

    def init_process(self) -> None:
        """Patch, then let sockets of this process send files by the kernel, and read and refuse requests our way."""
        socket.socket.sendfile = kernel_sendfile
        RequestParser.mesg_class = Utf8Request
        util.write_error = write_error
        super().init_process()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Bound what the kernel holds for one viewer."""
        client.setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES)
        super().handle(listener, client, addr)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Ctrl-C: stop as on SIGTERM, but wait only a moment; gunicorn's own way prints a trace under gevent."""
        self.cfg.set("graceful_timeout", QUICK_SECONDS)
        self.handle_exit(sig, frame)


def _count_sent_bytes(resp: Any, environ: dict[str, Any]) -> int:
    """Return bytes of the body; what the kernel sends is not counted by gunicorn, but was announced."""
    counted = getattr(resp, "sent", 0)
    return int(counted or (resp.response_length or 0 if environ.get("REQUEST_METHOD") == "GET" else 0))


class OneLineLogger(Logger):  # type: ignore[misc]
    """Access log: one JSON object a request, on stdout."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Log one request; `ms` is how long it took."""
        if not self.cfg.accesslog:
            return
        line = {
            "event": "request",
            "method": environ.get("REQUEST_METHOD"),
            "path": environ.get("PATH_INFO"),
            "status": int(str(resp.status).split()[0]),
            "bytes": _count_sent_bytes(resp, environ),
            "ms": round(request_time.total_seconds() * 1000, 1),
            "from": environ.get("REMOTE_ADDR"),
            "agent": str(environ.get("HTTP_USER_AGENT", ""))[:200],
        }
        self.access_log.info(json.dumps(line, ensure_ascii=False))
