"""Members of a ZIP whose compression `zipfile` does not know (APPNOTE 4.4.5): read by the program that does.

The member is copied, packed as it is, into a ZIP of its own, so that no program has to find it by its name.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from ingest_tools.rejections import RejectedError
from library_server.processes.converters import find_program, open_converter
from library_server.processes.limits import ResourceLimits

SECONDS: Final = 3600
LIMITS: Final = ResourceLimits(memory_bytes=2 << 30, output_bytes=1 << 20)
_KNOWN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_NAMES: Final = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 97: "WavPack", 98: "PPMd"}
_DEFLATE64: Final = 9
_UNZIP: Final = ("unzip", "-p")
_BSDTAR: Final = ("bsdtar", "-x", "-O", "-f")
_UNSUPPORTED: Final = ("unsupported", "need pk compat", "unknown compression")
_LOCAL_HEADER, _CHUNK = 30, 1 << 20
_NAME: Final = b"member"
_ZIP64, _VERSION, _LARGE = 0x0001, 45, 0xFFFFFFFF  # the sizes stand in an extra field (APPNOTE 4.5.3)


def is_known(member: zipfile.ZipInfo) -> bool:
    """Return whether `zipfile` reads a member."""
    return member.compress_type in _KNOWN


def method_name(member: zipfile.ZipInfo) -> str:
    """Return what a compression is called, and the program that reads it."""
    name = _NAMES.get(member.compress_type, str(member.compress_type))
    return f"{name}: {_build_command(member)[0]}" if member.compress_type in _NAMES else name


def has_program(member: zipfile.ZipInfo) -> bool:
    """Return whether the program that reads a member is installed."""
    return member.compress_type in _NAMES and find_program(_build_command(member)[0]) is not None


@contextmanager
def open_member(path: Path, member: zipfile.ZipInfo, folder: Path) -> Iterator[IO[bytes]]:
    """The content of a member of the ZIP at `path`; its copy is in `folder` meanwhile.

    Raises `OSError` where it is damaged, and `RejectedError` (`archive_method`) where the program does not know it.
    """
    with tempfile.TemporaryDirectory(dir=folder) as home:
        copy = Path(home) / "member.zip"
        _copy_packed(path, member, copy)
        name, *options = _build_command(member)
        command = [find_program(name) or name, *options, str(copy)]
        with open_converter(command, SECONDS, LIMITS, Path(home)) as converter:
            yield converter.stdout
            converter.finish()
        if converter.status:
            _raise_failure(member, converter.message)


def _build_command(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return _UNZIP if member.compress_type == _DEFLATE64 else _BSDTAR


def _raise_failure(member: zipfile.ZipInfo, message: str) -> None:
    if any(words in message.lower() for words in _UNSUPPORTED):
        raise RejectedError("archive_method", method_name(member))
    raise OSError(message.strip().split("\n")[0][-200:])


def _copy_packed(path: Path, member: zipfile.ZipInfo, target: Path) -> None:
    """Write a ZIP with the packed bytes of a member alone."""
    extra = struct.pack("<HHQQ", _ZIP64, 16, member.file_size, member.compress_size)
    shared = struct.pack(
        "<HHHHHIIIHH", _VERSION, 0, member.compress_type, 0, 0x21, member.CRC, _LARGE, _LARGE, len(_NAME), len(extra)
    )
    with path.open("rb") as source, target.open("wb") as copy:
        source.seek(member.header_offset)
        header = source.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
            raise OSError("no local header")
        source.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
        copy.write(b"PK\x03\x04" + shared + _NAME + extra)
        _copy_bytes(source, copy, member.compress_size)
        start = copy.tell()
        copy.write(b"PK\x01\x02" + struct.pack("<H", _VERSION) + shared + bytes(14) + _NAME + extra)
        size = copy.tell() - start
        end = copy.tell()
        copy.write(b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, _VERSION, _VERSION, 0, 0, 1, 1, size, start))
        copy.write(b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1))
        copy.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, size, min(start, _LARGE), 0))


def _copy_bytes(source: IO[bytes], copy: IO[bytes], left: int) -> None:
    while left:
        piece = source.read(min(left, _CHUNK))
        if not piece:
            raise OSError("the archive ends early")
        copy.write(piece)
        left -= len(piece)
