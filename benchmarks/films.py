"""A real film of any size: ten seconds of moving noise, encoded once and repeated without encoding again."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path


def write_film(path: Path, size: int) -> None:
    """An MP4 (H.264, AAC, index at the front) of about `size` bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seed = path.with_name("seed.mp4")
    _ffmpeg("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=10,noise=alls=60:allf=t",
            "-f", "lavfi", "-i", "sine=frequency=440:duration=10",
            "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "24M", "-maxrate", "24M", "-bufsize", "24M",
            "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-shortest", str(seed))  # fmt: skip
    times = max(0, math.ceil(size / seed.stat().st_size) - 1)
    _ffmpeg("-stream_loop", str(times), "-i", str(seed), "-c", "copy", "-movflags", "+faststart", str(path))
    seed.unlink()


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], check=True)
