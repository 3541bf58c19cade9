"""The cover of an EPUB, by every way in which books name it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lxml import etree

from ingest_tools.description import Derived
from ingest_tools.formats import markup, pictures
from ingest_tools.formats.ebooks.data_addresses import is_picture_address, read_picture
from ingest_tools.formats.epub.package import Book, find_elements
from ingest_tools.formats.markup import get_attribute
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage

_PAGES = (".xhtml", ".html", ".htm", ".xml", ".svg")
_PICTURES = tuple(PICTURES)
_BACKGROUND = re.compile(r"""\bbackground(?:-image)?\s*:[^;]{0,200}?url\(\s*["']?([^"')]{1,500})""", re.IGNORECASE)
_COVER_NAME = re.compile(r"(?:^|/)(?:front[-_ ]?)?(?:cover|封面)[^/]{0,20}\.\w{1,5}$", re.IGNORECASE)
_LONGEST_CAPTION = 60  # characters on a page that is only a picture


def make_cover(book: Book, out: Path) -> tuple[list[Derived], CoverImage | None]:
    """Return the sizes of the first picture that can be read of those named as the cover; nothing where there is none.

    The order: the property `cover-image` (EPUB 3), `meta name="cover"` with an id or a path (EPUB 2), the guide, an
    item called a cover, and the picture of a first page that holds nothing else.
    """
    return pictures.make_cover((partial(_read, book, name) for name in _each_once(_find_candidates(book))), out)


def _read(book: Book, name: str) -> bytes | None:
    """Return the bytes of a member, or of a picture that stands in an address itself."""
    return read_picture(name) if is_picture_address(name) else book.read(name)


def _each_once(names: Iterator[str]) -> Iterator[str]:
    """Yield names as they are found, each once: what comes later is looked for only if it is needed."""
    tried: set[str] = set()
    for name in names:
        if name not in tried:
            tried.add(name)
            yield name


def _find_candidates(book: Book) -> Iterator[str]:
    items = book.manifest
    named = [meta.get("content", "") for meta in find_elements(book.opf, "meta") if meta.get("name") == "cover"]
    for item in items.values():
        if "cover-image" in item.get("properties", "").split():
            yield from _find_pictures(book, item.get("href", ""))
    for content in named:
        yield from _find_pictures(book, items[content].get("href", "") if content in items else content)
    for reference in find_elements(book.opf, "reference"):
        if reference.get("type", "").lower().removeprefix("other.ms-") in {"cover", "coverimage", "coverimagestandard"}:
            yield from _find_pictures(book, reference.get("href", ""))
    for name, item in items.items():
        names_cover = "cover" in name.lower() or _COVER_NAME.search(item.get("href", ""))
        if names_cover and item.get("media-type", "").startswith("image/"):
            yield from _find_pictures(book, item.get("href", ""))
    _, first = next(book.read_spine(), (0, None))
    if first:
        yield from _pictures_of_page(book, first, _LONGEST_CAPTION)


def _find_pictures(book: Book, reference: str) -> Iterator[str]:
    """Yield the picture that a reference means: itself, or what its page shows."""
    member = book.resolve(reference)
    if member is None:
        return
    name = member.lower()
    if not name.endswith(_PAGES):  # a name without a suffix is tried as either
        yield member
    if not name.endswith(_PICTURES):
        yield from _pictures_of_page(book, member, None)


def _pictures_of_page(book: Book, page: str, longest: int | None) -> Iterator[str]:
    """Yield the pictures of a page; of one with more text than `longest`, none."""
    if page.lower().endswith(_PICTURES):
        yield page
        return
    try:
        root = markup.parse_document(book.read(page))
    except RejectedError:
        return
    if root is None or (longest is not None and len(markup.text_of(root)[0]) > longest):
        return
    for element in find_elements(root, "img", "image", "object"):
        source = get_attribute(element, "src") or get_attribute(element, "href") or get_attribute(element, "data")
        yield from _find_picture(book, source, page)
    for element in root.iter(etree.Element):
        for address in _BACKGROUND.finditer(element.get("style", "")):
            yield from _find_picture(book, address[1], page)


def _find_picture(book: Book, source: str, page: str) -> Iterator[str]:
    if is_picture_address(source):
        yield source
    elif source and (member := book.resolve(source, page)) and not member.lower().endswith(_PAGES):
        yield member
