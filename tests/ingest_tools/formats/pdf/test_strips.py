"""The first page of a PDF is drawn within a bound, and its picture does not depend on the cover."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from ingest_tools.description import Derived
from ingest_tools.formats import pdf, pictures
from ingest_tools.formats.pdf.first_page import write_first_page


def test_a_long_strip_is_drawn_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 14400)
    sizes: list[tuple[int, int]] = []

    def write(page: Image.Image, out: Path) -> Derived:
        sizes.append(page.size)
        return write_first_page(page, out)

    monkeypatch.setattr(pdf, "write_first_page", write)
    assert [made.label for made in pdf._make_pictures(document, tmp_path)[0]][-1] == "first-page.webp"
    [(width, height)] = sizes
    assert width * height < 1.01 * pdf.MOST_PIXELS


def test_a_cover_that_is_refused_leaves_the_first_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Path) -> None:
        raise ValueError

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 300)
    monkeypatch.setattr(pictures, "make_sizes", refuse)
    made, cover = pdf._make_pictures(document, tmp_path)
    assert ([one.label for one in made], cover) == (["first-page.webp"], None)
