"""JPEG data without its end marker, which every viewer shows and libjpeg waits for (ITU-T T.81, B.2.1)."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

_END = b"\xff\xd9"
_LARGEST = 64 * 1024 * 1024  # bytes that are read
_LAST = 4096  # bytes in which the end marker stands; zeros may follow it
_BLOCK = 8  # pixels a side; a picture decoded at this scale has one pixel for each block
_MOST_LOST = 2  # rows of blocks at the foot, which are one row of 4:2:0


def end_jpeg(source: Path | io.BytesIO) -> io.BytesIO | None:
    """Return the data of a JPEG with the end marker that it lacks; None where it has one, or where more is lost.

    What was lost is decoded as one colour, so that a picture cut in the middle has many rows of one colour at its foot.
    Of a progressive one nothing is known, as what is lost are details of the whole picture. Raises `OSError`,
    `SyntaxError` and `ValueError` for data that cannot be read.
    """
    if _has_end(source) or (isinstance(source, Path) and source.stat().st_size > _LARGEST):
        return None
    data = source.read_bytes() if isinstance(source, Path) else source.getvalue()
    ended = io.BytesIO(data + _END)
    with Image.open(ended, formats=["JPEG"]) as picture:
        if picture.info.get("progressive"):
            return None
        picture.draft("L", (picture.width // _BLOCK, picture.height // _BLOCK))
        blocks = picture.convert("L")
    if _count_plain_rows(blocks) > _MOST_LOST:
        return None
    ended.seek(0)
    return ended


def _has_end(source: Path | io.BytesIO) -> bool:
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source.getvalue()) as data:
        data.seek(max(0, data.seek(0, io.SEEK_END) - _LAST))
        return data.read().rstrip(b"\0").endswith(_END)


def _count_plain_rows(blocks: Image.Image) -> int:
    """Return how many rows at the foot of a picture have one colour, the same in all of them."""
    colour = blocks.getpixel((blocks.width - 1, blocks.height - 1))
    for number in range(blocks.height):
        top = blocks.height - 1 - number
        if blocks.crop((0, top, blocks.width, top + 1)).getextrema() != (colour, colour):
            return number
    return blocks.height
