"""Films, recordings, their subtitles and playlists."""

from __future__ import annotations

SUBTITLE_SUFFIXES = (
    ".srt", ".ass", ".ssa", ".vtt", ".smi", ".sami", ".lrc", ".ttml", ".dfxp", ".itt", ".sub", ".sbv",
)  # fmt: skip
CUE_SUFFIX, NFO_SUFFIX = ".cue", ".nfo"
"""The suffixes of what goes with a film or recording, for what has to be known before a file is opened."""
