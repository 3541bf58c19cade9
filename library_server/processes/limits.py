"""Commands on foreign bytes under limits of memory, output and priority; the time is limited by who waits for them."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from pathlib import Path

MEMORY_BYTES = 4 << 30
_SAID_BYTES = 2000


def limit_command(
    command: Sequence[str], *, output_bytes: int, niceness: int = 0, memory_bytes: int = MEMORY_BYTES
) -> list[str]:
    """The command under `prlimit` (util-linux): so many bytes of addresses and of each file it writes, no core dump.

    A limit that this process is under already is never raised, which the system would refuse.
    """
    memory = _at_most(memory_bytes, resource.RLIMIT_AS)
    output = _at_most(output_bytes, resource.RLIMIT_FSIZE)
    limits = [f"--as={memory}", f"--fsize={output}", "--core=0"]
    return ["prlimit", *limits, "nice", "-n", str(niceness), *command]


def stderr_tail(errors: Path) -> str:
    """The end of what a command wrote to its error file; the file is removed."""
    with errors.open("rb") as reading:
        size = errors.stat().st_size
        reading.seek(max(0, size - _SAID_BYTES))
        said = reading.read(_SAID_BYTES)
    errors.unlink(missing_ok=True)
    return said.decode("utf-8", "replace")


def _at_most(limit: int, kind: int) -> int:
    _, hard = resource.getrlimit(kind)
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)
