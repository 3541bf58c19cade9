from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]  # `python -c` imports from the folder it runs in
_PROGRAM = """
import sys, time
from tests.support.servers.server_process import ServerProcess
print(ServerProcess([sys.executable, "-c", "import time; time.sleep(3600)"]).pid, flush=True)
time.sleep(3600)
"""


def test_a_server_ends_with_tests_that_are_killed() -> None:
    tests = subprocess.Popen([sys.executable, "-c", _PROGRAM], cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    assert tests.stdout is not None
    server = int(tests.stdout.readline())
    assert _is_running(server)
    tests.kill()
    tests.wait()
    deadline = time.monotonic() + 30
    while _is_running(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_running(server)
    tests.stdout.close()


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
