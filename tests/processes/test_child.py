"""The protocol of child processes, with real children of every kind of misbehaviour."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from library_server.processes.child import ChildProcess, kill_group, wait_for_exit
from library_server.processes.errors import (
    ChildCrashed,
    ChildFailed,
    ChildTimedOut,
    MessageTooLarge,
    WorkerFailed,
)
from library_server.processes.messages import LINE_LIMIT

SECONDS = 30.0
MODULE = "tests.processes.children"


@pytest.fixture
def server() -> Iterator[ChildProcess]:
    """A worker that answers requests, ready for them."""
    with ChildProcess(MODULE, "serve") as child:
        child.request({"do": "echo"}, SECONDS)
        yield child


def stream(name: str, kind: str = "stream") -> ChildProcess:
    return ChildProcess(MODULE, f"{kind}:{name}", takes_requests=False)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def wait_until_unready(child: ChildProcess) -> None:
    deadline = time.monotonic() + 10
    while child.is_ready and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not child.is_ready


def test_requests_are_answered_one_after_the_other(server: ChildProcess) -> None:
    for text in ("一", "two\nlines", "\ud800 unpaired", ""):
        assert server.request({"do": "echo", "text": text}, SECONDS)["echo"] == text
        assert server.is_ready


def test_a_large_request_and_the_largest_answer(server: ChildProcess) -> None:
    assert server.request({"do": "echo", "text": "x" * (4 << 20)}, SECONDS)["bytes"] == 4 << 20
    assert len(server.request({"do": "largest_answer"}, SECONDS)["text"]) > LINE_LIMIT - 100


@pytest.mark.parametrize(
    ("action", "error", "code"),
    [
        ("segfault", ChildCrashed, "parser_crashed"),
        ("exit_process", ChildCrashed, "parser_crashed"),
        ("be_killed", ChildCrashed, "parser_crashed"),
    ],
)
def test_a_child_that_dies_on_a_request(server: ChildProcess, action: str, error: type[ChildFailed], code: str) -> None:
    with pytest.raises(error) as raised:
        server.request({"do": action}, SECONDS)
    assert raised.value.code == code
    assert not server.is_ready
    with pytest.raises(ChildCrashed):
        server.request({"do": "echo"}, SECONDS)


@pytest.mark.slow
def test_a_slow_child_is_killed_in_time(server: ChildProcess) -> None:
    began = time.monotonic()
    with pytest.raises(ChildTimedOut) as raised:
        server.request({"do": "sleep"}, 0.3)
    assert 0.3 <= time.monotonic() - began < 5
    assert raised.value.code == "too_slow"
    assert not is_alive(server.pid)


def test_what_is_printed_is_no_answer(server: ChildProcess) -> None:
    assert server.request({"do": "print_much", "text": "真"}, SECONDS)["echo"] == "真"
    assert server.is_ready
    assert server.request({"do": "echo", "text": "二"}, SECONDS)["echo"] == "二"


def test_requests_cannot_be_read_from_standard_input(server: ChildProcess) -> None:
    assert server.request({"do": "read_stdin"}, SECONDS) == {"stdin": "", "from_command": ""}
    assert server.request({"do": "echo", "text": "二"}, SECONDS)["echo"] == "二"


@pytest.mark.parametrize(
    ("action", "code", "detail"),
    [
        ("huge_answer", "too_large", f"{LINE_LIMIT + 25} bytes"),
        ("take_memory", "out_of_memory", ""),
        ("recurse", "out_of_memory", ""),
        ("open_missing", "unreadable", "No such file or directory"),
        ("broken_bytes", "damaged", "image file is truncated"),
        ("damaged", "damaged", "DamagedPicture: no header"),
        ("rejected", "drm", "locked"),
        ("bug", "parser_crashed", "ZeroDivisionError: aaa"),
    ],
)
def test_an_exception_is_reported_and_the_child_goes_on(
    server: ChildProcess, action: str, code: str, detail: str
) -> None:
    with pytest.raises(WorkerFailed) as raised:
        server.request({"do": action}, SECONDS)
    assert raised.value.code == code
    assert raised.value.detail.startswith(detail)
    assert len(raised.value.detail) <= 2000
    assert (raised.value.errno is not None) == (code == "unreadable")
    assert server.request({"do": "echo", "text": "二"}, SECONDS)["echo"] == "二"


def test_a_result_that_is_not_json_is_a_failure_of_that_request(server: ChildProcess) -> None:
    with pytest.raises(WorkerFailed) as raised:
        server.request({"do": "not_json"}, SECONDS)
    assert raised.value.code == "parser_crashed"
    assert server.request({"do": "echo", "text": "二"}, SECONDS)["echo"] == "二"


def test_limits_of_files_priority_and_session(server: ChildProcess, tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed) as raised:
        server.request({"do": "write_file", "file": str(tmp_path / "a")}, SECONDS)
    assert (raised.value.code, raised.value.detail) == ("unreadable", "File too large")
    assert (tmp_path / "a").stat().st_size == 1 << 20
    expected = os.getpriority(os.PRIO_PROCESS, 0) + 3
    assert server.request({"do": "niceness"}, SECONDS) == {"niceness": min(expected, 19), "session": True}


def test_a_worker_starts_under_a_lower_limit_of_its_parent() -> None:
    """Raising a hard limit is refused by the system; the worker died of it before it read a request."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20));"
        f"from library_server.processes.child import ChildProcess; child = ChildProcess({MODULE!r}, 'serve');"
        "print(child.request({'do': 'echo', 'text': 'ok'}, 30)['echo']); child.close()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert result.stdout == "ok\n", result.stderr


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("endless_line", MessageTooLarge),
        ("half_a_line", ChildCrashed),
        ("not_json", ChildCrashed),
        ("not_a_message", ChildCrashed),
        ("result_of_text", ChildCrashed),
        ("failure_without_code", ChildCrashed),
        ("deep", ChildCrashed),
        ("not_utf_8", ChildCrashed),
        ("silent", ChildCrashed),
    ],
)
def test_what_is_not_a_message(name: str, error: type[ChildFailed]) -> None:
    with stream(name, "raw") as child:
        with pytest.raises(error) as raised:
            list(child.read_results(SECONDS))
        assert type(raised.value) is error
        assert not is_alive(child.pid)


