"""Whether a file that has no signature of ours is media: ffprobe knows containers by their structure."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

PROBE_SECONDS = 30
LEAST_SCORE = 50  # of 100: half is what ffprobe gives to seven good frames, or to packets that repeat
_ENTRIES = "format=probe_score:stream=codec_type"


def is_media(path: Path) -> bool:
    """Return whether ffprobe recognises one of the allowed containers, with a stream of pictures or sound in it."""
    from library_server.processes.ffmpeg import MediaInput, ffprobe_command  # most files have a signature

    command = ffprobe_command(MediaInput.of_file(path), ("-show_entries", _ENTRIES))
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=True)
    except subprocess.SubprocessError:
        return False
    probed = json.loads(done.stdout)
    has_streams = any(stream.get("codec_type") in {"video", "audio"} for stream in probed.get("streams", []))
    return has_streams and int(probed.get("format", {}).get("probe_score") or 0) >= LEAST_SCORE
