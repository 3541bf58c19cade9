"""The PDF that a document was converted to: what it says is said of the document, and readers read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pdf
from ingest_tools.passage_file import PASSAGES_FILE
from library_server.catalogue.enums import READING_COPY
from library_server.catalogue.passages.serialization import parse_passages

PDF_FILE = f"{READING_COPY}.pdf"


def describe_copy(out: Path, form: str, media_type: str, *, covers: bool) -> Description:
    """Return the description of a document of this format, from `PDF_FILE` in the scratch folder. Raises
    `RejectedError`.

    It is noted for OCR only where it has no text at all: slides have little text, and all of it is there.
    """
    description = pdf.describe(out / PDF_FILE, out, covers=covers)
    has_text = bool(parse_passages((out / PASSAGES_FILE).read_bytes()))
    return replace(
        description,
        format=form,
        media_type=media_type,
        details=replace(description.details, needs_ocr=not has_text),
        derived=[*description.derived, Derived("rendition", READING_COPY, "application/pdf", PDF_FILE)],
    )
