"""The child process that reads scanned pages: one JSON object a page out, in order.

Run as `python -m ingest_tools.derive.ocr_worker FILE FIRST_PAGE`; `ocr` starts it, bounds it and kills it. The models
are those inside the rapidocr wheel: PP-OCR, simplified and traditional, horizontal and vertical.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageOps

from ingest_tools.derive.ocr_order import Line, is_vertical, reading_order
from ingest_tools.formats.pictures import open_picture
from ingest_tools.rejections import RejectedError

MEMORY_BYTES = 6 << 30
DOTS_AN_INCH, POINTS_AN_INCH = 200, 72
MOST_PIXELS_A_SIDE = 4000


def pages(path: Path, first: int) -> Iterator[tuple[Image.Image, float]]:
    """Each page from number `first` (from 0) as a picture, and how many of its pixels are a point."""
    with path.open("rb") as reading:
        head = reading.read(1024)
    if b"%PDF-" not in head:
        if first == 0:
            picture = open_picture(path)
            picture.draft("RGB", (MOST_PIXELS_A_SIDE, MOST_PIXELS_A_SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((MOST_PIXELS_A_SIDE, MOST_PIXELS_A_SIDE))
            yield upright, 1.0
        return
    document = pypdfium2.PdfDocument(path)
    for number in range(first, len(document)):
        page = document[number]
        longest = max(page.get_width(), page.get_height(), 1)
        scale = min(DOTS_AN_INCH / POINTS_AN_INCH, MOST_PIXELS_A_SIDE / longest)
        yield page.render(scale=scale).to_pil().convert("RGB"), scale
        page.close()


def lines_of(engine: Any, picture: Image.Image, scale: float) -> list[Line]:
    """The lines of one page in reading order, boxes in points."""
    found = engine(picture)
    if found.txts is None:
        return []
    lines = [
        Line(text.strip(), float(score), *_upright(box, scale))
        for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
        if text.strip()
    ]
    return reading_order(lines, picture.width / scale)


def _upright(box: Any, scale: float) -> tuple[float, float, float, float]:
    across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
    return (round(min(across) / scale, 1), round(min(down) / scale, 1), round(max(across) / scale, 1),
            round(max(down) / scale, 1))  # fmt: skip


def main() -> None:
    """Bound this process, then say all pages; the last line says that it is the last."""
    from rapidocr import RapidOCR

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(15)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the engine prints must not look like a page
    logging.disable(logging.CRITICAL)
    engine = RapidOCR(params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                              "EngineConfig.onnxruntime.inter_op_num_threads": 1})  # fmt: skip
    try:
        for picture, scale in pages(Path(sys.argv[1]), int(sys.argv[2])):
            lines = lines_of(engine, picture, scale)
            said = {"width": picture.width / scale, "height": picture.height / scale, "vertical": is_vertical(lines),
                    "lines": [asdict(one) for one in lines]}  # fmt: skip
            answers.write(json.dumps(said) + "\n")
            answers.flush()
        ended: dict[str, str | None] = {"ended": None}
    except RejectedError as refusal:
        ended = {"ended": refusal.code}
    except (pypdfium2.PdfiumError, OSError):
        ended = {"ended": "damaged"}
    except MemoryError:
        ended = {"ended": "out_of_memory"}
    answers.write(json.dumps(ended) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
