"""A small proxy between a client and a server that misbehaves as it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Behaviour:
    """What the next connections meet: that many get 503, or are cut after so many bytes of answer; delay in seconds."""

    busy: int = 0
    cut: int = 0
    cut_after: int = 0
    delay: float = 0.0
    refused_until: float = 0.0
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def faulty_proxy(target: str) -> Iterator[tuple[str, Behaviour]]:
    """A proxy before `target` (host:port); its own host:port, and how it behaves."""
    behaviour = Behaviour()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, target, behaviour), daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", behaviour
    finally:
        listener.close()


def _accept(listener: socket.socket, target: str, behaviour: Behaviour) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, target, behaviour), daemon=True).start()


def _serve(client: socket.socket, target: str, behaviour: Behaviour) -> None:
    with client, suppress(OSError):
        with behaviour.lock:
            behaviour.connections += 1
            busy = behaviour.busy > 0
            cut = not busy and behaviour.cut > 0
            behaviour.busy -= busy
            behaviour.cut -= cut
        if time.monotonic() < behaviour.refused_until:
            return
        if busy:
            client.recv(65_536)
            client.sendall(BUSY)
            return
        time.sleep(behaviour.delay)
        host, _, port = target.partition(":")
        with socket.create_connection((host, int(port))) as server:
            threading.Thread(target=_forward, args=(client, server, None), daemon=True).start()
            _forward(server, client, behaviour.cut_after if cut else None)


def _forward(source: socket.socket, target: socket.socket, most: int | None) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536 if most is None else max(1, min(65_536, most))):
            target.sendall(piece)
            if most is not None:
                most -= len(piece)
                if most <= 0:
                    break
        for connection in (source, target):
            connection.shutdown(socket.SHUT_RDWR)
