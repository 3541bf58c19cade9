"""A book of one or more pages of HTML, bound to an EPUB for the reader page.

A book of one page is divided by its headings; of several, each page is a chapter, called as the contents call it. Pages
that are furniture of web sites, with little text or with links above all, are no book.
"""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from lxml import etree

from ingest_tools.description import Description
from ingest_tools.formats import markup
from ingest_tools.formats.access_levels import access_of_head
from ingest_tools.formats.ebooks.binding import (
    BoundChapter,
    BoundPicture,
    bind,
    chapter_file,
    merge_chapters,
    passages_of,
    picture_of,
)
from ingest_tools.formats.ebooks.data_addresses import is_picture_address, read_picture
from ingest_tools.formats.ebooks.html.body import plain_body
from ingest_tools.formats.ebooks.html.metadata import (
    FEWEST_CHARACTERS,
    is_contents,
    read_meta_fields,
    refuse_furniture,
    text_length,
    title_of,
)
from ingest_tools.formats.ebooks.html.order import PageLinks, links_of, reading_order
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError

PICTURES_LIMIT: Final = 256 * 1024 * 1024
TEXT_LIMIT: Final = 128 * 1024 * 1024  # characters of all pages with their markup
_HEADINGS: Final = frozenset(("h1", "h2"))
_WRAPPERS: Final = frozenset(("div", "section", "center", "span"))
_TO_PAGE: Final = "page:"  # of links between pages, until their chapters have numbers


class Site(Protocol):
    """The pages of a book and what belongs to them; `page_names` begins with the one that a reader opens first."""

    page_names: list[str]

    def read_text(self, name: str) -> str:
        """Return a page, decoded. Raises `RejectedError`."""

    def resolve(self, page: str, reference: str) -> str | None:
        """Return the name of the page or file that a reference in a page means, without a fragment; None where it is
        none.
        """

    def read_bytes(self, name: str) -> bytes | None:
        """Return the bytes of a file; None where it cannot be read."""


@dataclass(frozen=True)
class _Page:
    name: str
    root: Any
    body: Any
    links: PageLinks


def describe_site(
    site: Site,
    out: Path,
    media_type: str,
    shared_endings: frozenset[str] = frozenset(),
    *,
    is_document: bool = False,
) -> Description:
    """Metadata, text and the EPUB for the reader page; `shared_endings` as `title_of` has. Raises `RejectedError`: of
    what is no document, also for little text.
    """
    pictures = _Pictures(site)
    pages = list(_parse_pages(site, pictures))
    if not pages:
        raise RejectedError("empty_file")
    first = pages[0]
    stated = read_meta_fields(first.root)
    title = title_of(first.root, first.body, stated, shared_endings)
    access = access_of_head(markup.text_of(first.body)[0])
    chapters = _build_chapters(pages, is_document=is_document)  # which moves the elements of the bodies
    passages = passages_of(chapters)
    language = get_attribute(first.root, "lang") or detect_language(passage.text for passage in passages)
    return Description(
        format="html",
        media_type=media_type,
        kind="book",
        title=title,
        creators=[(name, "author") for name in stated.get("author", ())],
        publisher=next(iter(stated.get("publisher", ())), None),
        date=next(iter(stated.get("date", ())), None),
        abstract=next(iter(stated.get("abstract", ())), None),
        language=language.strip() or None if language else None,
        access=access or access_of_head(passages[0].text),
        extent=len(chapters),
        derived=[write_passages(passages, out), bind(out, title or "", language, chapters, pictures.used.values())],
    )


def _parse_pages(site: Site, pictures: _Pictures) -> Iterator[_Page]:
    """Yield the pages that can be read, in the order of the site."""
    characters = 0
    names = set(site.page_names)
    for name in site.page_names:
        try:
            text = site.read_text(name)
        except RejectedError:
            if len(site.page_names) == 1:
                raise
            continue  # a book is not refused for one of its pages
        characters += len(text)
        if characters > TEXT_LIMIT:
            raise RejectedError("too_large")
        root = markup.parse_document(b"\xef\xbb\xbf" + text.encode("utf-8", "replace"))
        if root is None:
            continue
        base = next(
            (get_attribute(element, "href") for element in root.iter() if local_name(element.tag) == "base"), ""
        )

        def resolve(reference: str, name: str = name, base: str = base) -> str | None:
            return _resolve_reference(site, name, reference, base)

        def link_to(reference: str, resolve: Any = resolve) -> str | None:
            target, _, fragment = reference.partition("#")
            member = resolve(target) if target else None
            return f"{_TO_PAGE}{member}#{fragment}" if member in names else None

        links = links_of(root, resolve, names)
        yield _Page(name, root, plain_body(root, pictures.shown_by(resolve), link_to), links)