def test_no_code_is_imported_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the drive from which files are taken in."""
    for name in ("ctypes", "json", "library_server", "tests"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close(); raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    with ChildProcess(MODULE, "serve") as child:
        assert child.request({"do": "echo", "text": "一"}, SECONDS)["echo"] == "一"
    assert not (tmp_path / "ran").exists()


def test_codes_are_plain_text() -> None:
    """A driver of a database may write an enum by its name."""
    for error in (ChildFailed, ChildCrashed, ChildTimedOut, MessageTooLarge):
        assert type(error.code) is str


def test_an_end_of_stream_is_no_answer_to_a_request() -> None:
    with ChildProcess(MODULE, "raw:ended_at_once") as child, pytest.raises(ChildCrashed):
        child.request({"do": "echo"}, SECONDS)


@pytest.mark.parametrize("name", ["half_a_stream", "no_end"])
def test_a_stream_that_breaks_off_is_not_taken_for_complete(name: str) -> None:
    with stream(name, "raw") as child:
        results = child.read_results(SECONDS)
        assert next(results) == {"number": 0}
        with pytest.raises(ChildCrashed):
            next(results)


@pytest.mark.slow
def test_a_request_that_nobody_reads_ends_in_time() -> None:
    with ChildProcess(MODULE, "raw:deaf") as child:
        with pytest.raises(ChildTimedOut):
            child.request({"text": "x" * (1 << 20)}, 0.5)  # more than a pipe holds
        assert not is_alive(child.pid)


@pytest.mark.slow
def test_a_pipe_that_breaks_while_a_request_is_sent() -> None:
    with ChildProcess(MODULE, "raw:deaf") as child:
        killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {child.pid}"])
        with pytest.raises(ChildCrashed, match="before it had read"):
            child.request({"text": "x" * (1 << 20)}, SECONDS)
        killer.wait()


@pytest.mark.parametrize("how", ["killed", "ends"])
def test_a_child_that_ends_between_requests_is_not_ready(server: ChildProcess, how: str) -> None:
    if how == "killed":
        os.kill(server.pid, signal.SIGKILL)
    else:
        server.request({"do": "exit_later"}, SECONDS)
    wait_until_unready(server)
    with pytest.raises(ChildCrashed):
        server.request({"do": "echo"}, SECONDS)


def test_a_child_that_sends_unasked_is_not_ready() -> None:
    with ChildProcess(MODULE, "raw:stubborn") as child:
        wait_until_unready(child)
        child.kill()


def test_descendants_end_with_the_child(server: ChildProcess) -> None:
    pid = server.request({"do": "leave_descendant"}, SECONDS)["pid"]
    assert is_alive(pid)
    server.close()
    assert ends(pid)


def test_descendants_of_a_child_that_has_ended_are_killed(server: ChildProcess, tmp_path: Path) -> None:
    with pytest.raises(ChildCrashed):
        server.request({"do": "leave_descendant_and_exit", "file": str(tmp_path / "pid")}, SECONDS)
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.slow
def test_closing_is_gentle_and_kills_who_does_not_end(server: ChildProcess) -> None:
    began = time.monotonic()
    server.close()
    assert time.monotonic() - began < 4
    assert server._process.returncode == 0
    assert not server.is_ready
    server.close()
    server.kill()
    stubborn = ChildProcess(MODULE, "raw:stubborn")
    wait_until_unready(stubborn)
    stubborn.close(grace_seconds=0.2)
    assert stubborn._process.returncode == -signal.SIGKILL


def test_no_descriptor_is_left_open() -> None:
    before = set(os.listdir("/proc/self/fd"))
    for end in (ChildProcess.close, ChildProcess.kill):
        child = ChildProcess(MODULE, "serve")
        child.request({"do": "echo"}, SECONDS)
        end(child)
    with suppress(ChildFailed), stream("half_a_line", "raw") as child:
        list(child.read_results(SECONDS))
    assert set(os.listdir("/proc/self/fd")) == before


def test_descriptors_above_1023_are_read() -> None:
    """`select` refuses them, and a server with many viewers has them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip("the system allows no 1200 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1050)]
    try:
        with ChildProcess(MODULE, "serve") as child:
            assert child.request({"do": "echo", "text": "一"}, SECONDS)["echo"] == "一"
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_stream_is_read_to_its_end() -> None:
    with stream("numbers") as child:
        assert [result["number"] for result in child.read_results(SECONDS)] == list(range(1000))
    assert child._process.returncode == 0
    with stream("empty") as child:
        assert list(child.read_results(SECONDS)) == []


@pytest.mark.parametrize(("name", "code", "detail"), [("rejected", "drm", "locked"), ("out_of_memory",) * 2 + ("",)])
def test_a_stream_that_fails_midway(name: str, code: str, detail: str) -> None:
    with stream(name) as child:
        results = child.read_results(SECONDS)
        assert [next(results), next(results)] == [{"number": 0}, {"number": 1}]
        with pytest.raises(WorkerFailed) as raised:
            next(results)
    assert (raised.value.code, raised.value.detail) == (code, detail)


def test_a_large_result_ends_a_stream_or_is_shortened() -> None:
    with stream("with_a_large_one") as child, pytest.raises(WorkerFailed) as raised:
        list(child.read_results(SECONDS))
    assert raised.value.code == "too_large"
    with stream("with_a_large_one+shorten") as child:
        assert list(child.read_results(SECONDS)) == [{"number": 0}, {"number": 1}, {"number": 2}]


@pytest.mark.parametrize(("name", "error"), [("slow_second", ChildTimedOut), ("killed_second", ChildCrashed)])
@pytest.mark.slow
def test_each_result_of_a_stream_has_its_own_time(name: str, error: type[ChildFailed]) -> None:
    with stream(name) as child:
        assert next(child.read_results(SECONDS)) == {"number": 0}
        with pytest.raises(error):
            next(child.read_results(0.3 if error is ChildTimedOut else SECONDS))
        assert not is_alive(child.pid)


def test_a_stream_that_is_left_is_ended() -> None:
    with stream("endless") as child:
        next(child.read_results(SECONDS))
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert not is_alive(child.pid)


def kill_parent_of(file: Path, *statements: str) -> list[int]:
    """Run statements in a process, kill it when process ids stand in a file in a line, and return these."""
    code = "; ".join(
        ["from pathlib import Path", "from library_server.processes.child import ChildProcess", *statements]
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    while not (file.exists() and file.read_text().endswith("\n")):
        assert parent.poll() is None
        time.sleep(0.01)
    pids = [int(pid) for pid in file.read_text().split()]
    assert all(map(is_alive, pids))
    parent.kill()
    parent.wait()
    return pids


@pytest.mark.parametrize("name", ["endless", "slow_second"])
def test_a_stream_whose_parent_was_killed_ends(name: str, tmp_path: Path) -> None:
    (pid,) = kill_parent_of(
        tmp_path / "pid",
        f"child = ChildProcess({MODULE!r}, 'stream:{name}', takes_requests=False)",
        "next(child.read_results(30))",
        f"Path({str(tmp_path / 'pid')!r}).write_text(f'{{child.pid}}\\n')",
        "next(child.read_results(60))" if name == "slow_second" else "import time; time.sleep(60)",
    )
    assert ends(pid)


def test_a_child_that_works_when_its_parent_is_killed_ends_with_its_descendants(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    pids = kill_parent_of(
        file,
        f"child = ChildProcess({MODULE!r}, 'serve')",
        f"child.request({{'do': 'leave_descendant_and_sleep', 'file': {str(file)!r}}}, 60)",
    )
    assert len(pids) == 2
    assert all(map(ends, pids))


def test_waiting_leaves_the_process_id_taken_until_the_group_is_killed() -> None:
    command = ["sh", "-c", "sleep 3600 & echo $!; exit 3"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    assert wait_for_exit(process, 10)
    assert Path(f"/proc/{process.pid}").exists()
    assert is_alive(pid)
    kill_group(process)
    process.stdout.close()
    assert process.returncode == 3
    assert ends(pid)
    assert wait_for_exit(process, 0)


def test_waiting_ends_in_time() -> None:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    assert not wait_for_exit(process, 0.1)
    kill_group(process)
    assert not is_alive(process.pid)
