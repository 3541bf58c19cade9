"""What the reader shows of a PDF before it has read the file: the sizes of the pages, and a picture of the first."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from ingest_tools.formats import pdf
from ingest_tools.formats.pdf.first_page import write_first_page
from library_server.catalogue.details import PageRun
from library_server.catalogue.enums import FIRST_PAGE
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.documents.pdfs import text_pages


def write_pages(path: Path, *sizes: tuple[int, int], rotation: int = 0) -> Path:
    document = pikepdf.new()
    for size in sizes:
        page = document.add_blank_page(page_size=size)
        page.Rotate = rotation
    document.save(path)
    return path


def test_the_sizes_of_pages_are_kept_as_they_are_shown(tmp_path: Path) -> None:
    sizes = [(595, 842), (595, 842), (842, 595), (400, 300)]
    upright = pdf.describe(write_pages(tmp_path / "a.pdf", *sizes), tmp_path)
    assert upright.details.page_sizes == (PageRun(2, 595, 842), PageRun(1, 842, 595), PageRun(1, 400, 300))
    turned = pdf.describe(write_pages(tmp_path / "b.pdf", *sizes, rotation=90), tmp_path)
    assert turned.details.page_sizes == (PageRun(2, 842, 595), PageRun(1, 595, 842), PageRun(1, 300, 400))


def test_a_broken_page_has_the_size_of_the_page_before_it(tmp_path: Path) -> None:
    document = pikepdf.new()
    for _ in range(3):
        document.add_blank_page(page_size=(400, 300))
    document.Root.Pages.Kids[1] = document.make_indirect(Dictionary(Type=Name.Broken, X=Array([1])))
    document.save(tmp_path / "a.pdf")
    assert sum(run.pages for run in pdf.describe(tmp_path / "a.pdf", tmp_path).details.page_sizes) == 3


def test_no_sizes_are_kept_where_nearly_every_page_has_its_own(tmp_path: Path) -> None:
    sizes = [(300 + number % 7, 400) for number in range(pdf.SIZES_LIMIT + 5)]
    assert pdf.describe(write_pages(tmp_path / "a.pdf", *sizes), tmp_path).details.page_sizes == ()


def test_a_picture_of_the_first_page_is_made(tmp_path: Path) -> None:
    description = pdf.describe(write_pages(tmp_path / "a.pdf", (600, 800), (10, 10)), tmp_path)
    [picture] = [file for file in description.derived if file.label == FIRST_PAGE]
    with Image.open(tmp_path / picture.file) as opened:
        assert (opened.format, opened.size) == ("WEBP", (800, 1067))
    without = pdf.describe(tmp_path / "a.pdf", tmp_path, covers=False)
    assert FIRST_PAGE not in {file.label for file in without.derived}


def test_a_page_with_colours_keeps_them(tmp_path: Path) -> None:
    page = Image.new("RGB", (960, 1280), "white")
    page.paste((200, 40, 30), (100, 100, 800, 600))
    write_first_page(page, tmp_path)
    with Image.open(tmp_path / FIRST_PAGE) as opened:
        red, green, _ = opened.convert("RGB").getpixel((400, 300))  # type: ignore[misc]
    assert red > green + 100


def test_a_pdf_with_more_text_than_there_is_time_for_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text_pages(tmp_path / "很长.pdf", "很长的书", 5)
    seconds = iter(range(0, 1000, 2))
    monkeypatch.setattr(pdf, "TEXT_SECONDS", 5)
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    description = pdf.describe(path, tmp_path)
    texts = parse_passages((tmp_path / "text.json.gz").read_bytes())
    assert (description.title, description.extent, len(texts)) == ("很长的书", 5, 3)
    assert description.details.page_sizes == ()
    assert not description.details.needs_ocr
    assert description.details.statements.notes == ("太长，只读了前 3 页的文字，后面 2 页按文字查不到；翻看不受影响",)
