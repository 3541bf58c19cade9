"""A PDF of pages of text, served for journeys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.factories.documents.pdfs import text_pages
from tests.support.servers.serving import serving_folder


@contextmanager
def serving_pdf(tmp_path_factory: pytest.TempPathFactory, pages: int) -> Iterator[tuple[str, str]]:
    """Serve a PDF with so many pages: the address of the server, and the path of the book."""
    files = tmp_path_factory.mktemp("files")
    text_pages(files / "书.pdf", "柑橘的书", pages)
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home") as (address, records):
        yield address, f"/read/{records['柑橘的书']}"
