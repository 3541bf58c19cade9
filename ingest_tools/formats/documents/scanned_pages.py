"""A TIFF of several pages, as scanners, fax machines and archives write it: a book whose pages are bound into a PDF.

A page that cannot be decoded is blank in the PDF and says so in the text, so that the numbers of the others stay.
"""

from __future__ import annotations

import itertools
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ingest_tools.description import Description
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage

PAGES_LIMIT = 3_000
MISSING = "（这一页坏了，读不出。）"
_HEADS = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRIES_LIMIT = 1_000
_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT, _PAGE_NUMBER = 254, 255, 256, 257, 297  # TIFF 6.0, section 8 and 12
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_CAMERA_TAGS = frozenset((0x829A, 0x829D, 0x920A))  # exposure time, f-number, focal length: a scanner has none
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2
_SHORT = 3
_SMALLER = 0.6  # a level of a pyramid has half the width and height of the one before


def find_page_frames(path: Path) -> list[int]:
    """Return which pictures of a TIFF are pages, counted from 0; empty where it is one picture.

    Thumbnails, masks and the levels of a pyramid are none, and what a camera took has no pages. At most
    `PAGES_LIMIT` and one more are looked for.
    """
    with path.open("rb") as file:
        order = _HEADS.get(file.read(4))
        directories = _read_directories(file, order) if order else []
        if len(directories) < 2 or _is_from_camera(file, order or "", directories[0]):
            return []
    frames = [number for number, tags in enumerate(directories) if not _is_auxiliary(tags)]
    sizes = [(directories[number].get(_WIDTH, 0), directories[number].get(_HEIGHT, 0)) for number in frames]
    is_numbered = all(_PAGE_NUMBER in directories[number] for number in frames)
    is_pyramid = all(
        width <= before[0] * _SMALLER and height <= before[1] * _SMALLER
        for before, (width, height) in itertools.pairwise(sizes)
    )
    return frames if len(frames) > 1 and (is_numbered or not is_pyramid) else []


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Pages of a scan, with a PDF of them that is noted for OCR. Raises `RejectedError`."""
    try:
        from ingest_tools.formats import pages
    except ImportError as error:
        raise RejectedError("program_missing", "pikepdf") from error
    from ingest_tools.formats.documents.pdf_copy import PDF_FILE, describe_copy
    from ingest_tools.formats.photos.location_metadata.public_copy import tells_location
    from ingest_tools.passage_file import write_passages

    frames = find_page_frames(path)
    if len(frames) > PAGES_LIMIT:
        raise RejectedError("too_large", f"{len(frames)} pages")
    missing = pages.bind_frames(path, frames, out / PDF_FILE)
    description = describe_copy(out, "tiff", "image/tiff", covers=covers)
    write_passages([Passage("page", str(number), f"第 {number} 页", MISSING) for number in missing], out)
    return replace(
        description,
        title=None,
        creators=[],
        librarians_only=tells_location(path),
        details=replace(description.details, needs_ocr=True),
    )


def _read_directories(file: BinaryIO, order: str) -> list[dict[int, int]]:
    """Return the tags of each directory with their first values; what comes behind a damaged one is left out."""
    directories: list[dict[int, int]] = []
    seen: set[int] = set()
    with suppress(struct.error):
        at = struct.unpack(f"{order}I", file.read(4))[0]
        while at and at not in seen and len(directories) <= PAGES_LIMIT:
            seen.add(at)
            directories.append(_read_directory(file, order, at))
            at = struct.unpack(f"{order}I", file.read(4))[0]
    return directories


def _read_directory(file: BinaryIO, order: str, at: int) -> dict[int, int]:
    """Return the tags of a directory with their first values. Raises `struct.error` where it is damaged."""
    file.seek(at)
    count = struct.unpack(f"{order}H", file.read(2))[0]
    if count > _ENTRIES_LIMIT:
        raise struct.error("too many entries")
    entries = struct.iter_unpack(f"{order}HHI4s", file.read(12 * count))
    return {
        tag: struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'I'}", value)[0] for tag, kind, _, value in entries
    }


def _is_from_camera(file: BinaryIO, order: str, tags: dict[int, int]) -> bool:
    """Return whether a picture says how it was exposed, or where (Exif 2.32, 4.6)."""
    exif: dict[int, int] = {}
    if _EXIF_POINTER in tags:
        with suppress(struct.error):
            exif = _read_directory(file, order, tags[_EXIF_POINTER])
    return _GPS_POINTER in tags or not _CAMERA_TAGS.isdisjoint(exif)


def _is_auxiliary(tags: dict[int, int]) -> bool:
    """Return whether a directory is of a smaller copy or of a mask."""
    return bool(tags.get(_SUBFILE, 0) & (_REDUCED | _MASK)) or tags.get(_OLD_SUBFILE) == _OLD_REDUCED
