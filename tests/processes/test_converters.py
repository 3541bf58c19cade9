"""Programs that convert files: what they are given, and how they end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from library_server.processes.converters import ConverterFailed, open_converter, run_converter
from library_server.processes.errors import ChildTimedOut
from library_server.processes.limits import ResourceLimits

LIMITS = ResourceLimits(memory_bytes=1 << 30, output_bytes=1 << 20)


def run(folder: Path, script: str, seconds: int = 20) -> str:
    return run_converter(["sh", "-c", script], seconds, LIMITS, folder).decode()


def test_a_converter_knows_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_SECRET_KEY", "key of the library")
    output = run(tmp_path, "env; pwd")
    assert "key of the library" not in output
    assert f"HOME={tmp_path}" in output
    assert output.splitlines()[-1] == str(tmp_path)


def test_a_converter_writes_no_more_than_its_limit(tmp_path: Path) -> None:
    with pytest.raises(ConverterFailed):
        run(tmp_path, "head -c 3000000 /dev/zero > large")
    assert (tmp_path / "large").stat().st_size <= 1 << 20


def test_a_converter_has_no_network(tmp_path: Path) -> None:
    interfaces = run(tmp_path, "cat /proc/net/dev").count(":")
    assert interfaces == 1  # the loopback, which is down


def test_an_error_is_said_in_the_words_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ConverterFailed, match="no such filter"):
        run(tmp_path, "echo no such filter >&2; exit 3")


def wait_until_ended(process_id: str) -> None:
    status = Path("/proc", process_id, "stat")
    deadline = time.monotonic() + 30
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.05)


def test_a_converter_is_killed_with_what_it_started(tmp_path: Path) -> None:
    with pytest.raises(ChildTimedOut):
        run(tmp_path, "sleep 60 & echo $! > started; wait", seconds=1)
    wait_until_ended((tmp_path / "started").read_text().strip())


def test_a_program_whose_output_is_read_no_more_ends_at_once(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo $$; exec sleep 600"]
    with open_converter(command, 600, LIMITS, tmp_path) as converter:
        process_id = converter.stdout.readline().decode().strip()
    wait_until_ended(process_id)
    assert converter.status < 0
