"""The real server on a free port over a home, and what its processes cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from library_server.app import create_app
from library_server.library import open_library
from library_server.settings import Settings


@contextmanager
def server(home: Path, *arguments: str) -> Iterator[tuple[str, int]]:
    """The address of a running server and the process id that leads its group."""
    port = free_port()
    command = [sys.executable, "-m", "library_server.cli", "serve", "--port", str(port), *arguments]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/readyz").close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """nginx with a worker a core and sendfile over a folder; its address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as room:
        settings = Path(room) / "nginx.conf"
        settings.write_text(
            f"worker_processes auto; daemon off; pid {room}/pid; error_log stderr crit; user root;"
            f"events {{ worker_connections 2048; }} http {{ sendfile on; sendfile_max_chunk 512k; tcp_nopush on;"
            f"access_log off; keepalive_requests 1000000;"
            f"client_body_temp_path {room}; proxy_temp_path {room}; fastcgi_temp_path {room};"
            f"uwsgi_temp_path {room}; scgi_temp_path {room};"
            f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
        )
        child = subprocess.Popen(["nginx", "-c", str(settings), "-p", room], stderr=subprocess.DEVNULL)
        try:
            wait_until_open(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)


def film_library(home: Path, film: Path) -> str:
    """A library that holds one film; gives the path of the film's bytes."""
    home.mkdir(parents=True)
    command = [sys.executable, "-m", "library_server.cli", "ingest", str(film), "--wait"]
    subprocess.run(command, env={**os.environ, "TIANYUAN_HOME": str(home)}, check=True, capture_output=True)
    library = open_library(Settings(home=home))
    with create_app(library).test_client() as client:
        items = client.get("/api/v1/search").get_json()["items"]
        record = client.get(f"/api/v1/records/{items[0]['id']}").get_json()
    library.database.engine.dispose()
    return next(str(asset["url"]) for asset in record["assets"] if asset["role"] == "original")


def free_port() -> int:
    """A port of the loopback that nobody holds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until_open(port: int) -> None:
    """Wait until something accepts connections on a port of the loopback."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


def private_bytes(leader: int) -> dict[str, int]:
    """Private memory (USS, bytes) of a process and each of its descendants, from smaps_rollup, by what they are."""
    return {name: size for name, (size, _) in memory_of(leader).items()}


def memory_of(leader: int) -> dict[str, tuple[int, int]]:
    """Private and proportional memory (USS and PSS, bytes) of a process and each of its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    todo, memory = [leader], dict[str, tuple[int, int]]()
    while todo:
        process = todo.pop()
        todo += children.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            command = Path(f"/proc/{process}/cmdline").read_text().split("\0")
        except OSError:
            continue
        name = f"{'leader' if process == leader else ''.join({'serve', 'worker'} & set(command))} {process}"
        memory[name] = _kilobytes(rollup, "Private_") * 1024, _kilobytes(rollup, "Pss:") * 1024
    return memory


def _kilobytes(rollup: str, start: str) -> int:
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(start))


class MemoryWatch:
    """The most private (USS) and proportional (PSS) memory, in bytes, that a process and its descendants had together,
    looked at twice a second while the context is open.
    """

    def __init__(self, leader: int) -> None:
        self.private = self.proportional = 0
        self._leader = leader
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            sizes = memory_of(self._leader).values()
            self.private = max(self.private, sum(private for private, _ in sizes))
            self.proportional = max(self.proportional, sum(proportional for _, proportional in sizes))
