"""PDFs whose pages do not show what they hold: forms of one program, and portfolios."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats import pdf
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.documents import odd_pdfs

WAITING = "Please wait... If this message is not eventually replaced by the proper contents of the document"


def described(folder: Path, text: str, catalogue: str, *objects: str) -> tuple[Description, list[str]]:
    """What is read of a PDF of one page with a text, and the texts of its pages. PDFium makes the table of objects."""
    content = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET"
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *objects,
    ]
    written = "".join(f"{number} 0 obj\n{body}\nendobj\n" for number, body in enumerate(bodies, 1))
    path = folder / "form.pdf"
    path.write_text(f"%PDF-1.7\n{written}trailer\n<< /Root 1 0 R /Size {len(bodies) + 1} >>\n%%EOF\n", "latin-1")
    description = pdf.describe(path, folder)
    return description, [passage.text for passage in parse_passages((folder / "text.json.gz").read_bytes())]


@pytest.mark.parametrize("catalogue", ["/NeedsRendering true", ""])
def test_a_form_of_another_program_is_named(tmp_path: Path, catalogue: str) -> None:
    form = f"/AcroForm << /Fields [] /XFA 6 0 R >> {catalogue}"
    description, texts = described(tmp_path, WAITING, form, "<< /Length 6 >>\nstream\n<xdp/>\nendstream")
    assert (description.title, texts, description.details.needs_ocr) == (None, [], False)
    [note] = description.details.statements.notes
    assert "XFA" in note


@pytest.mark.parametrize(("stated", "title"), [("出国申请表", "出国申请表"), (WAITING, None)])
def test_the_title_in_the_metadata_of_a_form_is_kept(tmp_path: Path, stated: str, title: str | None) -> None:
    path = odd_pdfs.form(tmp_path / "1.pdf", stated)
    assert pdf.describe(path, tmp_path).title == title


@pytest.mark.parametrize(
    ("text", "catalogue"),
    [
        (WAITING, ""), ("Please wait for the ferry", "/AcroForm << /Fields [] >>"),
        ("Ferry", "/AcroForm << /Fields [] /XFA 6 0 R >>"),
    ],
)  # fmt: skip
def test_other_pages_keep_their_text(tmp_path: Path, text: str, catalogue: str) -> None:
    description, texts = described(tmp_path, text, catalogue, "<< /Length 6 >>\nstream\n<xdp/>\nendstream")
    assert texts == [text]
    assert description.details.statements.notes == ()


def test_the_documents_of_a_portfolio_are_named(tmp_path: Path) -> None:
    name = "柑橘表.xlsx".encode("utf-16-be").hex()
    catalogue = "/Collection << /View /D >> /Names << /EmbeddedFiles << /Names [(a) 6 0 R (b) 7 0 R] >> >>"
    files = [
        f"<< /Type /Filespec /F <FEFF{name}> /UF <FEFF{name}> /EF << /F 8 0 R >> >>",
        "<< /Type /Filespec /F (ferry.pdf) /UF (ferry.pdf) /EF << /F 8 0 R >> >>",
        "<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream",
    ]
    description, texts = described(tmp_path, "Cover page", catalogue, *files)
    [note] = description.details.statements.notes
    assert texts == ["Cover page"]
    assert "附件" in note
    assert "柑橘表.xlsx、ferry.pdf" in note
