"""PDF: metadata, text by page, the first page as cover. A PDF without a text layer is noted for OCR."""

from __future__ import annotations

import ctypes
import math
import os
import time
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.access_levels import access_of_page
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.pdf.document_encoding import repair_document_text
from ingest_tools.formats.pdf.first_page import write_first_page
from ingest_tools.formats.pdf.legibility import is_legible
from ingest_tools.formats.pdf.stated_title import read_stated_title, split_keywords
from ingest_tools.formats.pdf.unseen_contents import describe_unseen, is_waiting_page
from ingest_tools.formats.pdf.xmp import read_xmp
from ingest_tools.glyphs import with_usual_characters
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, PageRun, RecordDetails, Statements
from library_server.catalogue.passages.serialization import Passage

PAGES_LIMIT = 20_000
PAGE_TEXT_LIMIT = 200_000
TEXT_SECONDS = 200  # within those that a parser has for a PDF
SIZES_LIMIT = 1000  # runs of pages of one size: scans of a book may differ from page to page
COVER_WIDTH = 960
MOST_PIXELS = 8_000_000  # of the drawing of the first page, which may be a long strip
A4 = (595, 842)
_FEW_CHARACTERS_A_PAGE = 10
_KEYS = ("Title", "Author", "Subject", "Keywords")  # the day the file was made is no date of publication


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, page texts and cover of a PDF. Raises `RejectedError`."""
    document = _open_document(path)
    try:
        count = len(document)
        if count == 0:
            raise RejectedError("damaged", "no pages")
        if count > PAGES_LIMIT:
            raise RejectedError("too_large", f"{count} pages")
        pages, page_sizes, read = _read_pages(document)
        is_waiting = is_waiting_page(document, pages)
        pages = [] if is_waiting else pages
        notes = describe_unseen(document, is_waiting=is_waiting)
        if read < count:
            notes += (f"太长，只读了前 {read} 页的文字，后面 {count - read} 页按文字查不到；翻看不受影响",)
        pictures_made, cover = _make_pictures(document, out) if covers else ([], None)
        information = _read_information(document)
        if not information.get("Title") or not information.get("Author"):
            information = read_xmp(path) | information
        language = detect_language(page.text for page in pages)
        stated = read_stated_title(None if is_waiting else document, information, language)
    finally:
        document.close()
    needs_ocr = not is_waiting and sum(len(page.text) for page in pages) < _FEW_CHARACTERS_A_PAGE * read
    description = Description(
        format="pdf",
        media_type="application/pdf",
        kind="book",
        title=with_usual_characters(stated.title) if stated.title else None,
        creators=[(name, str(role)) for name, role in stated.creators],
        language=language,
        date=stated.date,
        access=access_of_page(pages[0].text) if pages else None,
        abstract=information.get("Subject"),
        extent=count,
        details=RecordDetails(
            needs_ocr=needs_ocr, cover=cover, page_sizes=page_sizes, statements=Statements(notes=notes)
        ),
        derived=[*pictures_made, write_passages(pages, out)],
    )
    return description.with_subjects(split_keywords(information.get("Keywords", "")))


def _open_document(path: Path) -> pypdfium2.PdfDocument:
    """Opened by this very path: `PdfDocument(path)` resolves links, and a descriptor's path would be opened anew."""
    handle = raw.FPDF_LoadDocument(os.fsencode(path) + b"\0", None)
    if not handle:
        code = raw.FPDF_GetLastError()
        raise RejectedError("encrypted" if code == raw.FPDF_ERR_PASSWORD else "damaged", f"PDFium error {code}")
    return pypdfium2.PdfDocument(handle)


def _read_information(document: pypdfium2.PdfDocument) -> dict[str, str]:
    """Return the entries of the information dictionary that are not empty; a lone surrogate in them becomes U+FFFD.

    `get_metadata_dict` raises `UnicodeDecodeError` for one.
    """
    information = {}
    for key in _KEYS:
        name = key.encode() + b"\0"
        size = raw.FPDF_GetMetaText(document, name, None, 0)
        buffer = ctypes.create_string_buffer(size)
        raw.FPDF_GetMetaText(document, name, buffer, size)
        if text := buffer.raw[: max(0, size - 2)].decode("utf-16-le", "replace"):
            information[key] = repair_document_text(text)
    return information


def _read_pages(document: pypdfium2.PdfDocument) -> tuple[list[Passage], tuple[PageRun, ...], int]:
    """Return the texts of the pages that have one, the sizes of all, and how many pages were read in `TEXT_SECONDS`.

    There are no sizes where there are too many, or where not all pages were read.
    """
    pages: list[Passage] = []
    runs: list[PageRun] = []
    count, deadline = len(document), time.monotonic() + TEXT_SECONDS
    for number in range(count):
        if number and time.monotonic() > deadline:
            return pages, (), number
        text, size = _read_page(document, number)
        if size is None:  # a broken page is passed over, and taken to be like the one before it; the others are kept
            size = runs[-1][1:] if runs else A4
        if runs and runs[-1][1:] == size:
            runs[-1] = runs[-1]._replace(pages=runs[-1].pages + 1)
        else:
            runs.append(PageRun(1, *size))
        if text and is_legible(text):  # what is not is left to OCR
            pages.append(Passage("page", str(number + 1), f"第 {number + 1} 页", text))
    return pages, tuple(runs) if len(runs) <= SIZES_LIMIT else (), count


def _read_page(document: pypdfium2.PdfDocument, number: int) -> tuple[str, tuple[int, int] | None]:
    """Return the text of a page and its size in points; of a broken page none."""
    try:
        page = document[number]
        size = (max(1, round(page.get_width())), max(1, round(page.get_height())))
        layer = page.get_textpage()
        text = layer.get_text_range()[:PAGE_TEXT_LIMIT]
        layer.close()
        page.close()
    except pypdfium2.PdfiumError:
        return "", None
    text = "\n".join(line.strip() for line in text.replace("\ufffe", "").split("\n") if line.strip())
    return with_usual_characters(text), size


def _make_pictures(document: pypdfium2.PdfDocument, out: Path) -> tuple[list[Derived], CoverImage | None]:
    """Draw the first page: the sizes of the cover, and a picture that is read until the reader has drawn the page."""
    try:
        page = document[0]
        width, height = max(page.get_width(), 1), max(page.get_height(), 1)
        scale = min(COVER_WIDTH / width, 4, math.sqrt(MOST_PIXELS / (width * height)))
        drawn = page.render(scale=scale).to_pil().convert("RGB")
        first_page = [write_first_page(drawn, out)]
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return [], None
    source = out / "cover.source"
    try:
        drawn.save(source, "BMP")
        sizes, facts = pictures.make_sizes(source, out)
        return [*sizes, *first_page], facts.cover
    except (RejectedError, ValueError, OSError):
        return first_page, None
    finally:
        source.unlink(missing_ok=True)