def _resolve_reference(site: Site, page: str, reference: str, base: str) -> str | None:
    plain = reference.strip().partition("#")[0].partition("?")[0].replace("\\", "/")
    if not plain:
        return None
    member = site.resolve(page, plain)
    return member if member is not None or not base else site.resolve(base, plain)


class _Pictures:
    """The pictures of the pages; `used` are those that were found, by name."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._room = PICTURES_LIMIT
        self.used: dict[str, BoundPicture] = {}

    def shown_by(self, resolve: Any) -> Any:
        """Return what gives the name in the EPUB of the picture that an `img` of a page means, of which note is
        taken.
        """

        def name_of(image: Any) -> str | None:
            source = get_attribute(image, "src")
            if is_picture_address(source):
                name = f"data:{hashlib.sha256(source.encode('utf-8', 'replace')).hexdigest()}"
                is_there = name in self.used or self._take(name, read_picture(source))
            else:
                name = resolve(source)
                is_there = name is not None and (name in self.used or self._take(name, self._site.read_bytes(name)))
            return self.used[name].name if is_there else None

        return name_of

    def _take(self, name: str, data: bytes | None) -> bool:
        picture = picture_of(len(self.used) + 1, data) if data and len(data) <= self._room else None
        if picture is not None:
            self._room -= len(picture.data)
            self.used[name] = picture
        return picture is not None


def _build_chapters(pages: list[_Page], *, is_document: bool) -> list[BoundChapter]:
    """Return the chapters of a book in reading order. Raises `RejectedError` where the pages are no book."""
    by_name = {page.name: page for page in pages}
    order = reading_order(pages[0].name, {page.name: page.links for page in pages})
    chapter_pages = [by_name[name] for name in order if _is_chapter(by_name[name])]
    if len(chapter_pages) < 2:
        body = chapter_pages[0].body if chapter_pages else pages[0].body
        if not is_document or not text_length(body):
            refuse_furniture(body)
        return _without_links(merge_chapters(list(_divide_page(body))))
    if not is_document and sum(text_length(page.body) for page in chapter_pages) < FEWEST_CHARACTERS:
        raise RejectedError("web_page")
    labels = dict(ChainMap(*(dict(page.links.labels) for page in pages)))
    chapters = [
        BoundChapter(labels.get(page.name) or markup.text_of(page.body)[1] or _read_title(page) or "正文", page.body)
        for page in chapter_pages
    ]
    merged = merge_chapters(chapters)
    size = -(-len(chapter_pages) // len(merged))
    numbers = {page.name: number // size + 1 for number, page in enumerate(chapter_pages)}
    return _without_links(merged, numbers)


def _is_chapter(page: _Page) -> bool:
    """Return whether a page has something to read: the contents and the frames around them have not."""
    if not text_length(page.body):
        return bool(page.body.xpath(".//img")) and not page.links.frames
    return not is_contents(page.body)


def _read_title(page: _Page) -> str | None:
    return title_of(page.root, page.body, {})


def _without_links(chapters: list[BoundChapter], numbers: dict[str, int] | None = None) -> list[BoundChapter]:
    """Return the chapters, whose links to pages lead to the chapters of these numbers, or nowhere."""
    for chapter in chapters:
        for link in chapter.body.iter("a"):
            target = link.get("href", "")
            if not target.startswith(_TO_PAGE):
                continue
            name, _, fragment = target.removeprefix(_TO_PAGE).rpartition("#")
            if numbers is None or name not in numbers:
                del link.attrib["href"]
            else:
                link.set("href", chapter_file(numbers[name]) + (f"#{fragment}" if fragment else ""))
    return chapters


def _divide_page(body: Any) -> Iterator[BoundChapter]:
    """Yield the parts of a page that begin with a heading, which may stand in one frame around them all."""
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
