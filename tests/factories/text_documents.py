"""Documents with a little text and the properties that a test gives them: PDF and DOCX."""

from __future__ import annotations

import zipfile
from pathlib import Path

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def write_pdf(path: Path, **properties: str) -> None:
    """A PDF of one page; the properties are those that `reportlab` sets, such as `title` and `author`."""
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(path))
    for name, value in properties.items():
        getattr(page, f"set{name.capitalize()}")(value)
    page.drawString(100, 700, "Text of the page, long enough.")
    page.save()


def write_docx(path: Path, *paragraphs: tuple[str, str]) -> None:
    """A DOCX of paragraphs, each with the name of its style and its text."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
        for style, words in paragraphs
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("word/document.xml", f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>')
