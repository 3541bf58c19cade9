"""EPUB 3 from one of the sample's texts."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from ingest_tools.sample.manuscripts import Manuscript, read_manuscript

_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="zh-CN" lang="zh-CN"><head><title>{title}</title>'
    "<style>p{{text-indent:2em}}</style></head><body>{body}</body></html>"
)
_STAMP = (2026, 1, 1, 0, 0, 0)


def write_epub(source: Path, target: Path) -> None:
    """Write the EPUB of a Markdown file; the same text gives the same bytes."""
    manuscript = read_manuscript(source)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        _add(book, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        _add(book, "META-INF/container.xml", _CONTAINER)
        _add(book, "book.opf", _build_package(manuscript))
        _add(book, "nav.xhtml", _build_navigation(manuscript))
        for number, chapter in enumerate(manuscript.chapters, 1):
            title, paragraphs = escape(chapter.title), "".join(f"<p>{escape(line)}</p>" for line in chapter.paragraphs)
            _add(book, f"chapter{number}.xhtml", _PAGE.format(title=title, body=f"<h1>{title}</h1>{paragraphs}"))


def _add(book: zipfile.ZipFile, name: str, text: str, method: int = zipfile.ZIP_DEFLATED) -> None:
    member = zipfile.ZipInfo(name, _STAMP)
    member.compress_type = method
    book.writestr(member, text)


def _build_package(manuscript: Manuscript) -> str:
    title, chapters = escape(manuscript.title), len(manuscript.chapters)
    subjects = [*manuscript.subjects, f"CLC {manuscript.clc}"]
    items = "".join(
        f'<item id="c{number}" href="chapter{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(1, chapters + 1)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(1, chapters + 1))
    return (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="zh-CN"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:tianyuan:sample:{title}</dc:identifier>'
        f"<dc:title>{title}</dc:title>"
        f"<dc:creator>{escape(manuscript.author)}</dc:creator><dc:language>zh-CN</dc:language>"
        f"<dc:publisher>天元区图书馆</dc:publisher><dc:date>{escape(manuscript.date)}</dc:date>"
        f"<dc:description>{escape(manuscript.abstract)}</dc:description>"
        + "".join(f"<dc:subject>{escape(subject)}</dc:subject>" for subject in subjects)
        + '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )


def _build_navigation(manuscript: Manuscript) -> str:
    entries = "".join(
        f'<li><a href="chapter{number}.xhtml">{escape(chapter.title)}</a></li>'
        for number, chapter in enumerate(manuscript.chapters, 1)
    )
    return _PAGE.format(title=escape(manuscript.title), body=f'<nav epub:type="toc"><ol>{entries}</ol></nav>')
