"""Processes that the library starts never import modules from the working directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest_tools.cli import demo
from tests.support.servers.serving import free_port, wait_until_up

ROOT = Path(__file__).parents[2]


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A working directory with a package of our name, which leaves a mark when it is imported."""
    folder = tmp_path / "drive"
    for package in ("library_server", "ingest_tools", "storage_config"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()\n", "utf-8")
    return folder


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "TIANYUAN_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.mark.long
def test_the_job_worker_of_the_server(planted: Path, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-P", "-m", "library_server.cli", "serve", "--workers", "1", "--port", str(port)]
    server = subprocess.Popen(command, cwd=planted, env=environment(tmp_path / "home"), stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        wait_until_up(f"http://127.0.0.1:{port}", server)
        deadline = time.monotonic() + 30
        while not (workers := worker_processes(server.pid)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert workers
        time.sleep(1)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    assert not (tmp_path / "mark").exists()


def worker_processes(parent: int) -> list[list[bytes]]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children]
    return [command for command in commands if b"worker" in command]


@pytest.mark.slow
def test_the_server_of_the_demo(planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(demo, "_fill_if_empty", lambda: None)
    monkeypatch.setattr(os, "execv", lambda _program, command: started.append(command))
    monkeypatch.setattr(os, "execve", lambda _program, command, _environment: started.append(command))
    assert demo.demo.callback is not None
    demo.demo.callback("127.0.0.1", 1)
    result = subprocess.run([*started[0], "--help"], cwd=planted, env=environment(tmp_path / "home"), check=False)
    assert result.returncode == 0
    assert not (tmp_path / "mark").exists()


def test_no_other_module_starts_the_interpreter() -> None:
    using = {
        str(path.relative_to(ROOT))
        for package in ("library_server", "ingest_tools", "storage_config")
        for path in (ROOT / package).rglob("*.py")
        if "sys.executable" in path.read_text("utf-8")
    }
    assert using == {"library_server/processes/interpreter.py"}
