"""PNG (W3C, third edition): `eXIf`, text chunks, compressed or not, chunks of unknown purpose, and what follows.

ImageMagick and others keep Exif, XMP and IPTC as hexadecimal text in `Raw profile type …`; every text chunk that tells
a place becomes a comment of spaces.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest_tools.formats.photos.location_metadata import xmp
from ingest_tools.formats.photos.location_metadata.edits import (
    Blank,
    Cut,
    Doubt,
    Finding,
    PictureBytes,
    Region,
    Replacement,
)
from ingest_tools.formats.photos.location_metadata.text import LOCATION_NAME

_SIGNATURE = 8
_PIXELS = frozenset({b"IDAT", b"fdAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT tIME acTL fcTL "
    b"fdAT oFFs pCAL sCAL sTER gIFg gIFt gIFx iDOT eXIf".split()
)
_MOST_CHUNKS, _MOST_TEXT = 1_000_000, 16 << 20
_HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]\s{0,4}){64,}")
# as ImageMagick writes it and exiftool reads it: a name, the number of bytes, then hexadecimal digits
_RAW_PROFILE = re.compile(rb"\s{0,8}[^\r\n]{0,80}[\r\n]\s{0,16}(\d{1,9})\s")
_DIGITS = re.compile(rb"[0-9A-Fa-f]*")


@dataclass(frozen=True)
class Chunk:
    """A chunk: its length stands at `at`, its data between `start` and `stop`, then its checksum."""

    kind: bytes
    at: int
    start: int
    stop: int


def find_regions(picture: PictureBytes) -> Iterator[Region]:
    """Everything but the compressed pixels."""
    behind = _SIGNATURE
    for chunk in read_chunks(picture):
        if chunk.kind not in _PIXELS:
            tiff = chunk.start + 6 if picture.read(chunk.start, chunk.start + 4) == b"Exif" else chunk.start
            yield Region(chunk.start, chunk.stop, tiff if chunk.kind == b"eXIf" else None)
        behind = min(picture.end, chunk.stop + 4)
    yield Region(behind, picture.end)


def scan(picture: PictureBytes, has_location: Callable[[bytes], bool]) -> Iterator[Finding]:
    """Yield text and unknown chunks, and what follows; `has_location` looks into bytes of any kind."""
    behind, seen = picture.end, 0
    for chunk in read_chunks(picture):
        seen += 1
        behind = min(picture.end, chunk.stop + 4)
        if chunk.kind in _TEXTS:
            yield from _scan_text(picture, chunk, has_location)
        elif chunk.kind == b"iCCP":
            yield from _colour_profile(picture, chunk, has_location)
        elif chunk.kind not in _KEPT:
            is_location = LOCATION_NAME.search(picture.read(chunk.start, chunk.stop)) is not None
            yield Blank(chunk.start, chunk.stop, is_location=is_location)
    if seen >= _MOST_CHUNKS:
        yield Doubt("too many chunks")
    elif behind < picture.end:
        yield Cut(behind)


def mend_checksums(picture: PictureBytes) -> None:
    """Write the checksum of every chunk but those of pixels, which are never changed."""
    for chunk in read_chunks(picture):
        if chunk.kind not in _PIXELS:
            picture.write(chunk.stop, zlib.crc32(picture.read(chunk.at + 4, chunk.stop)).to_bytes(4, "big"))


def read_chunks(picture: PictureBytes) -> Iterator[Chunk]:
    """Yield the chunks up to the end of the picture or of the file."""
    at = _SIGNATURE
    for _ in range(_MOST_CHUNKS):
        length, kind = picture.read_number(at, 4, ">"), picture.read(at + 4, at + 8)
        if length is None or len(kind) < 4:
            return
        yield Chunk(kind, at, at + 8, min(picture.end, at + 8 + length))
        at += 12 + length
        if kind == b"IEND":
            return


def _scan_text(picture: PictureBytes, chunk: Chunk, has_location: Callable[[bytes], bool]) -> Iterator[Finding]:
    data = picture.read(chunk.start, chunk.stop)
    keyword, _, rest = data.partition(b"\0")
    text = _decompress_text(chunk.kind, rest)
    if text is not None and keyword == b"XML:com.adobe.xmp" and text in data:
        return  # read and blanked where it stands, as in every other format
    if text is not None and not xmp.NAMES.search(keyword) and not _text_has_location(keyword, text, has_location):
        return
    yield _make_comment(chunk, is_location=True)


def _colour_profile(picture: PictureBytes, chunk: Chunk, has_location: Callable[[bytes], bool]) -> Iterator[Finding]:
    profile = _decompress_text(b"zTXt", picture.read(chunk.start, chunk.stop).partition(b"\0")[2])
    if profile is None or has_location(profile):
        yield _make_comment(chunk, is_location=profile is not None)


def _make_comment(chunk: Chunk, *, is_location: bool) -> Replacement:
    """Return a comment of spaces in the place of a chunk."""
    length = chunk.stop - chunk.start
    new = (b"Comment\0" if length > 8 else b"C\0").ljust(length)[:length]
    return Replacement(chunk.at + 4, b"tEXt" + new, is_location)


def _text_has_location(keyword: bytes, text: bytes, has_location: Callable[[bytes], bool]) -> bool:
    if b"profile" in keyword.lower():
        profile = _raw_profile(text)
        return profile is None or has_location(profile)
    return has_location(keyword + b": " + text) or any(map(has_location, _decode_hexadecimal(text)))


def _decode_hexadecimal(text: bytes) -> Iterator[bytes]:
    """Yield the bytes of long hexadecimal digits, with and without the first, which may belong to what stands
    before.
    """
    for match in _HEXADECIMAL.finditer(text):
        digits = b"".join(match[0].split())
        for first in (0, 1):
            yield bytes.fromhex(digits[first : first + (len(digits) - first) // 2 * 2].decode())


def _raw_profile(text: bytes) -> bytes | None:
    """Return the bytes of a `Raw profile type …`; None where it is not exactly as specified, so that readers may
    differ.
    """
    match = _RAW_PROFILE.match(text)
    if match is None:
        return None
    digits = b"".join(text[match.end() :].removesuffix(b"\0").split())
    is_whole = len(digits) == 2 * int(match[1]) and _DIGITS.fullmatch(digits) is not None
    return bytes.fromhex(digits.decode()) if is_whole else None


def _decompress_text(kind: bytes, rest: bytes) -> bytes | None:
    """Return the text of a chunk; None where it cannot be read or is too long."""
    if kind == b"tEXt":
        return rest
    compressed = True
    if kind == b"iTXt":
        compressed = rest[:1] == b"\1"
        rest = rest[1:2] + b"\0".join(rest[2:].split(b"\0", 2)[2:])
    if not compressed:
        return rest[1:]
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(rest[1:], _MOST_TEXT)
    except zlib.error:
        return None
    return text if unpacking.eof else None
