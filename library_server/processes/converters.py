"""Runs the programs that convert untrusted files (LibreOffice, DjVuLibre, libarchive): limited, killed in time, and
without this process's environment, which holds keys that a document can name (CVE-2024-12426).

Where the system allows a network namespace, they have no network either. They are optional: `find_program` tells.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from library_server.processes.errors import ChildCrashed, ChildTimedOut
from library_server.processes.limits import ResourceLimits, limit_command

_PARTING_SECONDS = 5
_PROBE_SECONDS = 10
_TAIL_CHARACTERS = 300


class ConverterFailed(ChildCrashed):
    """The program ended with an error; its last words are the message, `output` is what it printed before."""

    def __init__(self, message: str, output: bytes = b"") -> None:
        super().__init__(message)
        self.output = output


def find_program(*names: str) -> str | None:
    """Return the first of these programs that is installed."""
    return next((path for name in names if (path := shutil.which(name))), None)


def converter_command(command: Sequence[str], seconds: int, limits: ResourceLimits) -> list[str]:
    """Return the command in limits, without network, that `timeout` (coreutils) kills with all that it started."""
    return limit_command([*_without_network(), "timeout", "--signal=KILL", str(seconds), *command], limits)


def converter_environment(home: Path) -> dict[str, str]:
    """Return the whole environment of such a program: where programs are, and a folder for its own files."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8"}  # fmt: skip


def run_converter(command: Sequence[str], seconds: int, limits: ResourceLimits, home: Path) -> bytes:
    """Run a program in the folder `home`; returns what it printed.

    Raises `ChildTimedOut`, and `ConverterFailed` with the end of its error messages.
    """
    started = time.monotonic()
    try:
        done = subprocess.run(
            converter_command(command, seconds, limits), cwd=home, env=converter_environment(home),
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + _PARTING_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ChildTimedOut from error
    if done.returncode == 0:
        return done.stdout
    if time.monotonic() - started >= seconds:
        raise ChildTimedOut
    raise ConverterFailed(done.stderr.decode("utf-8", "replace").strip()[-_TAIL_CHARACTERS:], done.stdout)


@functools.cache
def _without_network() -> tuple[str, ...]:
    """Return the command that takes the network away; empty where the system does not allow it."""
    command = ("unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]))
    try:
        subprocess.run(
            [*command, "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return command
