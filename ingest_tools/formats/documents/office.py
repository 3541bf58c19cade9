"""Office documents (DOC, WPS, PPT, PPTX, RTF, ODT, ODP and others): converted to PDF, which is read and searched.

LibreOffice carries title, author, subject and keywords over to the PDF, whatever code page they are in.
"""

from __future__ import annotations

from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats.documents.libreoffice import convert_to_pdf
from ingest_tools.formats.documents.office_types import office_type
from ingest_tools.formats.documents.pdf_copy import PDF_FILE, describe_copy


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, page texts and cover of a document, with a PDF of it. Raises `RejectedError`."""
    kind = office_type(path)
    convert_to_pdf(path, kind.suffix, out / PDF_FILE)
    return describe_copy(out, "document", kind.media_type, covers=covers)
