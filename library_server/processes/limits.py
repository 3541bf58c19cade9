"""Limits of memory, output and priority for processes on untrusted bytes; their parents limit the time."""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY_BYTES = 4 << 30
_TAIL_BYTES = 2000
_OPTIONS = {resource.RLIMIT_AS: "as", resource.RLIMIT_FSIZE: "fsize", resource.RLIMIT_CORE: "core"}


@dataclass(frozen=True)
class ResourceLimits:
    """Limits of the address space and of each file written (None: no limit), in bytes; `niceness` as in nice(1).

    There is no core dump.

    A limit that this process is under already is never raised, which the system would refuse.
    """

    memory_bytes: int = MEMORY_BYTES
    output_bytes: int | None = None
    niceness: int = 0

    def apply(self) -> None:
        """Put this process under the limits; there is no way back."""
        for kind, limit in self.by_kind().items():
            resource.setrlimit(kind, (limit, limit))
        os.nice(self.niceness)

    def by_kind(self) -> dict[int, int]:
        """Return the limits by their `resource.RLIMIT_*` kinds."""
        limits = {resource.RLIMIT_AS: self.memory_bytes, resource.RLIMIT_FSIZE: self.output_bytes,
                  resource.RLIMIT_CORE: 0}  # fmt: skip
        return {kind: _at_most(limit, kind) for kind, limit in limits.items() if limit is not None}


def limit_command(command: Sequence[str], limits: ResourceLimits) -> list[str]:
    """Return the command under limits, by `prlimit` (util-linux) and `nice`."""
    options = [f"--{_OPTIONS[kind]}={limit}" for kind, limit in limits.by_kind().items()]
    return ["prlimit", *options, "nice", "-n", str(limits.niceness), *command]


def stderr_tail(errors: Path) -> str:
    """Return the end of what a command wrote to its error file; the file is removed."""
    with errors.open("rb") as reading:
        size = errors.stat().st_size
        reading.seek(max(0, size - _TAIL_BYTES))
        tail = reading.read(_TAIL_BYTES)
    errors.unlink(missing_ok=True)
    return tail.decode("utf-8", "replace")


def _at_most(limit: int, kind: int) -> int:
    _, hard = resource.getrlimit(kind)
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)
