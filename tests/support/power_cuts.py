"""Commands that end as in a power cut."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence


def run_killed_after(seconds: float, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command, and kill it as a power cut does if it is still running then."""
    deadline = time.monotonic() + seconds
    run_killed_when(lambda: time.monotonic() >= deadline, command, environment)


def run_killed_when(happened: Callable[[], bool], command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command, and kill it as a power cut does once something is seen to have happened; asked every 50 ms."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while child.poll() is None and not happened():
            time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
