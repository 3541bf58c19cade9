"""Everything in a picture that tells where it was taken, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest_tools.formats.photos.location_metadata import boxes, jpeg, orphans, png, text, tiff, xmp
from ingest_tools.formats.photos.location_metadata.edits import Blank, Doubt, Finding, PictureBytes, Region

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_FINDINGS = 200_000


def find_location(picture: PictureBytes) -> list[Finding]:
    """Return what has to be changed so that a picture tells no place; what is not a location itself goes only with
    one.
    """
    findings: list[Finding] = []
    regions, own = _scan_container(picture)
    for finding in _scan_all(picture, regions, own):
        findings.append(finding)
        if len(findings) > _MOST_FINDINGS:
            return [*findings, Doubt("too many places")]
    blanked = [item for item in findings if isinstance(item, Blank) and item.stop - item.start >= 12]
    # in the pixels, too: where a file is damaged, metadata is taken for them
    return [*findings, *orphans.scan(picture, Region(0, picture.end), blanked)]


def has_location(data: bytes) -> bool:
    """Return whether bytes of unknown kind tell a place."""
    picture = PictureBytes(bytearray(data))
    region = Region(0, len(data), 6 if data.startswith(b"Exif\0\0") else 0)
    findings = [*_scan_regions(picture, [region]), *orphans.scan(picture, region, [])]
    return any(finding.is_location for finding in findings)


def _scan_container(picture: PictureBytes) -> tuple[list[Region], Iterable[Finding]]:
    """Return the regions of a picture that may hold metadata, and what its format alone tells."""
    head = picture.read(0, 12)
    if head.startswith(b"\xff\xd8"):
        segments = jpeg.read_segments(picture)
        return list(jpeg.find_regions(picture, segments)), jpeg.scan(picture, segments)
    if head.startswith(PNG_SIGNATURE):
        return list(png.find_regions(picture)), png.scan(picture, has_location)
    if head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        return list(boxes.webp_regions(picture)), boxes.scan_webp(picture)
    if head[4:8] == b"ftyp":
        return list(boxes.heif_regions(picture)), boxes.scan_heif(picture)
    return [Region(0, picture.end, 0 if head.startswith((b"II", b"MM")) else None)], ()  # TIFF; GIF, BMP


def _scan_all(picture: PictureBytes, regions: list[Region], own: Iterable[Finding]) -> Iterator[Finding]:
    yield from own
    yield from _scan_regions(picture, regions)


def _scan_regions(picture: PictureBytes, regions: list[Region]) -> Iterator[Finding]:
    for region in regions:
        yield from tiff.scan(picture, region)
        yield from xmp.scan(picture, region)
        yield from text.scan(picture, region)
