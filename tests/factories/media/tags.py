"""Tags of recordings, and recordings in DSD, that tests write byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def synchsafe(number: int) -> bytes:
    """A number of 28 bits, seven in each byte."""
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


def id3_frame(name: str, content: bytes, version: int = 4) -> bytes:
    """A frame of ID3v2.3 or 2.4 without flags."""
    size = synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
    return name.encode() + size + bytes(2) + content


def id3_tag(*frames: bytes, version: int = 4) -> bytes:
    """A tag of ID3v2.3 or 2.4."""
    body = b"".join(frames)
    return b"ID3" + bytes((version, 0, 0)) + synchsafe(len(body)) + body


def id3_texts(*values: str, encoding: int = 3) -> bytes:
    """What is in a frame of text with several values."""
    codec, zero = {1: ("utf-16", b"\0\0"), 3: ("utf-8", b"\0")}[encoding]
    return bytes((encoding,)) + zero.join(value.encode(codec) for value in values)


def timed_lyrics(lines: Sequence[tuple[int, str]], *, time_format: int = 2, content: int = 1) -> bytes:
    """What is in a frame of lyrics with times in milliseconds."""
    words = b"".join(text.encode("utf-16") + bytes(2) + struct.pack(">I", at) for at, text in lines)
    return b"\1chi" + bytes((time_format, content)) + "歌".encode("utf-16") + bytes(2) + words


def ape_tag(*items: tuple[str, str]) -> bytes:
    """An APE tag with a header and a footer; a value may have zeros in it."""
    pairs = [(name.encode(), value.encode()) for name, value in items]
    body = b"".join(struct.pack("<II", len(value), 0) + name + b"\0" + value for name, value in pairs)
    header, footer = (
        b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, len(items), flags) + bytes(8)
        for flags in (0xA000_0000, 0x8000_0000)
    )
    return header + body + footer


def dsf(tag: bytes, seconds: int = 1) -> bytes:
    """Silence in DSD, mono, in the file of Sony."""
    samples = 2_822_400 // 8 * seconds // 4096 * 4096
    form = b"fmt " + struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, 2_822_400, 1, samples * 8, 4096, 0)
    data = b"data" + struct.pack("<Q", 12 + samples) + b"\x69" * samples
    size = 28 + len(form) + len(data)
    return b"DSD " + struct.pack("<QQQ", 28, size + len(tag), size) + form + data + tag


def dsdiff(tag: bytes, seconds: int = 1) -> bytes:
    """Silence in DSD, mono, in the file of Philips."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack(">Q", len(content)) + content + bytes(len(content) % 2)

    rate = chunk(b"FS  ", struct.pack(">I", 2_822_400))
    channels = chunk(b"CHNL", struct.pack(">H", 1) + b"C000")
    compression = chunk(b"CMPR", b"DSD \x0enot compressed\0")
    properties = chunk(b"PROP", b"SND " + rate + channels + compression)
    samples = chunk(b"DSD ", b"\x69" * (2_822_400 // 8 * seconds))
    return chunk(b"FRM8", b"DSD " + chunk(b"FVER", b"\1\5\0\0") + properties + samples + chunk(b"ID3 ", tag))
