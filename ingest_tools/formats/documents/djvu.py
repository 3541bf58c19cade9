"""DjVu: converted to PDF page by page by DjVuLibre, whose programs run separately, where they are installed.

A page that cannot be decoded is blank in the PDF and says so in the text, so that the numbers of the others stay.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pypdfium2

from ingest_tools.description import Description
from ingest_tools.formats.documents.pdf_copy import PDF_FILE, describe_copy
from ingest_tools.formats.language import detect_language
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.encodings import repair_text
from library_server.catalogue.passages.serialization import Passage
from library_server.processes.converters import ConverterFailed, find_program, run_converter
from library_server.processes.errors import ChildTimedOut
from library_server.processes.limits import ResourceLimits

SECONDS = 500
INPUT_LIMIT = 1 << 30
PAGES_LIMIT = 5000
PAGE_TEXT_LIMIT = 200_000
LIMITS = ResourceLimits(memory_bytes=2 << 30, output_bytes=2 << 30)
PACKAGES = "DjVuLibre: djvulibre-bin"
MISSING = "（这一页坏了，读不出。）"
_A4 = (595.0, 842.0)  # points
_PROPERTY = re.compile(r'^(\w{1,40})\t"(.{0,2000})"$', re.MULTILINE)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, text layer and cover of a book in DjVu, with a PDF of it. Raises `RejectedError`."""
    if find_program("ddjvu") is None:
        raise RejectedError("program_missing", PACKAGES)
    if path.stat().st_size > INPUT_LIMIT:
        raise RejectedError("too_large")
    with tempfile.TemporaryDirectory(dir=out) as work:
        try:
            book = _Book(Path(work), path)
            missing = book.convert(out / PDF_FILE)
            texts, properties = book.read_texts(), book.read_properties()
        except ChildTimedOut as error:
            raise RejectedError("too_slow", "DjVuLibre") from error
        except ConverterFailed as error:
            raise RejectedError("damaged", str(error)) from error
    description = describe_copy(out, "djvu", "image/vnd.djvu", covers=covers)
    pages = [
        Passage("page", str(number), f"第 {number} 页", MISSING if number in missing else text)
        for number, text in enumerate(texts, 1)
        if text or number in missing
    ]
    write_passages(pages, out)
    return replace(
        description,
        title=properties.get("title"),
        creators=[(properties["author"], "author")] if properties.get("author") else [],
        publisher=properties.get("publisher"),
        date=properties.get("year") or properties.get("date"),
        language=detect_language(texts),
        details=replace(description.details, needs_ocr=not any(texts)),
    )


class _Book:
    """A copy of the file in a folder where programs may work, and how long they still may."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._deadline = time.monotonic() + SECONDS
        shutil.copyfile(path, folder / "book.djvu")
        self.count = int(self._run("djvused", "book.djvu", "-e", "n").split()[0])
        if not 0 < self.count <= PAGES_LIMIT:
            raise RejectedError("too_large" if self.count else "damaged", f"{self.count} pages")

    def convert(self, target: Path) -> set[int]:
        """Write the PDF; returns the numbers of the pages that cannot be decoded. Raises `ConverterFailed` for all."""
        try:
            self._run("ddjvu", "-format=pdf", "-quality=85", "book.djvu", "book.pdf")
        except ConverterFailed as failure:
            return self._convert_pages(target, failure)
        (self._folder / "book.pdf").rename(target)
        return set()

    def read_texts(self) -> list[str]:
        """Return the text layer of each page; what comes before a page whose text is damaged is kept."""
        script = ";".join(f"select {number};print-pure-txt" for number in range(1, self.count + 1))
        try:
            printed = self._run("djvused", "book.djvu", "-e", script)
        except ConverterFailed as failure:
            printed = failure.output
        pages = printed.decode("utf-8", "replace").split("\f")[: self.count]
        texts = ["\n".join(filter(None, map(str.strip, page[:PAGE_TEXT_LIMIT].split("\n")))) for page in pages]
        return texts + [""] * (self.count - len(texts))

    def read_properties(self) -> dict[str, str]:
        """Return the metadata of the whole document, as `djvused` prints it: names in lower case, bytes in octal."""
        try:
            printed = self._run("djvused", "book.djvu", "-e", "print-meta").decode("latin-1")
        except ConverterFailed:
            return {}
        return {name.lower(): value for name, text in _PROPERTY.findall(printed) if (value := _unescape(text))}

    def _convert_pages(self, target: Path, failure: ConverterFailed) -> set[int]:
        missing: set[int] = set()
        size = _A4
        whole = pypdfium2.PdfDocument.new()
        for number in range(1, self.count + 1):
            try:
                self._run("ddjvu", "-format=pdf", "-quality=85", f"-page={number}", "book.djvu", "page.pdf")
                page = pypdfium2.PdfDocument(self._folder / "page.pdf")
            except (ConverterFailed, pypdfium2.PdfiumError):
                missing.add(number)
                whole.new_page(*size)
                continue
            size = page[0].get_size()
            whole.import_pages(page)
            page.close()
        if len(missing) == self.count:
            raise failure
        whole.save(target)
        whole.close()
        return missing

    def _run(self, *command: str) -> bytes:
        seconds = int(self._deadline - time.monotonic())
        if seconds < 1:
            raise ChildTimedOut
        return run_converter(command, seconds, LIMITS, self._folder)


def _unescape(text: str) -> str:
    raw = _ESCAPE.sub(
        lambda match: bytes([int(match[1], 8) & 0xFF]) if match[1].isdigit() else match[1], text.encode("latin-1")
    )
    return repair_text(raw.decode("utf-8", "replace")).strip()
