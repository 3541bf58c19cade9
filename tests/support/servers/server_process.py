"""Server processes that end with the tests, however the tests end."""

from __future__ import annotations

import subprocess
from typing import Any

_WATCH = 'read -r line; [ "$line" = ended ] || kill -s KILL -- "-$1"'


class ServerProcess(subprocess.Popen[bytes]):
    """A process in a session of its own. Where the tests are killed before they wait for it, its group is killed.

    A shell waits at the end of a pipe for that; it is no parent of the server, so that the server may be killed and
    waited for as any child.
    """

    def __init__(self, command: list[str], **options: Any) -> None:
        super().__init__(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        watch = ["sh", "-c", _WATCH, "sh", str(self.pid)]
        self._watch = subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process, and end its watch."""
        code = super().wait(timeout)
        if self._watch.poll() is None:
            self._watch.communicate(b"ended\n")
        return code
