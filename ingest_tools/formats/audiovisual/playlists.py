"""Playlists and other texts that name media files: never taken for a recording, whatever their names.

ffmpeg finds a playlist behind an ID3 tag too, so that `ID3` and `#EXTM3U` look like an MP3 by signature alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from ingest_tools.rejections import RejectedError

SUFFIXES = frozenset(
    (".m3u", ".m3u8", ".pls", ".asx", ".wax", ".wvx", ".wpl", ".xspf", ".smil", ".smi", ".sdp", ".mpd", ".ram",
     ".ffconcat", ".ism", ".ismc", ".f4m")
)  # fmt: skip
_HEAD = 4096
_TAGS_LIMIT = 16
_START = re.compile(
    rb"(?:#EXTM3U|#EXT-X-|ffconcat\s|\[playlist\]|\[Reference\]|v=0\s*\n\s*o=|RTSPtext|SMILtext)"
    rb"|(?:<\?xml[^>]{0,500}\?>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE[^>]{0,500}>\s*|<\?wpl[^>]{0,200}\?>\s*)*"
    rb"<(?:asx|smil|MPD|playlist|SmoothStreamingMedia|manifest|tt:playlist)[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def refuse(path: Path, head: bytes, suffix: str) -> None:
    """Raise `RejectedError` where the file, or what stands behind its ID3 tags, is a playlist."""
    if _is_playlist(head) or _is_playlist(_behind_tags(path, head)):
        raise RejectedError("playlist")
    if suffix in SUFFIXES and b"\0" not in head:
        raise RejectedError("playlist")


def _is_playlist(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data[:_HEAD].decode("utf-16", "replace").encode()
    return bool(_START.match(data[:_HEAD].lstrip(b"\xef\xbb\xbf\r\n\t \x00")))


def _behind_tags(path: Path, head: bytes) -> bytes:
    """Return the first bytes behind the ID3v2 tags; empty where there is no tag (ID3v2.4.0, section 3.1)."""
    if not head.startswith(b"ID3"):
        return b""
    at = 0
    with path.open("rb") as reading:
        for _ in range(_TAGS_LIMIT):
            reading.seek(at)
            tag = reading.read(_HEAD)
            if not tag.startswith(b"ID3") or len(tag) < 10:
                return tag
            size = (tag[6] & 0x7F) << 21 | (tag[7] & 0x7F) << 14 | (tag[8] & 0x7F) << 7 | tag[9] & 0x7F
            at += 10 + size + (10 if tag[5] & 0x10 else 0)
    return b""
