"""What tags of a recording say and ffprobe does not print: several values of one text, lyrics with times, DSDIFF."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ingest_tools.formats.audiovisual.tags import ape, asf, id3v2, mp4

_CHUNKS_LIMIT = 1_000
_ID3_CHUNKS = frozenset((b"ID3 ", b"id3 "))
_REPEATED = frozenset(
    ("artist", "album_artist", "composer", "genre", "publisher", "keywords", "narrator", "performer", "conductor",
     "lyricist", "text", "label")
)  # fmt: skip
SEPARATOR = "\0"


def complete(tags: dict[str, str], path: Path) -> dict[str, str]:
    """Return ffprobe's tags of a recording with all values of each, parted by a zero, and with `syncedlyrics`.

    Other texts are added only where ffprobe knows none. A text that several tags of a file have is that of ID3.
    """
    found: dict[str, list[str]] = {}
    lyrics: str | None = None
    with suppress(OSError), path.open("rb") as file:
        size = file.seek(0, 2)
        tag = id3v2.parse(_find_id3(file, size))
        found = ape.read(file, size) | mp4.read(file, size) | asf.read(file) | tag.texts
        lyrics = tag.lyrics
    several = {name: SEPARATOR.join(values) for name, values in found.items() if len(values) > 1 and name in _REPEATED}
    added = {name: values[0] for name, values in found.items() if not tags.get(name, "").strip()}
    return tags | added | several | ({"syncedlyrics": lyrics} if lyrics else {})


def _find_id3(file: BinaryIO, size: int) -> bytes:
    """Return the ID3 tag at the beginning of a file, or where DSF, DSDIFF, AIFF and WAVE keep it; else nothing."""
    file.seek(0)
    head = file.read(32)
    start: int | None = 0
    if head.startswith(b"DSD "):  # DSF 1.01, DSD chunk
        start = int(struct.unpack_from("<Q", head.ljust(28, b"\0"), 20)[0])
    elif head.startswith(b"FRM8"):
        start = _find_chunk(file, 16, size, ">4sQ")
    elif head.startswith(b"FORM"):
        start = _find_chunk(file, 12, size, ">4sI")
    elif head.startswith(b"RIFF"):
        start = _find_chunk(file, 12, size, "<4sI")
    if start is None or not 0 <= start < size:
        return b""
    file.seek(start)
    length = id3v2.tag_size(file.read(10))
    if not 0 < length <= id3v2.LIMIT:
        return b""
    file.seek(start)
    return file.read(length)


def _find_chunk(file: BinaryIO, at: int, size: int, form: str) -> int | None:
    """Return where the tag begins in a file of chunks with a name and a size before each; None where there is none."""
    header_size = struct.calcsize(form)
    for _ in range(_CHUNKS_LIMIT):
        if at + header_size > size:
            break
        file.seek(at)
        name, length = struct.unpack(form, file.read(header_size))
        at += header_size
        if name in _ID3_CHUNKS:
            return at
        at += length + length % 2
    return None
