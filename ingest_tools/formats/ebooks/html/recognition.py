"""Which names are those of pages of HTML, and which of them is the first of a book."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final

from library_server.catalogue.parts.natural_order import natural_key

PAGES: Final = (".html", ".htm", ".xhtml")
_FIRST: Final = (
    "index", "default", "main", "start", "home", "cover", "封面", "首页", "toc", "contents", "content", "目录", "目次",
    "mulu", "ml",
)  # fmt: skip

# headers of a message of parts that refer to each other (RFC 2557, 5): a letter has others
_WEB_ARCHIVE: Final = re.compile(
    rb"[\xef\xbb\xbf\s]*(?:[!-9;-~]{1,60}:[^\n]{0,1000}\n(?:[ \t][^\n]{0,1000}\n)*){0,30}?"
    rb"content-type:\s*multipart/related\b",
    re.IGNORECASE,
)


def is_web_archive(head: bytes) -> bool:
    """Return whether a file is a web archive (MHT) by its first bytes."""
    return _WEB_ARCHIVE.match(head) is not None


def is_page(name: str) -> bool:
    """Return whether a file is a page by its suffix."""
    return name.lower().endswith(PAGES)


def is_index(name: str) -> bool:
    """Return whether a page is called as the first of a site or a book."""
    return is_page(name) and posixpath.splitext(posixpath.basename(name))[0].lower() in _FIRST


def sort_pages(names: Iterable[str]) -> list[str]:
    """Pages in natural order, but for the first of the book."""
    pages = sorted((name for name in names if is_page(name)), key=natural_key)
    first = min(filter(is_index, pages), key=_rank, default=None)
    return pages if first is None else [first, *(name for name in pages if name != first)]


def _rank(name: str) -> tuple[int, int]:
    stem = posixpath.splitext(posixpath.basename(name))[0].lower()
    return name.count("/"), _FIRST.index(stem)
