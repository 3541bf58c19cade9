"""What a page of HTML says of itself, and whether it is to be read: not the furniture of a web site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ingest_tools.formats.markup import get_attribute, local_name
from ingest_tools.formats.placeholders import is_placeholder_title
from ingest_tools.formats.text import is_chapter_heading
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.text import fold_name

FEWEST_CHARACTERS: Final = 300
_MOST_LINKED: Final = 0.5  # share of the text that is in links
_SITE = re.compile(r"\s*[-_|–—－｜].{0,60}")
_ENDING = re.compile(r"(.*\S)\s*[-_|–—－｜]+\s*([^-_|–—－｜]{1,60})")
_SITE_NAMES: Final = frozenset(("og:site_name", "application-name"))
_META: Final = {
    "author": ("author", "dc.creator", "dcterms.creator", "作者"),
    "date": ("dc.date", "dcterms.date", "dcterms.issued", "date"),
    "publisher": ("dc.publisher", "dcterms.publisher", "publisher"),
    "abstract": ("description", "dc.description", "dcterms.description"),
    "title": ("dc.title", "dcterms.title"),
}  # fmt: skip


def text_length(element: Any) -> int:
    """Return how many characters a page or an element of it has, without spaces."""
    return len("".join(str(element.xpath("string()")).split()))


def is_mostly_links(body: Any) -> bool:
    """Return whether a page leads to other pages above all, as a table of contents does."""
    return _are_most_of([link for link in body.iter("a") if link.get("href")], body)


def is_contents(body: Any) -> bool:
    """Return whether a page of a book lists the others above all, also those that are missing."""
    return _are_most_of([link for link in body.iter("a") if not link.get("id")], body)


def _are_most_of(links: Sequence[Any], body: Any) -> bool:
    return sum(map(text_length, links)) > _MOST_LINKED * text_length(body)


def refuse_furniture(body: Any) -> None:
    """Raise `RejectedError` for a page with little text, or with links above all."""
    if text_length(body) < FEWEST_CHARACTERS or is_mostly_links(body):
        raise RejectedError("web_page")


def title_of(
    root: Any, body: Any, stated: dict[str, list[str]], shared_endings: frozenset[str] = frozenset()
) -> str | None:
    """Return the title that the page states, without the name of its site; its heading where a program wrote that.

    `shared_endings` are those that titles of other pages have too. Behind the name of a chapter they may be the book.
    """
    elements = (element for element in root.iter() if local_name(element.tag) == "title")
    title = next(filter(None, (" ".join(str(element.xpath("string()")).split()) for element in elements)), "")
    headings = (" ".join(str(heading.xpath("string()")).split()) for heading in body.iter("h1"))
    heading = next(filter(None, headings), "")
    if stated.get("title"):
        return stated["title"][0]
    if not title or is_placeholder_title(title):
        return heading or None
    is_site_added = heading and title.startswith(heading) and _SITE.fullmatch(title[len(heading) :])
    if is_site_added:
        return heading
    begun, ending = split_ending(title)
    if ending in _site_names(root) or (ending in shared_endings and not is_chapter_heading(begun)):
        return begun
    return title


def split_ending(title: str) -> tuple[str, str]:
    """Return what comes before the last dash or stroke of a title, and what behind it, folded; else nothing."""
    match = _ENDING.fullmatch(title)
    return (match[1], fold_name(match[2])) if match else (title, "")


def _site_names(root: Any) -> set[str]:
    """Return the names that a page gives its site, folded."""
    metas = (element for element in root.iter() if local_name(element.tag) == "meta")
    return {
        fold_name(content)
        for meta in metas
        if {get_attribute(meta, "property").lower(), get_attribute(meta, "name").lower()} & _SITE_NAMES
        and (content := " ".join(get_attribute(meta, "content").split()))
    }


def read_meta_fields(root: Any) -> dict[str, list[str]]:
    """Return what the `meta` elements of a page say, by field."""
    fields = {name: field for field, names in _META.items() for name in names}
    stated: dict[str, list[str]] = {}
    for meta in (element for element in root.iter() if local_name(element.tag) == "meta"):
        field = fields.get(get_attribute(meta, "name").strip().lower())
        if field and (content := " ".join(get_attribute(meta, "content").split())):
            stated.setdefault(field, []).append(content)
    return stated
