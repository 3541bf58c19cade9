"""EPUB 3 from a Markdown text with front matter: a heading of the first level begins a chapter."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import yaml

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
    _, front, body = source.read_text(encoding="utf-8").split("---\n", 2)
    metadata = yaml.safe_load(front)
    chapters = re.findall(r"^# (.+)\n([\s\S]*?)(?=^# |\Z)", body, re.MULTILINE)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        _add(book, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        _add(book, "META-INF/container.xml", _CONTAINER)
        _add(book, "book.opf", _package(source.stem, metadata, len(chapters)))
        _add(book, "nav.xhtml", _navigation(source.stem, [title for title, _ in chapters]))
        for number, (title, text) in enumerate(chapters, 1):
            paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
            page = _PAGE.format(title=escape(title), body=f"<h1>{escape(title)}</h1>{paragraphs}")
            _add(book, f"chapter{number}.xhtml", page)


def _add(book: zipfile.ZipFile, name: str, text: str, method: int = zipfile.ZIP_DEFLATED) -> None:
    member = zipfile.ZipInfo(name, _STAMP)
    member.compress_type = method
    book.writestr(member, text)


def _package(title: str, metadata: dict[str, object], chapters: int) -> str:
    subjects = [part.strip() for part in str(metadata.get("subjects", "")).split(",")]
    subjects.append(f"CLC {metadata['clc']}")
    items = "".join(
        f'<item id="c{number}" href="chapter{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(1, chapters + 1)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(1, chapters + 1))
    return (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="zh-CN"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:tianyuan:sample:{escape(title)}</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title>"
        f"<dc:creator>{escape(str(metadata['author']))}</dc:creator><dc:language>zh-CN</dc:language>"
        f"<dc:publisher>天元区图书馆</dc:publisher><dc:date>{metadata['date']}</dc:date>"
        f"<dc:description>{escape(str(metadata['abstract']))}</dc:description>"
        + "".join(f"<dc:subject>{escape(subject)}</dc:subject>" for subject in subjects)
        + '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )


def _navigation(title: str, chapters: list[str]) -> str:
    entries = "".join(
        f'<li><a href="chapter{number}.xhtml">{escape(chapter)}</a></li>' for number, chapter in enumerate(chapters, 1)
    )
    return _PAGE.format(title=escape(title), body=f'<nav epub:type="toc"><ol>{entries}</ol></nav>')
