"""Clients that read ranges of one file over many connections, in processes of their own.

Bytes are received into one buffer and thrown away, so that the server and not the client is measured.
"""

from __future__ import annotations

import multiprocessing
import random
import selectors
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BUFFER = 1 << 20


@dataclass
class Reader:
    """One connection that asks for random ranges of a file, one after the other."""

    address: str
    file_size: int
    range_size: int
    chance: random.Random
    received: int = 0
    finished: int = 0
    waiting_since: float = 0.0
    worst_first_byte: float = 0.0
    _left: int = 0
    _head: bytes = b""
    socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setblocking(False)

    def ask(self) -> None:
        """Send the next request."""
        start = self.chance.randrange(self.file_size - self.range_size)
        parts = urlsplit(self.address)
        request = (
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Range: bytes={start}-{start + self.range_size - 1}\r\n\r\n"
        )
        self.socket.sendall(request.encode())
        self._head, self._left, self.waiting_since = b"", -1, time.monotonic()

    def receive(self, buffer: memoryview) -> bool:
        """Take what has come; True when the range is whole. Raises `BlockingIOError` where nothing has come."""
        got = self.socket.recv_into(buffer)
        if not got:
            raise ConnectionError(f"{self.address} closed the connection")
        if self._left < 0:
            got = self._read_head(bytes(buffer[:got]))
        self._left -= got
        self.received += got
        if self._left == 0:
            self.finished += 1
            return True
        return False

    def _read_head(self, data: bytes) -> int:
        if not self._head:
            self.worst_first_byte = max(self.worst_first_byte, time.monotonic() - self.waiting_since)
        self._head += data
        head, end, body = self._head.partition(b"\r\n\r\n")
        if not end:
            return -1 - self._left  # leaves `_left` at -1
        assert b" 206 " in head.split(b"\r\n", 1)[0], head
        self._left = self.range_size
        return len(body)


def bytes_a_second(address: str, file_size: int, range_size: int, connections: int, seconds: float) -> float:
    """What `connections` connections, shared by two processes, take together."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        each = [(address, file_size, range_size, connections // 2, seconds, seed) for seed in (1, 2)]
        return sum(pool.starmap(_as_fast_as_it_goes, each))


def _as_fast_as_it_goes(
    address: str, file_size: int, range_size: int, connections: int, seconds: float, seed: int
) -> float:
    chance, chosen = random.Random(seed), selectors.DefaultSelector()
    buffer = memoryview(bytearray(BUFFER))
    readers = [Reader(address, file_size, range_size, chance) for _ in range(connections)]
    for reader in readers:
        reader.ask()
        chosen.register(reader.socket, selectors.EVENT_READ, reader)
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        for key, _ in chosen.select(1.0):
            if key.data.receive(buffer):
                key.data.ask()
    elapsed = time.monotonic() - started
    return sum(reader.received for reader in readers) / elapsed
