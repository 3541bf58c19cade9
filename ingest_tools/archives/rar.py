"""What the headers of a RAR say before it is unpacked: libarchive passes over a password, and over missing volumes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ingest_tools.archives.zip_names import MEMBERS_LIMIT, too_many_members
from ingest_tools.rejections import RejectedError

_OLD, _NEW = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_LOOKED_AT = 100  # blocks: the main header, comments, and the first files
_BLOCKS = 3 * MEMBERS_LIMIT  # that are counted: a file may be followed by service blocks
_MAIN, _FILE = 0x73, 0x74
_VOLUME, _LOCKED_HEADERS, _LOCKED_FILE, _LARGE, _HAS_DATA = 0x01, 0x80, 0x04, 0x100, 0x8000
_SIZE_AT, _HIGH_SIZE_AT, _HEAD = 7, 32, 36  # where a header has the size of what follows; as much as is read of it
_NEW_MAIN, _NEW_FILE, _NEW_LOCK, _NEW_END, _LOCK_RECORD = 1, 2, 4, 5, 1
_END, _NEXT = 0x7B, 0x01
_TAIL, _SHORTEST_END = 64, 7  # bytes
_NEW_EXTRA, _NEW_DATA = 0x01, 0x02


def check(path: Path, *, joined: bool = False) -> None:
    """Raise `RejectedError` for a RAR with a password, with too many files, or one of several volumes.

    Volumes that were `joined` are one archive.
    """
    with path.open("rb") as file:
        start = file.read(len(_NEW))
        if start.startswith(_OLD):
            file.seek(len(_OLD))
            _refuse_too_many(_check_old(file, joined))
        elif start == _NEW:
            _refuse_too_many(_check_new(file, joined))


def goes_on(file: BinaryIO) -> bool:
    """Return whether a volume says at its end that another one follows."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL))
    tail = file.read(_TAIL)
    return any(_ends_with_next(tail[start:]) for start in range(max(0, len(tail) - _SHORTEST_END + 1)))


def _ends_with_next(data: bytes) -> bool:
    """Return whether there is a block for the end of an archive, in either version, that another volume follows."""
    crc, kind, flags, size = struct.unpack_from("<HBHH", data)
    if kind == _END and _SHORTEST_END <= size <= len(data) and zlib.crc32(data[2:size]) & 0xFFFF == crc:
        return bool(flags & _NEXT)
    whole = data[4 : 5 + data[4]]  # the size, which is one byte for so short a block, and what it counts
    if len(whole) != 1 + data[4] or zlib.crc32(whole) != struct.unpack_from("<I", data)[0]:
        return False
    fields = _Fields(whole[1:])
    kind, header_flags = fields.read_number(), fields.read_number()
    if header_flags & _NEW_EXTRA:
        fields.read_number()
    return kind == _NEW_END and bool(fields.read_number() & _NEXT)


def _refuse_too_many(files: Iterator[None]) -> None:
    if sum(1 for _ in islice(files, MEMBERS_LIMIT + 1)) > MEMBERS_LIMIT:
        raise too_many_members()


def _check_old(file: BinaryIO, joined: bool) -> Iterator[None]:
    """Version 4 and before: blocks of CRC, type, flags and size; the size of what follows a file's header is in it.

    Gives one item for each file.
    """
    for number in range(_BLOCKS):
        head = file.read(_HEAD)
        if len(head) < 7:
            return
        kind, flags, size = struct.unpack_from("<BHH", head, 2)
        if size < 7:  # damaged
            return
        if kind == _MAIN and flags & _VOLUME and not joined:
            raise RejectedError("archive_volumes", "RAR")
        is_locked = (kind == _MAIN and flags & _LOCKED_HEADERS) or (kind == _FILE and flags & _LOCKED_FILE)
        if is_locked and number < _LOOKED_AT:
            raise RejectedError("encrypted")
        if kind == _FILE:
            yield
        has_data = kind == _FILE or flags & _HAS_DATA
        data = struct.unpack_from("<I", head.ljust(_HEAD, b"\0"), _SIZE_AT)[0] if has_data else 0
        if kind == _FILE and flags & _LARGE:
            data += struct.unpack_from("<I", head.ljust(_HEAD, b"\0"), _HIGH_SIZE_AT)[0] << 32
        file.seek(size - len(head) + data, 1)


def _check_new(file: BinaryIO, joined: bool) -> Iterator[None]:
    """Version 5: numbers of seven bits a byte; a file that is encrypted has a record of that in its extra area.

    Gives one item for each file.
    """
    for number in range(_BLOCKS):
        if len(file.read(4)) < 4:  # the CRC
            return
        size = _read_number(file)
        header = file.read(size)
        fields = _Fields(header)
        kind, flags = fields.read_number(), fields.read_number()
        extra = fields.read_number() if flags & _NEW_EXTRA else 0
        data = fields.read_number() if flags & _NEW_DATA else 0
        if kind == _NEW_MAIN and fields.read_number() & _VOLUME and not joined:
            raise RejectedError("archive_volumes", "RAR")
        is_locked = kind == _NEW_LOCK or (kind == _NEW_FILE and _has_lock(header[size - extra :] if extra else b""))
        if is_locked and number < _LOOKED_AT:
            raise RejectedError("encrypted")
        if kind == _NEW_FILE:
            yield
        file.seek(data, 1)
        if kind == _NEW_END and not (joined and file.read(len(_NEW)) == _NEW):
            return


def _has_lock(extra: bytes) -> bool:
    fields = _Fields(extra)
    while fields.at < len(extra):
        size = fields.read_number()
        after = fields.at + size
        if fields.read_number() == _LOCK_RECORD:
            return True
        fields.at = after
    return False


class _Fields:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def read_number(self) -> int:
        """Return the next number; zero behind the end."""
        value = shift = 0
        while self.at < len(self.data) and shift < 64:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        return value


def _read_number(file: BinaryIO) -> int:
    data = file.read(3)  # a header has at most two megabytes
    fields = _Fields(data)
    value = fields.read_number()
    file.seek(fields.at - len(data), 1)
    return value
