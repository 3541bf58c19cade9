"""Commands that end as in a power cut."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence


def killed_after(seconds: float, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command, and kill it as a power cut does if it is still running then."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
