"""The table of contents of an EPUB: what its navigation document (EPUB 3.3, 7) or its NCX calls each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ingest_tools.formats import markup
from ingest_tools.formats.epub.package import Book, find_elements
from ingest_tools.formats.markup import get_attribute
from ingest_tools.rejections import RejectedError

_OTHER_LISTS: Final = frozenset(
    ("landmarks", "page-list", "lot", "loi", "lov", "loa", "doc-pagelist", "doc-index", "doc-landmarks")
)


@dataclass(frozen=True)
class Entry:
    """A line of the table: the member that it points to, the place in it (empty for its beginning), and its words."""

    member: str
    fragment: str
    label: str


def read_contents(book: Book) -> list[Entry]:
    """Return the entries of the EPUB 3 navigation document, or else of the EPUB 2 NCX, in their order."""
    items = list(book.manifest.values())
    navigation = [item for item in items if "nav" in item.get("properties", "").split()]
    ncx = [item for item in items if item.get("media-type") == "application/x-dtbncx+xml"]
    for item in (*navigation, *ncx):
        member = book.resolve(item.get("href", ""))
        if member is None:
            continue
        try:
            entries = list(_read_nav(book, member) if item in navigation else _read_ncx(book, member))
        except RejectedError:
            continue  # a book is not refused for its table of contents
        if entries:
            return entries
    return []


def _read_nav(book: Book, name: str) -> Iterator[Entry]:
    root = markup.parse_document(book.read(name))
    if root is None:
        return
    lists = [(nav, _kinds_of(nav)) for nav in find_elements(root, "nav")]
    contents = [nav for nav, kinds in lists if kinds & {"toc", "doc-toc"}]
    contents = contents or [nav for nav, kinds in lists if not kinds & _OTHER_LISTS][:1]
    for link in (link for nav in contents for link in find_elements(nav, "a") if link.get("href")):
        yield from _make_entry(book, link.get("href"), name, markup.text_of(link)[0] or _read_alternative(link))


def _kinds_of(nav: Any) -> set[str]:
    return {*get_attribute(nav, "type").split(), *get_attribute(nav, "role").split()}


def _read_alternative(link: Any) -> str:
    """Return the words for a link that is a picture."""
    words = (get_attribute(image, "alt") for image in find_elements(link, "img"))
    return next(filter(None, words), get_attribute(link, "title"))


def _read_ncx(book: Book, name: str) -> Iterator[Entry]:
    for point in find_elements(book.parse_xml(name), "navpoint"):
        content = next(find_elements(point, "content"), None)
        text = next(find_elements(point, "text"), None)
        if content is not None and text is not None:
            yield from _make_entry(book, content.get("src", ""), name, "".join(text.itertext()))


def _make_entry(book: Book, reference: str, base: str, label: str) -> Iterator[Entry]:
    member, words = book.resolve(reference, base), " ".join(label.split())
    if member and words:
        yield Entry(member, "" if member.endswith(reference) else reference.partition("#")[2], words)
