"""A book in one HTML file: its text by headings, bound to an EPUB with the pictures that lie next to it.

Pages that are furniture of web sites, with little text or with links above all, are refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from ingest_tools.description import Description
from ingest_tools.formats import markup
from ingest_tools.formats.access import access_of_head
from ingest_tools.formats.ebooks.binding import BoundChapter, BoundPicture, bind, passages_of, picture_of
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html_body import plain_body
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.markup import attribute, local_name
from ingest_tools.formats.placeholders import is_placeholder_title
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError

LIMIT: Final = 64 * 1024 * 1024
PICTURES_LIMIT: Final = 256 * 1024 * 1024
_FEWEST_CHARACTERS: Final = 300
_MOST_LINKED: Final = 0.5  # share of the text that is in links
_HEADINGS: Final = frozenset(("h1", "h2"))
_WRAPPERS: Final = frozenset(("div", "section", "center", "span"))
_SITE = re.compile(r"\s*[-_|–—－｜].{0,60}")
_META: Final = {
    "author": ("author", "dc.creator", "dcterms.creator", "作者"),
    "date": ("dc.date", "dcterms.date", "dcterms.issued", "date"),
    "publisher": ("dc.publisher", "dcterms.publisher", "publisher"),
    "abstract": ("description", "dc.description", "dcterms.description"),
    "title": ("dc.title", "dcterms.title"),
}  # fmt: skip


def describe(path: Path, out: Path, *, folder: Path | None = None) -> Description:
    """Metadata, text and the EPUB for the reader page, with pictures from `folder`. Raises `RejectedError`."""
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    root = markup.parse_document(b"\xef\xbb\xbf" + decode_declared(path.read_bytes()).encode("utf-8", "replace"))
    if root is None:
        raise RejectedError("empty_file")
    shown = _Pictures(folder)
    body = plain_body(root, shown.name_of)
    _refuse_furniture(body)
    stated = _stated(root)
    title = _title(root, body, stated)
    chapters = list(_chapters(body))  # which moves the elements of the body
    passages = passages_of(chapters)
    language = root.get("lang") or attribute(root, "lang") or detect_language(passage.text for passage in passages)
    return Description(
        format="html",
        media_type="text/html",
        kind="book",
        title=title,
        creators=[(name, "author") for name in stated.get("author", ())],
        publisher=next(iter(stated.get("publisher", ())), None),
        date=next(iter(stated.get("date", ())), None),
        abstract=next(iter(stated.get("abstract", ())), None),
        language=language.strip() or None if language else None,
        access=access_of_head(passages[0].text),
        extent=len(chapters),
        derived=[write_passages(passages, out), bind(out, title or "", language, chapters, shown.used.values())],
    )


class _Pictures:
    """The pictures of a page that lie in its folder or below it; `used` are those that were found, by reference."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder is not None and folder.is_absolute() else None
        self._room = PICTURES_LIMIT
        self.used: dict[str, BoundPicture] = {}

    def name_of(self, image: Any) -> str | None:
        """The name in the EPUB of the picture that an `img` means, of which note is taken."""
        reference = attribute(image, "src").strip().partition("#")[0].partition("?")[0].replace("\\", "/")
        if reference not in self.used:
            data = self._data(reference)
            picture = picture_of(len(self.used) + 1, data) if data else None
            if picture is None:
                return None
            self.used[reference] = picture
        return self.used[reference].name

    def _data(self, reference: str) -> bytes | None:
        if self._folder is None or not reference or re.match(r"[A-Za-z][\w+.-]*:|/", reference):
            return None
        for name in dict.fromkeys((unquote(reference), reference)):
            try:
                place = (self._folder / name).resolve()
                if not place.is_relative_to(self._folder):
                    continue
                with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                    found = os.fstat(file.fileno())
                    if stat.S_ISREG(found.st_mode) and found.st_size <= self._room:
                        self._room -= found.st_size
                        return file.read(found.st_size)
            except (OSError, ValueError, RuntimeError):  # missing, a name that no system has, a circle of links
                continue
        return None


def _refuse_furniture(body: Any) -> None:
    length = len("".join(str(body.xpath("string()")).split()))
    linked = sum(len("".join(str(link.xpath("string()")).split())) for link in body.iter("a") if link.get("href"))
    if length < _FEWEST_CHARACTERS or linked > _MOST_LINKED * length:
        raise RejectedError("web_page")


def _chapters(body: Any) -> Iterator[BoundChapter]:
    """The parts of a page that begin with a heading, which may stand in one frame around them all."""
    frame = body
    while not (frame.text or "").strip() and len(frame) == 1 and local_name(frame[0].tag) in _WRAPPERS:
        frame = frame[0]
    parts: list[Any] = [etree.Element("body")]
    parts[0].text = frame.text
    for child in list(frame):
        if local_name(child.tag) in _HEADINGS:
            parts.append(etree.Element("body"))
        parts[-1].append(child)
    for part in parts:
        text, heading = markup.text_of(part)
        if text or part.xpath(".//img"):
            yield BoundChapter(heading or ("卷首" if part is parts[0] and len(parts) > 1 else "正文"), part)


def _title(root: Any, body: Any, stated: dict[str, list[str]]) -> str | None:
    """The title that the page states, without the name of its site; its first heading where a program wrote that."""
    elements = (element for element in root.iter() if local_name(element.tag) == "title")
    title = next(filter(None, (" ".join(str(element.xpath("string()")).split()) for element in elements)), "")
    headings = (" ".join(str(heading.xpath("string()")).split()) for heading in body.iter("h1"))
    heading = next(filter(None, headings), "")
    if stated.get("title"):
        return stated["title"][0]
    if not title or is_placeholder_title(title):
        return heading or None
    is_site_added = heading and title.startswith(heading) and _SITE.fullmatch(title[len(heading) :])
    return heading if is_site_added else title


def _stated(root: Any) -> dict[str, list[str]]:
    """What the `meta` elements of a page say, by field."""
    fields = {name: field for field, names in _META.items() for name in names}
    stated: dict[str, list[str]] = {}
    for meta in (element for element in root.iter() if local_name(element.tag) == "meta"):
        field = fields.get(attribute(meta, "name").strip().lower())
        if field and (content := " ".join(attribute(meta, "content").split())):
            stated.setdefault(field, []).append(content)
    return stated
