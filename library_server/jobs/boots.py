"""Which start of this machine's kernel a process runs under, so that a power cut is told from a crash."""

from __future__ import annotations

import functools
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # proc(5): drawn anew at each boot


@functools.cache
def boot_id() -> str:
    """Return the id that the kernel drew when this machine was started; empty where it draws none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
