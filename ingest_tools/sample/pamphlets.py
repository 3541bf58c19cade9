"""PDF from a Markdown text with front matter, set by Typst: a heading of the first level begins a chapter."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import typst

from ingest_tools.sample.manuscripts import read_manuscript

_TEMPLATE = Path(__file__).with_name("pamphlet.typ")
_CLOTHS = ("#34506b", "#5c6b47", "#7a4a3a", "#43364f")


def write_pdf(source: Path, target: Path) -> None:
    """Write the PDF of a Markdown file; the same text and fonts give the same bytes."""
    manuscript = read_manuscript(source)
    book = {
        "title": manuscript.title,
        "author": manuscript.author,
        "date": manuscript.date,
        "abstract": manuscript.abstract,
        "subjects": [*manuscript.subjects, f"CLC {manuscript.clc}"],
        "cloth": _CLOTHS[zlib.crc32(manuscript.title.encode()) % len(_CLOTHS)],
        "chapters": [{"title": chapter.title, "paragraphs": chapter.paragraphs} for chapter in manuscript.chapters],
    }
    stamp = datetime(int(manuscript.date), 1, 1, tzinfo=UTC)
    typst.compile(_TEMPLATE, output=target, timestamp=stamp, sys_inputs={"book": json.dumps(book, ensure_ascii=False)})
