"""The bodies of a FictionBook as chapters of XHTML, with the pictures that they show.

Elements of HTML, which editors leave in such books, are kept; of unknown ones the text is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from lxml import etree

from ingest_tools.formats.ebooks.binding import (
    CHAPTERS_LIMIT,
    BoundChapter,
    BoundPicture,
    chapter_file,
    merge_chapters,
    picture_of,
)
from ingest_tools.formats.ebooks.data_addresses import is_picture_address, read_picture
from ingest_tools.formats.ebooks.html.body import copy_elements
from ingest_tools.formats.markup import get_attribute, local_name

_LONG_SECTION: Final = 20_000  # characters: a longer section is divided by those in it
_SHORT_SECTION: Final = 500
_DEEPEST_SECTION: Final = 6
_DEEPEST_ELEMENT: Final = 200
_NAMES: Final = {
    "annotation": "blockquote", "cite": "blockquote", "date": "p", "emphasis": "em", "empty-line": "p",
    "epigraph": "blockquote", "poem": "div", "stanza": "div", "strikethrough": "s", "style": "span", "subtitle": "h4",
    "text-author": "p", "title": "h2", "v": "p",
}  # fmt: skip
_KEPT: Final = frozenset(
    ("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
     "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "tr", "u",
     "ul")
)  # fmt: skip
_DROPPED: Final = frozenset(("binary", "script", "object", "iframe"))
_CLASSES: Final = frozenset(("epigraph", "poem", "stanza", "text-author", "v", "cite", "date"))
_SPANS: Final = frozenset(("colspan", "rowspan"))
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_BODY_LABELS: Final = {"notes": "注释", "comments": "评注", "footnotes": "注释"}


class Binaries:
    """The pictures in a file, by their names; `used` are those that the chapters show, by name."""

    def __init__(self, root: Any) -> None:
        self._elements = {
            element.get("id", "").strip(): element for element in root.iter() if local_name(element.tag) == "binary"
        }
        self.used: dict[str, BoundPicture] = {}

    @property
    def names(self) -> list[str]:
        """The names, in the order of the file."""
        return list(self._elements)

    def decode_data(self, name: str) -> bytes | None:
        """Return the bytes of a picture: base64 with line breaks, and without the signs at its end; None where it has
        none.
        """
        if is_picture_address(name):  # as converters leave it, which is no reference
            return read_picture(name)
        element = self._elements.get(name)
        if element is None:
            return None
        digits = _NOT_BASE64.sub("", element.text or "")
        digits = digits[:-1] if len(digits) % 4 == 1 else digits
        try:
            return base64.b64decode(digits + "=" * (-len(digits) % 4)) or None
        except binascii.Error:
            return None

    def use_picture(self, name: str) -> BoundPicture | None:
        """Return a picture that a chapter shows, of which note is taken; None where browsers do not show it."""
        if name not in self.used:
            data = self.decode_data(name)
            picture = picture_of(len(self.used) + 1, data) if data else None
            if picture is None:
                return None
            self.used[name] = picture
        return self.used[name]


def read_chapters(root: Any, binaries: Binaries) -> list[BoundChapter]:
    """Return the chapters of all bodies, notes last; of very many, several are one."""
    chapters: list[BoundChapter] = []
    for body in (child for child in root if local_name(child.tag) == "body"):
        for label, parts in _divide_chapters(body, 0):
            element = etree.Element("body")
            for part in parts:
                _convert(part, element, binaries)
            if len(element):
                chapters.append(BoundChapter(label or f"第 {len(chapters) + 1} 节", element))
    chapters = merge_chapters(chapters)
    _resolve_links(chapters)
    return chapters


def _divide_chapters(section: Any, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the chapters of a body or section: the label of each, and the elements that are in it."""
    children = [child for child in section if isinstance(child.tag, str)]
    sections = [child for child in children if local_name(child.tag) == "section"]
    label = _make_label(children) or _BODY_LABELS.get(section.get("name", "") if depth == 0 else "", "")
    if not sections or depth > _DEEPEST_SECTION or not _is_divided(section, sections, depth):
        yield label, children if depth == 0 else [section]
        return
    front: list[Any] = []
    for child in children:
        if local_name(child.tag) != "section":
            front.append(child)
            continue
        if front:
            yield label, front
            front = []
        yield from _divide_chapters(child, depth + 1)
    if front:
        yield label, front


def _is_divided(section: Any, sections: list[Any], depth: int) -> bool:
    """Return whether the sections in a section are chapters of their own; notes are one chapter together."""
    length = len(str(section.xpath("string()")))
    if section.get("name", "") in _BODY_LABELS:
        return length > _LONG_SECTION and len(sections) <= CHAPTERS_LIMIT // 10
    titled = all(_make_label(child) for child in sections)
    return depth == 0 or length > _LONG_SECTION or (titled and length >= _SHORT_SECTION * len(sections))


def _make_label(children: Any) -> str:
    for child in children:
        if local_name(child.tag) == "title":
            pieces = (" ".join(str(line.xpath("string()")).split()) for line in (*child, child) if line is not None)
            lines = [piece for piece in pieces if piece]
            return " ".join(lines[:-1] or lines)
    return ""


def _convert(source: Any, target: Any, binaries: Binaries) -> None:
    """Append an element and all in it to `target`, as XHTML."""
    copy_elements(source, target, _DROPPED, partial(_convert_element, binaries=binaries))


def _convert_element(element: Any, tag: str, open_elements: list[Any], binaries: Binaries) -> Any:
    """Return the new element in the innermost open one; that one itself where elements are nested too deep."""
    parent = open_elements[-1]
    if tag == "image":
        return _add_image(element, parent, binaries)
    if len(open_elements) > _DEEPEST_ELEMENT:
        return parent
    name = _NAMES.get(tag) or (tag if tag in _KEPT else "span")
    if tag == "p" and parent.tag == "h2":
        if len(parent):
            etree.SubElement(parent, "br")
        name = "span"
    made = etree.SubElement(parent, name)
    if identifier := element.get("id", "").strip():
        made.set("id", identifier)
    if tag in _CLASSES:
        made.set("class", tag)
    for key in _SPANS:
        if (value := get_attribute(element, key)).isdecimal():
            made.set(key, value)
    if tag == "empty-line":
        made.text = "\u00a0"
    if tag == "a" and (href := get_attribute(element, "href").strip()):
        made.set("href", href)
    return made


def _add_image(element: Any, parent: Any, binaries: Binaries) -> Any:
    picture = binaries.use_picture(get_attribute(element, "href").strip().lstrip("#"))
    if picture is None:
        return etree.SubElement(parent, "span")
    return etree.SubElement(parent, "img", src=picture.name, alt=get_attribute(element, "alt"))


def _resolve_links(chapters: list[BoundChapter]) -> None:
    """Point links to the chapters where their targets are; of others than to web pages the text stays."""
    files: dict[str, str] = {}
    for number, chapter in enumerate(chapters, 1):
        for element in chapter.body.iter():
            if identifier := element.get("id"):
                files.setdefault(identifier, chapter_file(number))
    for chapter in chapters:
        for link in chapter.body.iter("a"):
            href = link.attrib.pop("href", "")
            if href.startswith("#") and href[1:] in files:
                link.set("href", f"{files[href[1:]]}{href}")
            elif href.startswith(("http://", "https://", "mailto:")):
                link.set("href", href)
