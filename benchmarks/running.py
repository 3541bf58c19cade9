"""The real server on a free port over a home, and what its processes cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(home: Path, *arguments: str) -> Iterator[tuple[str, int]]:
    """The address of a running server and the process id that leads its group."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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


def private_bytes(leader: int) -> dict[str, int]:
    """Private memory (USS, bytes) of a process and each of its descendants, from smaps_rollup, by what they are."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    todo, found = [leader], {}
    while todo:
        process = todo.pop()
        todo += children.get(process, [])
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            command = Path(f"/proc/{process}/cmdline").read_text().split("\0")
        except OSError:
            continue
        name = f"{'leader' if process == leader else ''.join({'serve', 'worker'} & set(command))} {process}"
        found[name] = sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Private_"))
    return found
