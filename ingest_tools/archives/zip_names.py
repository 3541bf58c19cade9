"""Names of members of zip archives, whose code page is nowhere written, or is written wrongly.

Bit 11 of a member says that its name is UTF-8 (APPNOTE 4.4.4). Programs set it on names in GBK and leave it off names
in UTF-8; some write the name once more in UTF-8 (APPNOTE 4.6.9).
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import decode_text

MEMBERS_LIMIT = 50_000
_UTF8_NAME = 0x800
_DIRECTORY, _DIRECTORY_ENTRY = b"PK\x01\x02", 46
_LOCAL, _LOCAL_HEADER = b"PK\x03\x04", 30
_UNICODE_PATH = 0x7075
_KANA = range(0x3041, 0x30FF)
_LEAST_KANA = 0.3  # of all characters that are not ASCII


class LenientFile(io.FileIO):
    """A zip archive, in which bit 11 is off where a name is not UTF-8: `zipfile` would refuse it.

    Reading the directory of one with more than `MEMBERS_LIMIT` members raises `RejectedError`, before any is unpacked.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")

    def read(self, size: int | None = -1, /) -> bytes:
        """As any file; `zipfile` reads the directory at once, and the header of a member without its name."""
        data = super().read(-1 if size is None else size) or b""
        if data.startswith(_DIRECTORY) and len(data) > _DIRECTORY_ENTRY:
            return _without_false_marks(data)
        if data.startswith(_LOCAL) and len(data) == _LOCAL_HEADER:
            flags, length = struct.unpack_from("<H", data, 6)[0], struct.unpack_from("<H", data, 26)[0]
            if flags & _UTF8_NAME and not _is_utf8(os.pread(self.fileno(), length, self.tell())):
                return data[:6] + struct.pack("<H", flags & ~_UTF8_NAME) + data[8:]
        return data


def too_many_members() -> RejectedError:
    """Return the refusal of an archive with more members than are unpacked."""
    return RejectedError("too_large", f"more than {MEMBERS_LIMIT} members")


def _without_false_marks(data: bytes) -> bytes:
    mended = bytearray(data)
    at = count = 0
    while data.startswith(_DIRECTORY, at) and at + _DIRECTORY_ENTRY <= len(data):
        count += 1
        if count > MEMBERS_LIMIT:
            raise too_many_members()
        flags = struct.unpack_from("<H", data, at + 8)[0]
        lengths = struct.unpack_from("<HHH", data, at + 28)
        name = data[at + _DIRECTORY_ENTRY : at + _DIRECTORY_ENTRY + lengths[0]]
        if flags & _UTF8_NAME and not _is_utf8(name):
            struct.pack_into("<H", mended, at + 8, flags & ~_UTF8_NAME)
        at += _DIRECTORY_ENTRY + sum(lengths)
    return bytes(mended)


def raw_name(member: zipfile.ZipInfo) -> bytes:
    """Return the name as bytes: that in UTF-8, where the member has one, or as it was written."""
    name = member.orig_filename
    if member.flag_bits & _UTF8_NAME:
        return name.encode("utf-8", "surrogateescape")
    raw = name.encode("cp437", "replace")
    return _unicode_path(member.extra, raw) or raw


def decode_names(names: list[bytes]) -> list[str]:
    """Return the names of one archive, which was written on one system: in one encoding but for those in UTF-8."""
    others = b"\n".join(name for name in names if not _is_utf8(name))
    encoding = "utf-8"
    if others:
        decoded = decode_text(others)
        encoding = "cp932" if _is_japanese(others) else decoded.encoding if decoded else "gb18030"
    return [name.decode("utf-8") if _is_utf8(name) else name.decode(encoding, "replace") for name in names]


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_japanese(names: bytes) -> bool:
    """Return whether bytes read as Shift JIS with many kana; half-width kana do not count, since GBK reads as them."""
    try:
        text = names.decode("cp932")
    except UnicodeDecodeError:
        return False
    letters = [character for character in text if not character.isascii()]
    return sum(ord(character) in _KANA for character in letters) >= _LEAST_KANA * len(letters) > 0


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == _UNICODE_PATH and len(body) > 5 and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw):
            return body[5:]
        at += 4 + length
    return None
