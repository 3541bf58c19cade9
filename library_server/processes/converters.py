"""Runs the programs that convert untrusted files (LibreOffice, DjVuLibre, libarchive): limited, killed in time, and
without this process's environment, which holds keys that a document can name (CVE-2024-12426).

Where the system allows a network namespace, they have no network either. They are optional: `find_program` tells.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from library_server.processes.child import kill_group
from library_server.processes.errors import ChildCrashed, ChildTimedOut
from library_server.processes.limits import ResourceLimits, limit_command

_GRACE_SECONDS = 5
_PROBE_SECONDS = 10
_TAIL_CHARACTERS = 300
_MESSAGE_BYTES = 2000


class ConverterFailed(ChildCrashed):
    """The program ended with an error; the end of stderr is the message, `output` is what it printed before."""

    def __init__(self, message: str, output: bytes = b"") -> None:
        super().__init__(message)
        self.output = output


class StreamingConverter:
    """A program whose output is read while it runs. `status` and `message` are known after the block that opened it."""

    def __init__(self, process: subprocess.Popen[bytes], stdout: IO[bytes]) -> None:
        self._process = process
        self.stdout = stdout
        self.status = 0
        self.message = ""

    def finish(self) -> None:
        """Read what is left of the output, and wait until the program ends by itself."""
        while self.stdout.read(1 << 16):
            pass
        self._process.wait()

    def stop(self, errors: IO[bytes]) -> None:
        """Kill the program unless it has ended; keep its exit status and its first error messages, from `errors`."""
        self.stdout.close()
        if self._process.poll() is None:
            kill_group(self._process)  # `timeout` and the program that it has started
        self.status = self._process.wait()
        errors.seek(0)
        self.message = errors.read(_MESSAGE_BYTES).decode("utf-8", "replace").strip()


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
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds + _GRACE_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ChildTimedOut from error
    if done.returncode == 0:
        return done.stdout
    if time.monotonic() - started >= seconds:
        raise ChildTimedOut
    raise ConverterFailed(done.stderr.decode("utf-8", "replace").strip()[-_TAIL_CHARACTERS:], done.stdout)


@contextmanager
def open_converter(
    command: Sequence[str],
    seconds: int,
    limits: ResourceLimits,
    home: Path,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[StreamingConverter]:
    """Start a program in the folder `home` whose output is read as a stream; it is killed at the end of the block."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            converter_command(command, seconds, limits), cwd=home, env=converter_environment(home), stdin=stdin,
            stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        converter = StreamingConverter(process, process.stdout)
        try:
            yield converter
        finally:
            converter.stop(errors)


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
