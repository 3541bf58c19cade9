"""The text of an EPUB, a passage a chapter, under the titles of its table of contents."""

from __future__ import annotations

from ingest_tools.formats import markup
from ingest_tools.formats.epub.package import Book, find_elements
from ingest_tools.formats.markup import get_attribute
from ingest_tools.formats.text import TEXT_LIMIT
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage

_LABEL_LIMIT = 80
MISSING = "（文件里缺这一节。）"


def read_chapters(book: Book) -> list[Passage]:
    """Return the chapters of the spine that have text; one that the file lacks, or that is damaged, says so.

    Raises `RejectedError` where the spine is empty, no chapter can be read, or the text is too long.
    """
    labels = _read_labels(book)
    chapters: list[Passage] = []
    length = missing = count = 0
    for count, member in book.read_spine():
        text, heading = _read(book, member)
        length += len(text or "")
        if length > TEXT_LIMIT:
            raise RejectedError("too_large", "text")
        missing += text is None
        if text != "":
            label = labels.get(member or "") or heading or f"第 {count} 节"
            chapters.append(Passage("chapter", str(count), label[:_LABEL_LIMIT], MISSING if text is None else text))
    if not count:
        raise RejectedError("damaged", "empty spine")
    if missing == count:
        raise RejectedError("damaged", "no chapter of the spine is in the file")
    return chapters


def _read(book: Book, member: str | None) -> tuple[str | None, str | None]:
    """Return the text of a chapter and its first heading; no text where it is missing or its bytes are damaged."""
    if member is None:
        return None, None
    try:
        data = book.read(member)
    except RejectedError as error:
        if error.code == "too_large":
            raise
        return None, None
    root = markup.parse_document(data) if markup.is_text(data) else None
    return markup.text_of(root) if root is not None else ("", None)


def _read_labels(book: Book) -> dict[str, str]:
    """Chapter titles by member, from the EPUB 3 navigation document or else the EPUB 2 NCX."""
    items = list(book.manifest.values())
    navigation = [item for item in items if "nav" in item.get("properties", "").split()]
    ncx = [item for item in items if item.get("media-type") == "application/x-dtbncx+xml"]
    for item in (*navigation, *ncx):
        member = book.resolve(item.get("href", ""))
        if member is None:
            continue
        try:
            labels = _nav_labels(book, member) if item in navigation else _ncx_labels(book, member)
        except RejectedError:
            continue  # a book is not refused for its table of contents
        if labels:
            return labels
    return {}


def _nav_labels(book: Book, name: str) -> dict[str, str]:
    root = markup.parse_document(book.read(name))
    if root is None:
        return {}
    lists = list(find_elements(root, "nav"))
    contents = [nav for nav in lists if "toc" in get_attribute(nav, "type").split()] or lists[:1]
    labels: dict[str, str] = {}
    for link in (link for nav in contents for link in find_elements(nav, "a") if link.get("href")):
        _add(book, labels, link.get("href"), name, markup.text_of(link)[0])
    return labels


def _ncx_labels(book: Book, name: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for point in find_elements(book.parse_xml(name), "navpoint"):
        content = next(find_elements(point, "content"), None)
        text = next(find_elements(point, "text"), None)
        if content is not None and text is not None:
            _add(book, labels, content.get("src", ""), name, "".join(text.itertext()))
    return labels


def _add(book: Book, labels: dict[str, str], reference: str, base: str, label: str) -> None:
    member, words = book.resolve(reference, base), " ".join(label.split())
    if member and words:
        labels.setdefault(member, words)
