"""The real server over a home, as a process group of its own that ends with the test."""

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

from sqlalchemy import select

from library_server.catalogue.models import Record
from tests.support.libraries import ingest, open_library_at
from tests.support.servers.server_process import ServerProcess


@contextmanager
def serving(home: Path, *options: str, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`tianyuan serve` on a free port: its address and its leading process, whose output goes to `home/serve.log`."""
    port = port or free_port()
    command = [sys.executable, "-m", "library_server.cli", "serve", "--port", str(port), *options]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    with (home / "serve.log").open("wb") as log:
        child = ServerProcess(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, child)
        yield address, child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(30)


@contextmanager
def serving_folder(files: Path, home: Path, port: int = 0) -> Iterator[tuple[str, dict[str, str]]]:
    """Take a folder into a new library in `home` and serve it: the address, and the ids of its records by title."""
    opened = open_library_at(home)
    report = ingest(opened, files)
    assert report.rejected == 0, report.rejections
    with opened.database.reading() as session:
        records = {title: record_id for record_id, title in session.execute(select(Record.id, Record.title))}
    opened.database.engine.dispose()
    with serving(home, "--workers", "1", "--no-jobs", port=port) as (address, _):
        yield address, records


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_until_up(address: str, child: subprocess.Popen[bytes]) -> None:
    """Return when `/healthz` answers; raises where the process ends first."""
    for _ in range(300):
        if child.poll() is not None:
            raise RuntimeError("the server stopped")
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")
