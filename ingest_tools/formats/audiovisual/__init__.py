"""Films, recordings, their subtitles and playlists."""

from __future__ import annotations

SUBTITLE_SUFFIXES = (
    ".srt", ".ass", ".ssa", ".vtt", ".smi", ".sami", ".lrc", ".ttml", ".dfxp", ".itt", ".sub", ".sbv",
)  # fmt: skip
FILM_SUFFIXES = frozenset((
    ".mp4", ".m4v", ".mkv", ".mov", ".webm", ".avi", ".flv", ".f4v", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".m2v",
    ".vob", ".3gp", ".3g2", ".wmv", ".asf", ".ogv", ".rm", ".rmvb", ".mxf", ".dv", ".dat",
))  # fmt: skip
SOUND_SUFFIXES = frozenset((
    ".mp3", ".mp2", ".m4a", ".m4b", ".aac", ".flac", ".ape", ".wv", ".tta", ".mpc", ".ogg", ".oga", ".opus", ".wav",
    ".w64", ".aiff", ".aif", ".caf", ".au", ".wma", ".ra", ".mka", ".amr", ".ac3", ".dts", ".3ga", ".aa", ".aax",
    ".dsf", ".dff",
))  # fmt: skip
CUE_SUFFIX, NFO_SUFFIX = ".cue", ".nfo"
"""The suffixes of what goes with a film or recording, for what has to be known before a file is opened."""
