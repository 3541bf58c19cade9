"""Location in XMP packets (ISO 16684-1): coordinates go, the names of places that a cataloguer wrote stay.

Only what names a coordinate is overwritten with spaces. If the packet cannot be read afterwards, or still names one,
all of it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ingest_tools.formats.photos.location_metadata.edits import Blank, Finding, PictureBytes, Region

SPACE = 0x20
_MOST_PACKET, _MOST_PACKETS, _MOST_NAMES, _MOST_ELEMENT = 32 << 20, 1000, 500, 4000
_WORDS = rb"(?:[Gg][Pp][Ss]|ltitude|atitude|ongt?itude|ISO6709|[Cc]oordinate|[Gg]eo(?:[Ll]oc|[Tt]ag|[Pp]o))"
NAMES = re.compile(_WORDS)
_NAME = rb"(?:[A-Za-z_][\w.\-]{0,63}:)?[\w.\-]{0,64}?" + _WORDS + rb"[\w.\-]{0,64}"
_ATTRIBUTE = re.compile(rb"\s" + _NAME + rb"\s{0,99}=\s{0,99}(?:\"[^\"<]*\"|'[^'<]*')")
_EMPTY_ELEMENT = re.compile(rb"<" + _NAME + rb"(?:\s[^<>]*)?/>")
_ELEMENT = re.compile(rb"<(" + _NAME + rb")(?:\s[^<>]*)?>.{0,%d}?</\1\s*>" % _MOST_ELEMENT, re.DOTALL)
# vocabularies of places whose names are too short to go by: W3C geo, GeoRSS, GML, KML
_VOCABULARIES = (b"geo/wgs84_pos", b"georss", b"opengis.net", b"earth.google.com/kml")
_WIDE = {"utf-16-le": b"x\0m\0p\0m\0e\0t\0a\0", "utf-16-be": b"\0x\0m\0p\0m\0e\0t\0a"}


@dataclass(frozen=True)
class Packet:
    """An XMP packet from its first element to the end of its last."""

    start: int
    stop: int


def scan(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """Yield the coordinates in every packet of a region."""
    for packet in find_packets(picture, region):
        for start, stop in find_coordinates(picture.read(packet.start, packet.stop)):
            yield Blank(packet.start + start, packet.start + stop, SPACE)
    yield from _scan_wide(picture, region)


def find_packets(picture: PictureBytes, region: Region) -> Iterator[Packet]:
    """Yield every packet of a region in UTF-8; one that has no end goes to the end of the region."""
    behind = region.start
    for _ in range(_MOST_PACKETS):
        positions = [at for word in (b"xmpmeta", b":RDF") if (at := picture.find(word, behind, region.stop)) >= 0]
        if not positions:
            return
        name_at = min(positions)
        start = picture.rfind(b"<", max(behind, name_at - 64), name_at)
        if start < 0:
            behind = name_at + 4
            continue
        name = picture.read(start + 1, name_at) + (
            b"xmpmeta" if picture.read(name_at, name_at + 7) == b"xmpmeta" else b":RDF"
        )
        closing = picture.find(b"</" + name, name_at, min(region.stop, name_at + _MOST_PACKET))
        end = picture.find(b">", closing, region.stop) if closing >= 0 else -1
        behind = end + 1 if end >= 0 else min(region.stop, name_at + _MOST_PACKET)
        yield Packet(start, behind)


def find_coordinates(packet: bytes) -> list[tuple[int, int]]:
    """Return the ranges of a packet to overwrite with spaces; all of it where they cannot be told apart."""
    if any(word in packet for word in _VOCABULARIES):
        return [(0, len(packet))]
    names = sum(1 for _ in zip(NAMES.finditer(packet), range(_MOST_NAMES), strict=False))
    if not names:
        return []
    if names >= _MOST_NAMES:
        return [(0, len(packet))]
    ranges: list[tuple[int, int]] = []
    plain = packet
    for pattern in (_ATTRIBUTE, _EMPTY_ELEMENT, _ELEMENT):
        spans = [match.span() for match in pattern.finditer(plain)]
        ranges += spans
        plain = _overwrite_spans(plain, spans)
    return ranges if _is_free(plain) else [(0, len(packet))]


def _overwrite_spans(packet: bytes, spans: list[tuple[int, int]]) -> bytes:
    edited = bytearray(packet)
    for start, stop in spans:
        edited[start:stop] = bytes([SPACE]) * (stop - start)
    return bytes(edited)


def _is_free(packet: bytes) -> bool:
    """Return whether a packet can be read and no element or attribute of it names a coordinate."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    for element in root.iter():
        if not isinstance(element.tag, str):
            return False  # a comment, an instruction, an entity: nothing that a camera writes
        if any(NAMES.search(str(name).rpartition("}")[2].encode()) for name in (element.tag, *element.attrib)):
            return False
    return True


def _scan_wide(picture: PictureBytes, region: Region) -> Iterator[Finding]:
    """Packets in UTF-16, which are blanked as a whole."""
    for encoding, name in _WIDE.items():
        start = picture.find(name, region.start, region.stop)
        if start < 0:
            continue
        last = picture.rfind(name, start, min(region.stop, start + _MOST_PACKET))
        text = picture.read(start, last).decode(encoding, "replace").encode()
        if NAMES.search(text) or any(word in text for word in _VOCABULARIES):
            yield Blank(start, last, SPACE)
