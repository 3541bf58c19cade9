"""Tags inside MP4 and Windows Media that tests write byte by byte, since ffmpeg writes one value of each."""

from __future__ import annotations

import struct
from pathlib import Path
from uuid import UUID

from tests.factories.recordings import recording

_CONTENT = UUID("75B22633-668E-11CF-A6D9-00AA0062CE6C")
_EXTENDED_CONTENT = UUID("D2D0A440-E307-11D2-97F0-00A0C95EA850")
_EXTENSION = UUID("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
_LIBRARY = UUID("44231C94-9498-49D1-A141-1D134E457054")


def atom(name: bytes, *contents: bytes) -> bytes:
    """A box of MP4."""
    content = b"".join(contents)
    return struct.pack(">I", len(content) + 8) + name + content


def mp4_item(name: str, *values: str, kind: int = 1) -> bytes:
    """An item of iTunes; a name of more than four characters is written into an item without one of its own."""
    data = [atom(b"data", struct.pack(">II", kind, 0), value.encode()) for value in values]
    if len(name) <= 4:
        return atom(name.encode("latin-1"), *data)
    return atom(b"----", atom(b"mean", bytes(4), b"com.apple.iTunes"), atom(b"name", bytes(4), name.encode()), *data)


def mp4_recording(path: Path, *items: bytes) -> Path:
    """A tone of six seconds whose tags are these items."""
    plain = recording(path.with_name("bare.m4a"), 6).read_bytes()
    start = plain.rindex(b"moov") - 4
    movie = plain[start:]
    user = movie.index(b"udta") - 4
    behind = user + int.from_bytes(movie[user : user + 4], "big")
    handler = atom(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    tags = atom(b"udta", atom(b"meta", bytes(4), handler, atom(b"ilst", *items)))
    path.write_bytes(plain[:start] + atom(b"moov", movie[8:user], tags, movie[behind:]))
    return path


def _asf_text(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def _asf_object(kind: UUID, content: bytes) -> bytes:
    return kind.bytes_le + struct.pack("<Q", 24 + len(content)) + content


def _asf_attribute(name: str, value: str) -> bytes:
    names, values = _asf_text(name), _asf_text(value)
    return struct.pack("<H", len(names)) + names + struct.pack("<HH", 0, len(values)) + values


def _asf_library_attribute(name: str, value: str) -> bytes:
    names, values = _asf_text(name), _asf_text(value)
    return struct.pack("<HHHHI", 0, 0, len(names), 0, len(values)) + names + values


def wma_recording(path: Path, author: str, *attributes: tuple[str, str], library: tuple[tuple[str, str], ...]) -> Path:
    """A tone of six seconds whose tags are an author, attributes and others in the library of the header extension."""
    plain = recording(path.with_name("bare.wma"), 6).read_bytes()
    (size,) = struct.unpack_from("<Q", plain, 16)
    texts = [_asf_text(text) for text in ("", author, "", "", "")]
    objects = [_asf_object(_CONTENT, struct.pack("<5H", *map(len, texts)) + b"".join(texts))]
    pairs = b"".join(_asf_attribute(*pair) for pair in attributes)
    objects.append(_asf_object(_EXTENDED_CONTENT, struct.pack("<H", len(attributes)) + pairs))
    pairs = b"".join(_asf_library_attribute(*pair) for pair in library)
    inner = _asf_object(_LIBRARY, struct.pack("<H", len(library)) + pairs)
    objects.append(_asf_object(_EXTENSION, bytes(16) + struct.pack("<HI", 6, len(inner)) + inner))
    at = 30
    while at < size:
        length = struct.unpack_from("<Q", plain, at + 16)[0]
        if UUID(bytes_le=plain[at : at + 16]) not in {_CONTENT, _EXTENDED_CONTENT, _EXTENSION}:
            objects.append(plain[at : at + length])
        at += length
    header = b"".join(objects)
    head = plain[:16] + struct.pack("<QI", 30 + len(header), len(objects)) + plain[28:30]
    path.write_bytes(head + header + plain[size:])
    return path
