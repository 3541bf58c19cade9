"""What the first page of an EPUB needs of its file, as one small answer instead of one request after the other.

A reader that gets none asks for ranges of the file, and for what is not in it as well. So what cannot be found with
little effort is left out, and the time and memory for a file that is made to take much of them are bounded.
"""

from __future__ import annotations

import gzip
import posixpath
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from itertools import islice, pairwise
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

WHOLE = 48 * 1024  # bytes up to which a file is given whole
LARGEST_DIRECTORY = 1024 * 1024
MOST_BYTES = 96 * 1024  # of members, not of the directory
LARGEST_TEXT = 2 * 1024 * 1024  # of a member that is looked into, unpacked
MOST_TAGS = 20_000
_SPARE = 64 * 1024  # beyond a member, which the local header may take; as `ebooks/archive.js` reads
_END, _MEMBER, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<26x2H")
_DEFLATED = 8
_PART = struct.Struct(">QL")

# the number keeps the time within bounds where a tag does not end
_ROOT_FILE, _ITEM, _REFERENCE, _LINK = (
    re.compile(rb"<(?:\w{1,40}:)?" + name + rb"\s[^<>]{0,4000}>")
    for name in (b"rootfile", b"item", b"itemref", b"link")
)
_ATTRIBUTE = re.compile(rb"\s(?:\w+:)?([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_NCX = b"application/x-dtbncx+xml"
_PACKAGE = b"application/oebps-package+xml"

Reader = Callable[[int, int], bytes]
"""Returns the bytes from a place to before another; raises `StorageError` or `OSError`."""


class _Member(NamedTuple):
    method: int
    packed: int
    offset: int
    limit: int  # before which all of it stands


def pack_opening(read: Reader, size: int) -> bytes | None:
    """Return the parts of an EPUB of `size` bytes that its first page needs, compressed by gzip; None where the
    directory cannot be read.

    Uncompressed: the size of the file as 8 bytes, and for each part its place as 8 bytes, its length as 4, both big
    endian, and its bytes. The parts are the directory, with all up to the end of the file, and as far as they are
    found and `MOST_BYTES` allow, the package, the contents, the first page and its style sheets.
    """
    if size <= WHOLE:
        parts = [(0, read(0, size))]
    else:
        archive = _Archive.open(read, size)
        if archive is None:
            return None
        archive.take_first_page()
        parts = archive.parts
    body = b"".join(_PART.pack(start, len(part)) + part for start, part in parts)
    return gzip.compress(struct.pack(">Q", size) + body, 6, mtime=0)


class _Archive:
    """A ZIP whose members are taken one by one; `parts` are the ranges that were read, each with its place."""

    def __init__(self, read: Reader, members: dict[bytes, _Member], directory: tuple[int, bytes]) -> None:
        self._read = read
        self._members = members
        self._taken: dict[bytes, bytes] = {}
        self._left = MOST_BYTES
        self.parts = [directory]

    @classmethod
    def open(cls, read: Reader, size: int) -> _Archive | None:
        tail_start = max(0, size - WHOLE)
        tail = read(tail_start, size)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or at + _END.size > len(tail):
            return None
        length, stated = _END.unpack_from(tail, at)[5:7]
        start = tail_start + at - length
        if not 0 < length <= LARGEST_DIRECTORY or start < 0 or stated > start:  # ZIP64 as well
            return None
        directory = tail[start - tail_start :] if start >= tail_start else read(start, tail_start) + tail
        return cls(read, _read_members(directory[:length], start - stated, start), (start, directory))

    def take_first_page(self) -> None:
        """Take what leads to the first page, and the page; stops where something is not found."""
        container = self._take(b"META-INF/container.xml")
        roots = [_attributes(match[0]) for match in islice(_ROOT_FILE.finditer(container), MOST_TAGS)]
        roots.sort(key=lambda root: root.get(b"media-type", b"").strip().lower() != _PACKAGE)
        package_names = (root.get(b"full-path", b"") for root in roots)
        package_name = next((name for name in package_names if name in self._members), b"")
        package = self._take(package_name)
        items = [_attributes(match[0]) for match in islice(_ITEM.finditer(package), MOST_TAGS)]
        contents = [item for item in items if b"nav" in item.get(b"properties", b"").split()]
        contents += [item for item in items if item.get(b"media-type") == _NCX]
        references = (_attributes(match[0]) for match in islice(_REFERENCE.finditer(package), MOST_TAGS))
        first = next((reference for reference in references if reference.get(b"linear") != b"no"), {})
        pages = [item for item in items if item.get(b"id") == first.get(b"idref")]
        for item in pages[:1]:
            name = _resolve(item.get(b"href", b""), package_name)
            page = self._take(name)
            for item in contents[:1]:
                self._take(_resolve(item.get(b"href", b""), package_name))
            for match in islice(_LINK.finditer(page), MOST_TAGS):
                self._take(_resolve(_attributes(match[0]).get(b"href", b""), name))

    def _take(self, name: bytes) -> bytes:
        """Return a member unpacked, and keep its part; empty where there is none or it is too large."""
        if name in self._taken or name not in self._members:
            return self._taken.get(name, b"")
        member = self._members[name]
        end = min(member.limit, member.offset + _LOCAL.size + member.packed + _SPARE)
        if not _LOCAL.size <= end - member.offset <= self._left:
            return b""
        part = self._read(member.offset, end)
        if len(part) < _LOCAL.size:
            return b""
        self._left -= len(part)
        self.parts.append((member.offset, part))
        self._taken[name] = _unpack(part, member)
        return self._taken[name]


def _read_members(directory: bytes, shift: int, start: int) -> dict[bytes, _Member]:
    found = list(_each_member(directory, shift))
    places = sorted({place for _, _, _, place in found} | {start})
    following = dict(pairwise(places))
    return {
        name: _Member(method, packed, place, following[place])
        for name, method, packed, place in found
        if 0 <= place < start
    }


def _each_member(directory: bytes, shift: int) -> Iterator[tuple[bytes, int, int, int]]:
    at = 0
    while at + _MEMBER.size <= len(directory) and directory.startswith(b"PK\x01\x02", at):
        fields = _MEMBER.unpack_from(directory, at)
        method, packed, place = fields[4], fields[8], fields[16]
        name_length, extra, comment = fields[10:13]
        name = directory[at + _MEMBER.size : at + _MEMBER.size + name_length]
        yield name, method, packed, place + shift
        at += _MEMBER.size + name_length + extra + comment


def _unpack(part: bytes, member: _Member) -> bytes:
    start = _LOCAL.size + sum(_LOCAL.unpack_from(part))
    packed = part[start : start + member.packed]
    if member.method != _DEFLATED:
        return packed
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, LARGEST_TEXT)
    except zlib.error:
        return b""


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    match = pattern.search(text)
    return match[0] if match else b""


def _attributes(tag: bytes) -> dict[bytes, bytes]:
    found = {name: value or other for name, value, other in _ATTRIBUTE.findall(tag)}
    return {name: unescape(value.decode("utf-8", "replace")).encode() for name, value in found.items()}


def _resolve(reference: bytes, base: bytes) -> bytes:
    path = unquote_to_bytes(reference.partition(b"#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else b""
