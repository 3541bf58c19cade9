"""ID3v2 (2.2 to 2.4) as far as ffprobe does not tell it: every value of a text, and lyrics with times (SYLT).

A text of version 2.4 has several values with a zero between them (ID3v2.4.0 frames, 4.2); ffprobe prints the first.
Programs write the same into 2.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.encodings import decode_text, repair_text

LIMIT = 16 << 20  # bytes of a tag: pictures are within
_FRAME_LIMIT = 1 << 20  # bytes of one frame that is read
_FRAMES_LIMIT = 1_000
_HEADER = 10
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40  # of the tag
_COMPRESSED, _ENCRYPTED, _FRAME_UNSYNCHRONISED, _HAS_LENGTH = 0x08, 0x04, 0x02, 0x01  # of a frame of 2.4
_OLD_COMPRESSED, _OLD_ENCRYPTED, _OLD_GROUPED = 0x80, 0x40, 0x20  # of a frame of 2.3
_TEXTS = {
    "TIT2": "title", "TT2": "title", "TPE1": "artist", "TP1": "artist", "TPE2": "album_artist", "TP2": "album_artist",
    "TCOM": "composer", "TCM": "composer", "TCON": "genre", "TCO": "genre", "TALB": "album", "TAL": "album",
    "TRCK": "track", "TRK": "track", "TPOS": "disc", "TPA": "disc", "TDRC": "date", "TYER": "date", "TYE": "date",
    "TPUB": "publisher", "TPB": "publisher", "TLAN": "language", "TLA": "language", "TPE3": "performer",
    "TP3": "performer", "TEXT": "text", "TXT": "text",
}  # fmt: skip
_NAMED_TEXTS = frozenset(("TXXX", "TXX"))
_TIMED_LYRICS = frozenset(("SYLT", "SLT"))
_READ = _TEXTS.keys() | _NAMED_TEXTS | _TIMED_LYRICS
_MILLISECONDS = 2
_SUNG = frozenset((0, 1, 2))  # other, lyrics, transcription: not chords, not events
_LINES_LIMIT = 10_000


@dataclass(frozen=True)
class Id3Tag:
    """The values of each text by ffprobe's names, and lyrics with times in the form of LRC."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    lyrics: str | None = None


def tag_size(header: bytes) -> int:
    """Return how many bytes a tag has that begins with these ten (ID3v2.4.0 structure, 3.1); 0 where none does."""
    if len(header) < _HEADER or not header.startswith(b"ID3") or not 2 <= header[3] <= 4:
        return 0
    return _HEADER + _read_synchsafe(header[6:10])


def parse(tag: bytes) -> Id3Tag:
    """Return what a tag says; what is damaged is left out."""
    texts: dict[str, list[str]] = {}
    lyrics: str | None = None
    for name, content in _read_frames(tag):
        if name in _TEXTS and content:
            texts.setdefault(_TEXTS[name], []).extend(_split_values(content[0], content[1:]))
        elif name in _NAMED_TEXTS and content:
            described, *values = _split_values(content[0], content[1:]) or [""]
            texts.setdefault(described.lower(), []).extend(values)
        elif name in _TIMED_LYRICS:
            lyrics = lyrics or _read_timed_lyrics(content)
    return Id3Tag({name: list(dict.fromkeys(values)) for name, values in texts.items() if values}, lyrics)


