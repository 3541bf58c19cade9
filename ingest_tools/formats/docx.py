"""DOCX (ECMA-376): properties, and the text by headings; a document without headings in even parts.

The main part, whatever it is called, is read paragraph by paragraph; macros, fields and embedded objects are not looked
at. Elements are found by their local names: strict documents (ISO/IEC 29500-1) have namespaces of their own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from ingest_tools.description import Description
from ingest_tools.formats import text
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage

_LABEL_LIMIT = 80
_BODY_LEVEL = "9"  # of the outline: text that is no heading (ECMA-376, part 1, section 17.3.1.20)
_MAIN_PART = re.compile(r"(?:.*/)?word/document\d*\.xml", re.IGNORECASE)
_PICTURE = re.compile(r"(?:.*/)?media/[^/]+\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|webp|svg|wdp)", re.IGNORECASE)
_NS = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
}
_HEADINGS = ("heading1", "heading2", "heading3", "1", "2", "3", "title", "标题1", "标题2", "标题3", "a3")
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def describe(path: Path, out: Path) -> Description:
    """Title, author and the text by chapters; a document of pictures alone has none. Raises `RejectedError`."""
    archive = Archive(path)
    chapters = _read_chapters(archive)
    has_text = any(chapter.text for chapter in chapters)
    pictures = sum(_PICTURE.fullmatch(name) is not None for name in archive.names)
    if not has_text and not pictures:
        raise RejectedError("no_text")
    properties = _read_properties(archive)
    description = Description(
        format="docx",
        media_type=MEDIA_TYPE,
        kind="book",
        title=properties.get("title"),
        creators=[(properties["creator"], "author")] if properties.get("creator") else [],
        language=detect_language(chapter.text for chapter in chapters),
        abstract=properties.get("description") or (None if has_text else f"文档里没有文字，只有 {pictures} 张图片。"),
        extent=len(chapters) if has_text else None,
        derived=[write_passages(chapters if has_text else [], out)],
    )
    return description.with_subjects(
        [keyword.strip() for keyword in (properties.get("keywords") or "").split(",") if keyword.strip()]
    )


def _read_properties(archive: Archive) -> dict[str, str]:
    if "docProps/core.xml" not in archive.names:
        return {}
    root = archive.parse_xml("docProps/core.xml")
    tags = {"title": "dc:title", "creator": "dc:creator", "description": "dc:description", "keywords": "cp:keywords"}
    return {name: value for name, tag in tags.items() if (value := (root.findtext(tag, "", _NS) or "").strip())}


def _read_chapters(archive: Archive) -> list[Passage]:
    chapters: list[tuple[str, list[str]]] = [("", [])]
    length = 0
    for heading, line in _read_paragraphs(archive.read(_main_part(archive))):
        length += len(line)
        if length > text.TEXT_LIMIT:
            raise RejectedError("too_large", "text")
        if heading and line:
            chapters.append((line, []))
        elif line:
            chapters[-1][1].append(line)
    with_text = [(label, "\n".join(lines)) for label, lines in chapters if label or lines]
    if len(with_text) <= 1:
        return text.split_chapters("\n".join(filter(None, with_text[0])) if with_text else "")
    return [
        Passage("chapter", str(number), (label or "卷首")[:_LABEL_LIMIT], _build_body(label, body))
        for number, (label, body) in enumerate(with_text, 1)
    ]


def _main_part(archive: Archive) -> str:
    """Return the part that the package's relationships call the document, else the one with its usual name."""
    relations = archive.find("_rels/.rels")
    for relation in archive.parse_xml(relations).iter() if relations else ():
        if str(relation.get("Type", "")).endswith("/officeDocument") and (
            name := archive.find(relation.get("Target", ""))
        ):
            return name
    named = sorted(name for name in archive.names if _MAIN_PART.fullmatch(name.replace("\\", "/")))
    if not named:
        raise RejectedError("damaged", "no main document part")
    return named[0]


def _build_body(label: str, body: str) -> str:
    """Return the text of a chapter, with its heading where that would be lost: one without text, or longer than a
    label.
    """
    return "\n".join(filter(None, (label, body))) if not body or len(label) > _LABEL_LIMIT else body


def _read_paragraphs(data: bytes) -> Iterator[tuple[bool, str]]:
    """Yield every paragraph: whether it is a heading, and its text. A text box comes before the paragraph that it is
    in.
    """
    events = etree.iterparse(io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True,
                             load_dtd=False, recover=True, huge_tree=True)  # fmt: skip
    fallbacks = 0  # open `mc:Fallback` elements, which say again for old programs what a choice before them said
    try:
        for event, element in events:
            tag = local_name(element.tag)
            if tag == "fallback":
                fallbacks += 1 if event == "start" else -1
            if event == "end" and tag == "p":
                text = "" if fallbacks else " ".join(_read_text(element).split())
                yield _is_heading(element), text
                element.clear()
    except etree.XMLSyntaxError as error:
        raise RejectedError("damaged", str(error)) from error


def _is_heading(paragraph: Any) -> bool:
    properties = next((child for child in paragraph if local_name(child.tag) == "ppr"), ())
    for child in properties:
        tag = local_name(child.tag)
        if tag == "outlinelvl":
            return get_attribute(child, "val").strip() != _BODY_LEVEL
        if tag == "pstyle" and get_attribute(child, "val").replace(" ", "").lower() in _HEADINGS:
            return True
    return False


def _read_text(paragraph: Any) -> str:
    pieces = []
    for element in paragraph.iter():
        tag = local_name(element.tag)
        if tag == "t":
            pieces.append(element.text or "")
        elif tag in {"tab", "br", "cr"}:
            pieces.append(" ")
    return "".join(pieces)
