"""Packs as different systems write them: names in any code page, flags that are wrong, a RAR without a compressor."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

UTF8_NAME = 0x800
ENCRYPTED = 1


def zip_of(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """A ZIP with these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2001, 5, 1, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


def raw_zip(
    path: Path, members: Mapping[bytes, bytes], *, flags: int = 0, extra: bytes = b"", attributes: int = 0
) -> Path:
    """A ZIP written byte by byte, with names as they are, and these flags and Unix attributes on every member."""
    body, directory = b"", b""
    for name, content in members.items():
        shared = struct.pack(
            "<HHHHHIIIHH", 20, flags, 0, 0x4000, 0x2AA1, zlib.crc32(content), len(content), len(content), len(name),
            len(extra),
        )  # fmt: skip
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, attributes, len(body)) + name + extra
        body += b"PK\x03\x04" + shared + name + extra + content
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def unicode_path(name: str, raw: bytes) -> bytes:
    """The extra field that says a name once more in UTF-8 (APPNOTE 4.6.9)."""
    body = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def zip_of_method(path: Path, members: Mapping[str, tuple[int, bytes, bytes]]) -> Path:
    """A ZIP with members that are packed already: of each the method, the packed bytes, and what they hold."""
    body, directory = b"", b""
    for name, (method, packed, content) in members.items():
        raw = name.encode("gbk")
        shared = struct.pack(
            "<HHHHHIIIHH", 45, 0, method, 0x4000, 0x2AA1, zlib.crc32(content), len(packed), len(content), len(raw), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 45) + shared + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\x03\x04" + shared + raw + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def deflate64_run(letter: str, length: int) -> bytes:
    """A letter and so many more of it, packed as Deflate64 does and Deflate cannot: by one length of 16 bits."""
    bits = [1, 1, 0]  # the last block, with fixed codes; numbers come lowest bit first, codes highest bit first
    bits += [0x30 + ord(letter) >> at & 1 for at in reversed(range(8))]
    bits += [0b11000101 >> at & 1 for at in reversed(range(8))]  # the code of length 285
    bits += [length - 3 >> at & 1 for at in range(16)]
    bits += [0] * 12  # the code of distance 1, and of the end
    bits += [0] * (-len(bits) % 8)
    return bytes(sum(bits[at + bit] << bit for bit in range(8)) for at in range(0, len(bits), 8))


def rar_volumes_of(folder: Path, name: str, content: bytes, names: Sequence[str]) -> list[Path]:
    """The volumes of a RAR (version 4) with one stored member, whose bytes go on from each volume to the next."""
    size = -(-len(content) // len(names))
    raw = name.encode("ascii")
    volumes = []
    for number, volume in enumerate(names):
        part = content[number * size : (number + 1) * size]
        is_last = number == len(names) - 1
        split = (0x01 if number else 0) | (0 if is_last else 0x02)
        crc = zlib.crc32(content if is_last else part)
        header = struct.pack("<IIBIIBBHI", len(part), len(content), 3, crc, 0x2AA14000, 20, 0x30, len(raw), 0o100644)
        first = 0x0100 if number == 0 else 0
        blocks = b"Rar!\x1a\x07\x00" + _block(0x73, 0x11 | first, bytes(6))
        blocks += _block(0x74, 0x8000 | split, header + raw) + part
        (folder / volume).write_bytes(blocks + _block(0x7B, 0x4000 | (0 if is_last else 0x01), b""))
        volumes.append(folder / volume)
    return volumes


def rar_of(path: Path, members: Mapping[str, bytes], *, encrypted: bool = False) -> Path:
    """A RAR (version 4) whose members are stored without compression."""
    blocks = b"Rar!\x1a\x07\x00" + _block(0x73, 0, bytes(6))
    for name, content in members.items():
        raw = name.encode("ascii")
        header = struct.pack(
            "<IIBIIBBHI", len(content), len(content), 3, zlib.crc32(content), 0x2AA14000, 20, 0x30, len(raw), 0o100644
        )
        blocks += _block(0x74, 0x8000 | (4 if encrypted else 0), header + raw) + content
    path.write_bytes(blocks + _block(0x7B, 0x4000, b""))
    return path


def _block(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


def rar5_volumes_of(folder: Path, name: str, content: bytes, names: Sequence[str]) -> list[Path]:
    """The volumes of a RAR (version 5) with one stored member, whose bytes go on from each volume to the next."""
    size = -(-len(content) // len(names))
    raw = name.encode()
    volumes = []
    for number, volume in enumerate(names):
        part = content[number * size : (number + 1) * size]
        is_last = number == len(names) - 1
        main = _block5(1, 0, 0x03 if number else 0x01, *([number] if number else []))
        split = 0x02 | (0x08 if number else 0) | (0 if is_last else 0x10)
        crc = struct.pack("<I", zlib.crc32(content if is_last else part))
        head = _block5(2, split, len(part), 0x04, len(content), 0o100644, crc, 0, 1, len(raw), raw)
        end = _block5(5, 0, 0 if is_last else 1)
        (folder / volume).write_bytes(b"Rar!\x1a\x07\x01\x00" + main + head + part + end)
        volumes.append(folder / volume)
    return volumes


def _block5(*fields: int | bytes) -> bytes:
    body = b"".join(field if isinstance(field, bytes) else _number5(field) for field in fields)
    sized = _number5(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _number5(value: int) -> bytes:
    """A number of seven bits a byte, the lowest first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
