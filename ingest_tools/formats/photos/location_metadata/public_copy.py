"""Write the copy of a picture that does not tell where it was taken, as the docstring of this package defines it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from ingest_tools.formats.photos.location_metadata import png, readers
from ingest_tools.formats.photos.location_metadata.coordinates.degrees import unpack_degrees
from ingest_tools.formats.photos.location_metadata.edits import Doubt, Finding, PictureBytes, apply
from ingest_tools.formats.photos.location_metadata.scanning import PNG_SIGNATURE, find_location

MOST_BYTES = 512 << 20
_LEAST_INFORMATION = 5  # bytes that are not zero: three times 0/1 may stand anywhere


class Location(StrEnum):
    """Whether a picture tells where it was taken: not at all, no longer in its copy, or for good."""

    ABSENT = "absent"
    REMOVED = "removed"
    UNREMOVABLE = "unremovable"


def write_public_copy(source: Path, target: Path) -> Location:
    """Copy a picture without its location to `target`, which is only there if the answer is `REMOVED`.

    Raises `OSError` if the source cannot be read or the target not be written.
    """
    try:
        picture = PictureBytes.from_file(source)
    except ValueError:  # an empty file
        return Location.ABSENT
    try:
        return _write(picture, source, target)
    finally:
        picture.close()


def tells_location(source: Path) -> bool:
    """Return whether a picture tells where it was taken. Raises `OSError` if it cannot be read."""
    try:
        picture = PictureBytes.from_file(source)
    except ValueError:  # an empty file
        return False
    try:
        return _is_located(find_location(picture)) or bool(readers.has_readable_location(source))
    finally:
        picture.close()


def _is_located(findings: Iterable[Finding]) -> bool:
    return any(finding.is_location for finding in findings)


def _write(picture: PictureBytes, source: Path, target: Path) -> Location:
    findings = find_location(picture)
    if not _is_located(findings):
        return Location.UNREMOVABLE if readers.has_readable_location(source) else Location.ABSENT
    if picture.end > MOST_BYTES or any(isinstance(finding, Doubt) for finding in findings):
        return Location.UNREMOVABLE
    values = apply(picture, findings)
    if picture.read(0, 8) == PNG_SIGNATURE:
        png.mend_checksums(picture)
    if _still_holds(picture, values) or _holds_decimals(picture, values) or _is_located(find_location(picture)):
        return Location.UNREMOVABLE
    picture.save(target)
    if readers.has_readable_location(target) is not False:
        target.unlink()
        return Location.UNREMOVABLE
    return Location.REMOVED


def _holds_decimals(picture: PictureBytes, values: set[bytes]) -> bool:
    """Return whether a removed coordinate is written somewhere as a decimal number, in ASCII or UTF-16."""
    degrees = {value for raw in values for value in unpack_degrees(raw)}
    texts = {f"{int(value * 1000) / 1000:.3f}" for value in degrees} | {f"{value:.3f}" for value in degrees}
    spellings = {spelling for text in texts for spelling in (text.encode(), text.encode("utf-16-le"))}
    return any(picture.find(spelling) >= 0 for spelling in spellings)


def _still_holds(picture: PictureBytes, values: set[bytes]) -> bool:
    """Return whether the bytes of a coordinate stand somewhere else, too, in either byte order."""
    distinctive = {value for value in values if len(value) - value.count(0) >= _LEAST_INFORMATION}
    swapped = {b"".join(value[at : at + 4][::-1] for at in range(0, len(value), 4)) for value in distinctive}
    return any(picture.find(value) >= 0 for value in distinctive | swapped)
