"""`tianyuan serve`: web processes, the worker beside them, and how they stop."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from PIL import Image

from library_server.catalogue.records import queries
from library_server.delivery.grants import Grants
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.servers.serving import serving


def count_found(address: str, words: str) -> int:
    """How many records the words find; none while the index is being built for the first time."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/search?q={quote(words)}") as response:
            return int(json.load(response)["total"])
    except HTTPError as refused:
        if refused.code != 503:
            raise
        return 0


@pytest.mark.long
def test_records_that_are_added_while_the_library_is_served_are_found(library: Library, tmp_path: Path) -> None:
    story = tmp_path / "source" / "渡口.md"
    story.parent.mkdir()
    story.write_text("---\ntitle: 渡口的早班船\n---\n船在雾里。\n", encoding="utf-8")
    home = library.settings.home
    library.database.engine.dispose()
    with serving(home, "--workers", "2") as (address, _):
        assert urllib.request.urlopen(f"{address}/").status == 200  # no record is in it yet
        ingest(library, story.parent)
        patience = time.monotonic() + 60
        while not count_found(address, "早班船"):
            assert time.monotonic() < patience
            time.sleep(0.2)


@pytest.mark.long
def test_a_worker_that_dies_is_started_again(library: Library) -> None:
    home = library.settings.home
    library.database.engine.dispose()
    with serving(home, "--workers", "2") as (_, leader):
        first = _worker_of(leader.pid, other_than="")
        os.kill(int(first), signal.SIGKILL)
        second = _worker_of(leader.pid, other_than=first)
        assert second != first
        leader.send_signal(signal.SIGTERM)
        assert leader.wait(30) == 0
    assert not _processes_of(home)


def _worker_of(leader: int, other_than: str) -> str:
    """The process of `tianyuan worker` that the leader started; waited for."""
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        for child in Path(f"/proc/{leader}/task/{leader}/children").read_text().split():
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                if b"worker" in command and child != other_than:
                    return child
        time.sleep(0.1)
    raise AssertionError("no worker came")


@pytest.mark.long
def test_the_access_log_is_one_line_of_json_a_request(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "1998-05 栗雨老街.jpg"
    Image.effect_noise((900, 700), 40).save(source)
    ingest(library, source)
    with library.database.reading() as session:
        record = queries.find_record(session, queries.list_newest(session)[0].id)
    assert record
    assert record.original
    grant = Grants(library.settings.signing_key()).issue(record.id)
    library.database.engine.dispose()
    home = library.settings.home
    with serving(home, "--workers", "1", "--no-jobs") as (address, _):
        file = f"{address}/files/{grant}/{record.original.id}"
        requests = [urllib.request.Request(file, headers={"Range": "bytes=0-999"}),
                    urllib.request.Request(file, method="HEAD"), urllib.request.Request(f"{address}/")]  # fmt: skip
        for request in requests:
            with urllib.request.urlopen(request) as response:
                response.read()
    lines = [json.loads(line) for line in (home / "serve.log").read_text("utf-8").splitlines() if line.startswith("{")]
    logged = [(line["method"], line["status"]) for line in lines if line["event"] == "request"][-3:]
    assert logged == [("GET", 206), ("HEAD", 200), ("GET", 200)]
    assert [line["bytes"] for line in lines[-3:-1]] == [1000, 0]
    assert lines[-1]["bytes"] > 1000


@pytest.mark.long
def test_ctrl_c_ends_every_process_without_a_traceback(library: Library) -> None:
    home = library.settings.home
    library.database.engine.dispose()
    with serving(home, "--workers", "2") as (_, leader):
        group = os.getpgid(leader.pid)
        os.killpg(group, signal.SIGINT)
        assert leader.wait(30) == 0
    log = (home / "serve.log").read_text(encoding="utf-8")
    assert "Shutting down" in log
    assert "Traceback" not in log
    assert not _processes_of(home)


@pytest.mark.long
def test_a_stop_closes_idle_connections_and_finishes_what_is_being_sent(library: Library, tmp_path: Path) -> None:
    source = tmp_path / "1998-05 栗雨老街.png"
    Image.effect_noise((3000, 3000), 90).save(source)
    ingest(library, source)
    with library.database.reading() as session:
        record = queries.find_record(session, queries.list_newest(session)[0].id)
    assert record
    assert record.original
    size = record.original.size
    assert size > 4_000_000  # more than the two sockets hold
    target = f"/files/{Grants(library.settings.signing_key()).issue(record.id)}/{record.original.id}"
    library.database.engine.dispose()
    with serving(library.settings.home, "--workers", "1", "--no-jobs") as (address, leader):
        server = ("127.0.0.1", int(address.rpartition(":")[2]))
        with (
            socket.create_connection(server, timeout=10) as unused,  # browsers open such connections ahead of time
            socket.create_connection(server, timeout=10) as idle,
            socket.create_connection(server, timeout=10) as downloading,
        ):
            downloading.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            received = len(downloading.recv(1000))
            idle.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(10_000).endswith(b"\r\n\r\n")
            leader.send_signal(signal.SIGTERM)
            assert idle.recv(1) == b""  # within 10 seconds; it would be kept alive for 15
            assert unused.recv(1) == b""
            while data := downloading.recv(1 << 20):
                received += len(data)
        assert received > size
        assert leader.wait(30) == 0


def _processes_of(home: Path) -> list[str]:
    mark = f"TIANYUAN_HOME={home}".encode()
    process_ids = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes().split(b"\0"):
                process_ids.append(environ.parent.name)
        except OSError:
            continue
    return process_ids