def _read_frames(tag: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names of the frames and what is in them, without those that are compressed wrongly or encrypted."""
    if not tag_size(tag):
        return
    version, flags, body = tag[3], tag[5], tag[_HEADER:]
    if flags & _UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    at = _extended_header_size(body, version) if flags & _EXTENDED and version > 2 else 0
    name_size, header_size = (3, 6) if version == 2 else (4, _HEADER)
    for _ in range(_FRAMES_LIMIT):
        header = body[at : at + header_size]
        if len(header) < header_size or not header[0]:
            return
        size = _read_frame_size(header, version, body, at)
        content = body[at + header_size : at + header_size + size]
        at += header_size + size
        name = header[:name_size].decode("latin-1")
        if len(content) == size <= _FRAME_LIMIT and name in _READ:
            plain = content if version == 2 else _without_frame_coding(content, version, header[9])
            if plain is not None:
                yield name, plain


def _extended_header_size(body: bytes, version: int) -> int:
    return _read_synchsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def _read_frame_size(header: bytes, version: int, body: bytes, at: int) -> int:
    """Return the size of a frame; iTunes wrote plain numbers into 2.4, where each byte has seven bits."""
    if version == 2:
        return int.from_bytes(header[3:6], "big")
    plain = int.from_bytes(header[4:8], "big")
    if version == 3:
        return plain
    size = _read_synchsafe(header[4:8])
    at += _HEADER
    return plain if _begins_frame(body, at + plain) and not _begins_frame(body, at + size) else size


def _begins_frame(body: bytes, at: int) -> bool:
    """Return whether a frame begins here, or padding, or the tag ends."""
    name = body[at : at + 4]
    return at == len(body) or not name.strip(b"\0") or (len(name) == 4 and name.isalnum())


def _without_frame_coding(content: bytes, version: int, flags: int) -> bytes | None:
    """Return what is in a frame; None where it is encrypted or cannot be decompressed (ID3v2.4.0 structure, 4.1.2)."""
    if version == 3:
        skipped = (4 if flags & _OLD_COMPRESSED else 0) + (1 if flags & _OLD_GROUPED else 0)
        is_compressed, is_encrypted = bool(flags & _OLD_COMPRESSED), bool(flags & _OLD_ENCRYPTED)
    else:
        skipped = (1 if flags & 0x40 else 0) + (4 if flags & _HAS_LENGTH else 0)
        is_compressed, is_encrypted = bool(flags & _COMPRESSED), bool(flags & _ENCRYPTED)
    if is_encrypted:
        return None
    content = content[skipped:]
    if version == 4 and flags & _FRAME_UNSYNCHRONISED:
        content = content.replace(b"\xff\x00", b"\xff")
    if not is_compressed:
        return content
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(content, _FRAME_LIMIT)
    return None


def _split_values(encoding: int, data: bytes) -> list[str]:
    values = (decode_references(_decode(encoding, part)).strip() for part in _split_at_zeros(encoding, data))
    return [value for value in values if value]


def _split_at_zeros(encoding: int, data: bytes) -> list[bytes]:
    if encoding not in {1, 2}:
        return data.split(b"\0")
    parts, start = [], 0
    for at in range(0, len(data) - 1, 2):
        if data[at : at + 2] == b"\0\0":
            parts.append(data[start:at])
            start = at + 2
    return [*parts, data[start:]]


def _decode(encoding: int, data: bytes) -> str:
    """Return a text by the number of its encoding; what says Latin 1 is often in that of the writer's system."""
    if encoding == 1:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-16-le", "replace")
    if encoding == 2:
        return data.decode("utf-16-be", "replace")
    if encoding == 0:
        return repair_text(data.decode("latin-1"))
    decoded = decode_text(data)
    return decoded.text if decoded is not None else data.decode("utf-8", "replace")


def _read_timed_lyrics(content: bytes) -> str | None:
    """Return lyrics in the form of LRC; None where their times are not milliseconds (ID3v2.4.0 frames, 4.9)."""
    if len(content) < 6 or content[4] != _MILLISECONDS or content[5] not in _SUNG:
        return None
    encoding, data = content[0], content[6:]
    width = 2 if encoding in {1, 2} else 1
    pieces: list[tuple[int, str]] = []
    at = _find_end(data, 0, width) + width  # the description
    while len(pieces) < _LINES_LIMIT:
        end = _find_end(data, at, width)
        stamp = data[end + width : end + width + 4]
        if len(stamp) < 4:
            break
        pieces.append((int.from_bytes(stamp, "big"), _decode(encoding, data[at:end])))
        at = end + width + 4
    lines = _join_syllables(pieces)
    return "\n".join(f"[{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}]{text}" for ms, text in lines) or None


def _find_end(data: bytes, start: int, width: int) -> int:
    """Return where the text that begins at `start` ends, or the end of the data."""
    at = data.find(b"\0" * width, start)
    while width == 2 and at >= 0 and (at - start) % 2:
        at = data.find(b"\0\0", at + 1)
    return at if at >= 0 else len(data)


def _join_syllables(pieces: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines of lyrics: where any piece begins or ends with a line feed, others are parts of a line."""
    are_parts = any(text.startswith("\n") for _, text in pieces[1:]) or any(
        text.endswith("\n") for _, text in pieces[:-1]
    )
    lines: list[tuple[int, str]] = []
    is_new = True
    for start, text in pieces:
        if is_new or text.startswith("\n") or not are_parts:
            lines.append((start, text))
        else:
            lines[-1] = (lines[-1][0], lines[-1][1] + text)
        is_new = text.endswith("\n")
    return [(start, " ".join(text.split())) for start, text in lines if text.strip()]


def _read_synchsafe(data: bytes) -> int:
    number = 0
    for byte in data:
        number = number << 7 | (byte & 0x7F)
    return number
