"""The child process that recognizes scanned pages: `python -m ingest_tools.derive.ocr_worker FILE FIRST_PAGE`.

It streams the number of pages, then one result for each page, in order. `ocr` starts it and kills it; the protocol is
that of `library_server.processes`. The models are those inside the rapidocr wheel: PP-OCR, simplified and traditional,
horizontal and vertical.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageOps

from ingest_tools.derive.ocr_order import Line, is_vertical, reading_order
from ingest_tools.derive.ocr_page import OcrPage
from ingest_tools.formats.pictures import open_picture
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import stream_results

LIMITS = ResourceLimits(memory_bytes=6 << 30, niceness=15)
DOTS_PER_INCH, POINTS_PER_INCH = 200, 72
MAX_PIXELS_PER_SIDE = 4000


def open_pages(path: Path, first: int) -> tuple[int, Iterator[tuple[Image.Image, float]]]:
    """Return how many pages a file has; and each from number `first` (from 0) as a picture, and how many of its
    pixels are a point.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" not in head:
        photos = [_open_photo(path)] if first == 0 else []
        return 1, ((photo, 1.0) for photo in photos)
    document = pypdfium2.PdfDocument(path)
    return len(document), _pdf_pages(document, first)


def _pdf_pages(document: Any, first: int) -> Iterator[tuple[Image.Image, float]]:
    for number in range(first, len(document)):
        page = document[number]
        longest = max(page.get_width(), page.get_height(), 1)
        scale = min(DOTS_PER_INCH / POINTS_PER_INCH, MAX_PIXELS_PER_SIDE / longest)
        yield page.render(scale=scale).to_pil().convert("RGB"), scale
        page.close()


def _open_photo(path: Path) -> Image.Image:
    with open_picture(path) as picture:
        picture.draft("RGB", (MAX_PIXELS_PER_SIDE, MAX_PIXELS_PER_SIDE))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((MAX_PIXELS_PER_SIDE, MAX_PIXELS_PER_SIDE))
    return upright


def lines_of(engine: Any, picture: Image.Image, scale: float) -> list[Line]:
    """Return the lines of one page in reading order, boxes in points."""
    output = engine(picture)
    if output.txts is None:
        return []
    lines = [
        Line(text.strip(), float(score), *_to_upright_box(box, scale))
        for text, score, box in zip(output.txts, output.scores, output.boxes, strict=True)
        if text.strip()
    ]
    return reading_order(lines, picture.width / scale)


def _to_upright_box(box: Any, scale: float) -> tuple[float, float, float, float]:
    across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
    return (round(min(across) / scale, 1), round(min(down) / scale, 1), round(max(across) / scale, 1),
            round(max(down) / scale, 1))  # fmt: skip


def recognize(path: Path, first: int) -> Iterator[JsonObject]:
    """Yield the number of pages of a file; then each page from number `first` (from 0), as an `OcrPage`."""
    from rapidocr import RapidOCR

    logging.disable(logging.CRITICAL)
    engine = RapidOCR(params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                              "EngineConfig.onnxruntime.inter_op_num_threads": 1})  # fmt: skip
    count, pages = open_pages(path, first)
    yield {"count": count}
    for picture, scale in pages:
        lines = lines_of(engine, picture, scale)
        yield OcrPage(picture.width / scale, picture.height / scale, is_vertical(lines), tuple(lines)).to_json()


def main() -> None:
    """Send the pages of the file that is named by the arguments."""
    path, first = Path(sys.argv[1]), int(sys.argv[2])
    stream_results(lambda: recognize(path, first), LIMITS, damaged=(pypdfium2.PdfiumError,))


if __name__ == "__main__":
    main()
