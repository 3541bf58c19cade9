"""How long a film or recording is where its container does not say: what browsers record, and what was cut off."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

from library_server.processes.ffmpeg import MediaInput, ffmpeg_command

SECONDS: Final = 120
_TIME = re.compile(rb"^out_time_us=(\d{1,15})$", re.MULTILINE)


def measure_duration(path: Path) -> int | None:
    """Return the time of the last packet in milliseconds; None where that cannot be found within `SECONDS`.

    All packets are read, and none is decoded.
    """
    arguments = ["-map", "0:v?", "-map", "0:a?", "-c", "copy", "-loglevel", "error", "-progress", "pipe:1",
                 "-f", "null", "-"]  # fmt: skip
    command = ffmpeg_command([MediaInput.of_file(path)], arguments, output_bytes=1 << 20)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    times = [int(time) for time in _TIME.findall(done.stdout)]
    return max(times) // 1000 or None if times else None
