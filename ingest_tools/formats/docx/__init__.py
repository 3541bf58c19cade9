"""DOCX (ECMA-376): properties, and the text by headings; a document without headings in even parts.

`package` finds the parts, `body` reads the paragraphs, `runs` the text of one, `tables` makes lines of rows, `styles`
and `numbering` read the parts of those names. Macros and embedded objects are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats import text
from ingest_tools.formats.access_levels import access_of_head
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.docx.body import BodyReader
from ingest_tools.formats.docx.package import WordPackage
from ingest_tools.formats.docx.tables import Paragraph
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.placeholders import is_placeholder_title
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage
from library_server.lazy_patterns import lazy_pattern

_LABEL_LIMIT = 80
_PICTURE = re.compile(r"(?:.*/)?media/[^/]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|webp|svg|wdp)", re.IGNORECASE)
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_FIRST_PARAGRAPHS = 8
_OFFICIAL_TITLE = lazy_pattern(
    r"[\u4e00-\u9fff]{0,30}关于[^。！？；]{2,60}的(?:通知|决定|决议|意见|报告|请示|批复|函|复函|通报|通告|公告|公报|议案|命令|纪要|办法|规定|方案)"
)


def describe(path: Path, out: Path) -> Description:
    """Title, author and the text by chapters; a document of pictures alone has none. Raises `RejectedError`."""
    archive = Archive(path)
    package = WordPackage(archive)
    paragraphs = _read_paragraphs(package)
    chapters = _build_chapters(paragraphs)
    has_text = any(chapter.text for chapter in chapters)
    pictures = sum(_PICTURE.fullmatch(name) is not None for name in archive.names)
    if not has_text and not pictures:
        raise RejectedError("no_text")
    properties = package.read_properties()
    abstract = next(iter(properties.get("description", ())), None)
    description = Description(
        format="docx",
        media_type=MEDIA_TYPE,
        kind="book",
        title=_choose_title(properties.get("title", ()), paragraphs),
        creators=[(name, "author") for name in properties["creator"]],
        language=detect_language(chapter.text for chapter in chapters),
        abstract=abstract or (None if has_text else f"文档里没有文字，只有 {pictures} 张图片。"),
        access=access_of_head("\n".join(paragraph.text for paragraph in paragraphs)),
        extent=len(chapters) if has_text else None,
        derived=[write_passages(chapters if has_text else [], out)],
    )
    return description.with_subjects(properties["keywords"])


def _read_paragraphs(package: WordPackage) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    length = 0
    for paragraph in BodyReader(package).read():
        length += len(paragraph.text)
        if length > text.TEXT_LIMIT:
            raise RejectedError("too_large", "text")
        paragraphs.append(paragraph)
    return paragraphs


def _choose_title(stated: Sequence[str], paragraphs: Sequence[Paragraph]) -> str | None:
    """Return the title of the properties, else what stands in the style of titles, else that of an official document,
    which has a form of its own (GB/T 9704, 7.3.1).
    """
    titles = (paragraph.text for paragraph in paragraphs if paragraph.is_title)
    first = (paragraph.text.strip() for paragraph in paragraphs[:_FIRST_PARAGRAPHS])
    official = (line for line in first if _OFFICIAL_TITLE.fullmatch(line))
    return next((title for title in (*stated, *titles, *official) if not is_placeholder_title(title)), None)


def _build_chapters(paragraphs: Sequence[Paragraph]) -> list[Passage]:
    chapters: list[tuple[str, list[str]]] = [("", [])]
    for paragraph in paragraphs:
        if paragraph.is_heading:
            chapters.append((paragraph.text, []))
        else:
            chapters[-1][1].append(paragraph.text)
    with_text = [(label, "\n".join(lines)) for label, lines in chapters if label or lines]
    if len(with_text) <= 1 or len(with_text) > text.CHAPTERS_LIMIT:
        return text.split_chapters("\n".join(filter(None, (part for chapter in with_text for part in chapter))))
    return [
        Passage("chapter", str(number), (label or "卷首")[:_LABEL_LIMIT], _build_body(label, body))
        for number, (label, body) in enumerate(with_text, 1)
    ]


def _build_body(label: str, body: str) -> str:
    """Return the text of a chapter, with its heading where that would be lost: one without text, or longer than a
    label.
    """
    return "\n".join(filter(None, (label, body))) if not body or len(label) > _LABEL_LIMIT else body
