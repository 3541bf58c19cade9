"""Text that a DOCX has in parts of its own: pages of HTML that Word imports when it opens the file, and diagrams."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from ingest_tools.formats import markup
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.documents.rich_text import find_start
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html.mht import MessageSite
from ingest_tools.formats.ebooks.html.recognition import is_web_archive
from ingest_tools.formats.markup import local_name
from ingest_tools.formats.text import looks_like_text
from ingest_tools.rejections import RejectedError

_ZIP: Final = b"PK\x03\x04"
_DEEPEST: Final = 3
_UNREAD: Final = "（这里嵌入的文件读不出。）"


def read_embedded(archive: Archive, name: str | None, depth: int = 0) -> list[str]:
    """Return the lines of an imported part (ECMA-376, part 1, section 17.17.2.1): HTML, MHT, text or another DOCX.

    One of another format, or one that is missing, damaged or in too many others (`depth`), is a line that says so.
    """
    try:
        data = archive.read(name) if name is not None else b""
        if data.startswith(_ZIP):
            return _read_package(data, depth + 1) or [_UNREAD]
        if is_web_archive(data):
            site = MessageSite(data)
            pages = [site.read_text(page) for page in site.page_names]
        else:
            is_read = looks_like_text(data) and find_start(data) is None
            pages = [decode_declared(data)] if data and is_read else []
        lines = [line for page in pages for line in _read_page(page)]
    except RejectedError:
        lines = []
    return lines or [_UNREAD]


def _read_package(data: bytes, depth: int) -> list[str]:
    """Return the paragraphs of a DOCX within another. Raises `RejectedError`."""
    from ingest_tools.formats.docx.body import BodyReader  # which reads imported parts itself
    from ingest_tools.formats.docx.package import WordPackage

    if depth > _DEEPEST:
        return []
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        package = WordPackage(Archive(Path(file.name)), depth)
        return [paragraph.text for paragraph in BodyReader(package).read()]


def _read_page(page: str) -> list[str]:
    if "<" not in page:
        return [line for line in page.splitlines() if line.strip()]
    root = markup.parse_document(b"\xef\xbb\xbf" + page.encode("utf-8", "replace"))
    return markup.text_of(root)[0].split("\n") if root is not None else []


def read_diagram(archive: Archive, name: str | None) -> list[str]:
    """Return the lines of a diagram (SmartArt), as they stand in its data; none where it cannot be read."""
    try:
        root = archive.parse_xml(name) if name is not None else None
    except RejectedError:
        return []
    paragraphs = (element for element in root.iter() if local_name(element.tag) == "p") if root is not None else ()
    texts = (
        "".join(element.text or "" for element in paragraph.iter() if local_name(element.tag) == "t")
        for paragraph in paragraphs
    )
    return [line for text in texts if (line := " ".join(text.split()))]
