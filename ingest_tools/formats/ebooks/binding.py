"""An EPUB 3 made of a book in another form, for the reader page; the same book gives the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from ingest_tools.description import Derived
from ingest_tools.formats.ebooks.html.body import append_text
from ingest_tools.formats.markup import text_of
from library_server.catalogue.enums import READING_COPY, AssetRole
from library_server.catalogue.passages.serialization import Passage

CHAPTERS_LIMIT: Final = 5_000
_FILE: Final = "reading.epub"
_STAMP: Final = (2000, 1, 1, 0, 0, 0)
_LABEL_LIMIT: Final = 80
_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"GIF8", "image/gif", ".gif"),
    (b"BM", "image/bmp", ".bmp"),
)
_CONTAINER: Final = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_PAGE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title>'
    '<link rel="stylesheet" type="text/css" href="book.css"/></head>{body}</html>'
)
_STYLE: Final = (
    "p{margin:0;text-indent:2em}h1,h2,h3,h4,.text-author{text-indent:0}h1,h2,h3,h4{text-align:center}"
    "img{max-width:100%}.text-author{text-align:end}.stanza{margin:1em 2em}.stanza p{text-indent:0}"
    "td,th{padding:.25em;border:1px solid}table{border-collapse:collapse}"
)


@dataclass(frozen=True)
class BoundChapter:
    """A chapter: its label in the contents, and its `body` element, of HTML without namespaces."""

    label: str
    body: Any


@dataclass(frozen=True)
class BoundPicture:
    """A picture: its name in the EPUB, by which chapters refer to it, its media type and its bytes."""

    name: str
    media_type: str
    data: bytes


def picture_of(number: int, data: bytes) -> BoundPicture | None:
    """Return a picture of a book by its number, known by its bytes; None where browsers do not show it."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return BoundPicture(f"pictures/{number}.webp", "image/webp", data)
    for signature, media_type, suffix in _SIGNATURES:
        if data.startswith(signature):
            return BoundPicture(f"pictures/{number}{suffix}", media_type, data)
    return None


def merge_chapters(chapters: Sequence[BoundChapter]) -> list[BoundChapter]:
    """Return as many chapters as a book may have: of more, several in a row are one, called as the first."""
    size = -(-len(chapters) // CHAPTERS_LIMIT)
    merged: list[BoundChapter] = []
    for number, chapter in enumerate(chapters):
        if size > 1 and number % size:
            append_text(merged[-1].body, chapter.body.text)
            merged[-1].body.extend(list(chapter.body))
        else:
            merged.append(chapter)
    return merged


def chapter_file(number: int) -> str:
    """Return the name of the member that has a chapter, by its number from 1."""
    return f"chapter{number}.xhtml"


def bind(
    out: Path, title: str, language: str | None, chapters: Sequence[BoundChapter], pictures: Iterable[BoundPicture]
) -> Derived:
    """Write the EPUB into `out`."""
    pictures = list(pictures)
    with zipfile.ZipFile(out / _FILE, "w", zipfile.ZIP_DEFLATED) as book:
        _add(book, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        _add(book, "META-INF/container.xml", _CONTAINER)
        _add(book, "book.opf", _build_package(title, language, len(chapters), pictures))
        _add(book, "nav.xhtml", _build_navigation(title, chapters))
        _add(book, "book.css", _STYLE)
        for number, chapter in enumerate(chapters, 1):
            body = etree.tostring(chapter.body, encoding="unicode", with_tail=False)
            _add(book, chapter_file(number), _PAGE.format(title=escape(chapter.label), body=body))
        for picture in pictures:
            _add(book, picture.name, picture.data, zipfile.ZIP_STORED)
    return Derived(AssetRole.RENDITION, READING_COPY, "application/epub+zip", _FILE)


def passages_of(chapters: Iterable[BoundChapter]) -> list[Passage]:
    """Return the text of the chapters, by their numbers; those without text are left out."""
    texts = [(number, chapter.label, text_of(chapter.body)[0]) for number, chapter in enumerate(chapters, 1)]
    return [Passage("chapter", str(number), label[:_LABEL_LIMIT], text) for number, label, text in texts if text]


def _add(book: zipfile.ZipFile, name: str, data: str | bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    member = zipfile.ZipInfo(name, _STAMP)
    member.compress_type = method
    book.writestr(member, data)


def _build_package(title: str, language: str | None, chapters: int, pictures: Iterable[BoundPicture]) -> str:
    items = "".join(
        f'<item id="c{number}" href="{chapter_file(number)}" media-type="application/xhtml+xml"/>'
        for number in range(1, chapters + 1)
    ) + "".join(
        f'<item id="p{number}" href={quoteattr(picture.name)} media-type="{picture.media_type}"/>'
        for number, picture in enumerate(pictures, 1)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(1, chapters + 1))
    return (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:tianyuan:reading-copy</dc:identifier><dc:title>{escape(title)}</dc:title>'
        f"<dc:language>{escape(language or 'und')}</dc:language>"
        '<meta property="dcterms:modified">2000-01-01T00:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="css" href="book.css" media-type="text/css"/>{items}</manifest><spine>{spine}</spine></package>'
    )


def _build_navigation(title: str, chapters: Iterable[BoundChapter]) -> str:
    entries = "".join(
        f'<li><a href="{chapter_file(number)}">{escape(chapter.label)}</a></li>'
        for number, chapter in enumerate(chapters, 1)
    )
    body = f'<body><nav epub:type="toc"><ol>{entries}</ol></nav></body>'
    return _PAGE.format(title=escape(title), body=body)
