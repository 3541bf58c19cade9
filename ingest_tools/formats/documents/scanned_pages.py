"""A TIFF of several pages, as scanners, fax machines and archives write it: a book whose pages are bound into a PDF.

A page that cannot be decoded is blank in the PDF and says so in the text, so that the numbers of the others stay.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats.photos.location_metadata.edits import PictureBytes
from ingest_tools.formats.photos.tiff_directories import Header, first_values, read_chain, read_directory, read_header
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage

PAGES_LIMIT = 3_000
MISSING = "（这一页坏了，读不出。）"
_ENTRIES_LIMIT = 1_000
_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT, _PAGE_NUMBER = 254, 255, 256, 257, 297  # TIFF 6.0, section 8 and 12
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_CAMERA_TAGS = frozenset((0x829A, 0x829D, 0x920A))  # exposure time, f-number, focal length: a scanner has none
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2
_SMALLER = 0.6  # a level of a pyramid has half the width and height of the one before


def find_page_frames(path: Path) -> list[int]:
    """Return which pictures of a TIFF are pages, counted from 0; empty where it is one picture.

    Thumbnails, masks and the levels of a pyramid are none, and what a camera took has no pages. At most
    `PAGES_LIMIT` and one more are looked for.
    """
    picture = PictureBytes.from_file(path)
    try:
        directories = _read_pages(picture)
    finally:
        picture.close()
    if len(directories) < 2:
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


def _read_pages(picture: PictureBytes) -> list[dict[int, int]]:
    """Return the tags of each directory with their first values; nothing for what a camera took."""
    header = read_header(picture)
    if header is None:
        return []
    chain = read_chain(picture, header, most=PAGES_LIMIT + 1, most_entries=_ENTRIES_LIMIT)
    directories = [first_values(picture, header, directory) for directory in chain]
    return directories if directories and not _is_from_camera(picture, header, directories[0]) else []


def _is_from_camera(picture: PictureBytes, header: Header, tags: dict[int, int]) -> bool:
    """Return whether a picture says how it was exposed, or where (Exif 2.32, 4.6)."""
    exif = read_directory(picture, header, tags.get(_EXIF_POINTER, 0), most=_ENTRIES_LIMIT)
    return _GPS_POINTER in tags or any(entry.tag in _CAMERA_TAGS for entry in (exif.entries if exif else ()))


def _is_auxiliary(tags: dict[int, int]) -> bool:
    """Return whether a directory is of a smaller copy or of a mask."""
    return bool(tags.get(_SUBFILE, 0) & (_REDUCED | _MASK)) or tags.get(_OLD_SUBFILE) == _OLD_REDUCED
