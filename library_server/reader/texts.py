"""The kept text of a record a page at a time: read from the store as a stream, rendered once, cached by content.

A text of 60 MB is never in memory as a whole: its table of contents takes one pass over the stream, and a page is
read together with the pages behind it. All of this runs outside the event loop.
"""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import structlog
from markupsafe import Markup

from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.passages.fragments import PassageFragment, read_fragments
from library_server.catalogue.passages.serialization import Passage
from library_server.reader.markdown import story_html
from library_server.reader.pagination import Page, paginate
from library_server.web.byte_cache import ByteCache
from library_server.web.threadpool import run_in_io_threadpool
from storage_config.errors import ObjectNotFound
from storage_config.stores.base import ObjectStore

CACHE_BYTES = 32 << 20
READ_AHEAD = 32  # pages: those at the end of 40 MB take a second to come to
CUES, CUE_CHARACTERS = 5000, 1000
_BYTES_PER_CHARACTER, _ENTRY_BYTES = 4, 200
_DAMAGED = (OSError, EOFError, ValueError, zlib.error)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Chapter:
    """A chapter: its label, the number of its first page in the text (from 0), how many pages it has, and the value of
    its locator, such as the number of a page in a PDF.
    """

    label: str
    first: int
    pages: int
    value: str = ""

    @property
    def section(self) -> int:
        """The page of a PDF, or the file in the spine of an EPUB, whose text this chapter is, from 1; 0 where it is not
        known.
        """
        return int(self.value) if self.value.isascii() and self.value.isdigit() else 0


@dataclass(frozen=True)
class TextPage:
    """A page of a text; `chapter` and `page` (in the chapter) count from 1, `chapters` has at least one."""

    chapters: tuple[Chapter, ...]
    chapter: int
    page: int
    text: str

    @property
    def label(self) -> str:
        """The label of its chapter."""
        return self.chapters[self.chapter - 1].label

    @property
    def pages(self) -> int:
        """How many pages its chapter has."""
        return self.chapters[self.chapter - 1].pages

    @property
    def share(self) -> float:
        """How much of the text has been read at the end of this page, from 0 to 1."""
        last = self.chapters[-1]
        return (self.chapters[self.chapter - 1].first + self.page) / (last.first + last.pages)

    @property
    def section(self) -> int:
        """The section of its chapter."""
        return self.chapters[self.chapter - 1].section

    @property
    def part(self) -> float:
        """How much of its section stands before this page, from 0 to 1."""
        first, pages = _find_section(self.chapters, self.section)
        return (self.chapters[self.chapter - 1].first + self.page - 1 - first) / pages if self.section else 0.0


@dataclass(frozen=True)
class StoryPage:
    """A page of a story as safe HTML; `page` counts from 1."""

    html: Markup
    page: int
    pages: int


_contents: ByteCache[tuple[Chapter, ...]] = ByteCache(CACHE_BYTES // 4)
_pages: ByteCache[str] = ByteCache(CACHE_BYTES // 2)
_html: ByteCache[Markup] = ByteCache(CACHE_BYTES // 4)


def read_page(record: RecordView, store: ObjectStore, chapter: int, page: int) -> TextPage | None:
    """Return a page of the text of a record, the nearest there is; None where no text was found in it."""
    text_asset = _text_asset(record)
    return run_in_io_threadpool(_read_page, store, text_asset, chapter, page, joined=False) if text_asset else None


def read_place(record: RecordView, store: ObjectStore, section: int, share: float) -> tuple[int, int]:
    """Return the chapter and page, from 1, where a reader is who has read a `share` of a book; in one of its sections
    where that is given, else 0.
    """
    chapters = read_contents(record, store)
    if not chapters:
        return 1, 1
    first, pages = 0, chapters[-1].first + chapters[-1].pages
    number = int(max(0.0, min(share, 1.0)) * pages)
    if section > 0:
        first, pages = _find_section(chapters, section)
    number = max(first, min(number, first + pages - 1))
    at = bisect_right(chapters, number, key=lambda chapter: chapter.first) - 1
    return at + 1, number - chapters[at].first + 1


def _find_section(chapters: Sequence[Chapter], section: int) -> tuple[int, int]:
    """Return the first page of a section in the text, and how many it has; of the one before where it has none."""
    at = max((chapter.section for chapter in chapters if chapter.section <= section), default=chapters[0].section)
    inside = [chapter for chapter in chapters if chapter.section == at]
    return inside[0].first, inside[-1].first + inside[-1].pages - inside[0].first


def read_contents(record: RecordView, store: ObjectStore) -> tuple[Chapter, ...]:
    """Return the chapters of the text of a record; none where no text was found in it."""
    text_asset = _text_asset(record)
    return run_in_io_threadpool(_read_contents, store, text_asset, joined=False) if text_asset else ()


def render_markdown(text: str) -> Markup:
    """Return a page of Markdown as safe HTML, rendered once."""
    key = hashlib.sha256(text.encode()).digest()  # the page of a broken text is not that of the whole one
    html = _html.get(key)
    if html is None:
        html = story_html(text)
        _html.put(key, html, len(html) * _BYTES_PER_CHARACTER + _ENTRY_BYTES)
    return html


def is_text_broken(record: RecordView, store: ObjectStore) -> bool:
    """Return whether a record has a kept text of which nothing can be read: it is gone or damaged."""
    text_asset = _text_asset(record)
    return text_asset is not None and run_in_io_threadpool(_is_broken, store, text_asset)


def read_story(record: RecordView, store: ObjectStore, page: int) -> StoryPage | None:
    """Return a page of a story, the nearest there is; None where it has no text."""
    text_asset = _text_asset(record)
    return run_in_io_threadpool(_read_story, store, text_asset, page) if text_asset else None


def read_cues(record: RecordView, store: ObjectStore) -> tuple[Passage, ...]:
    """Return what is said in a film, at most `CUES` cues."""
    text_asset = _text_asset(record)
    return run_in_io_threadpool(_read_cues, store, text_asset) if text_asset else ()


def _read_page(store: ObjectStore, text_asset: AssetView, chapter: int, page: int, *, joined: bool) -> TextPage | None:
    chapters = _read_contents(store, text_asset, joined=joined)
    if not chapters:
        return None
    chapter = max(1, min(chapter, len(chapters)))
    page = max(1, min(page, chapters[chapter - 1].pages))
    number = chapters[chapter - 1].first + page - 1
    text = _pages.get((text_asset.sha256, joined, number))
    if text is None:
        text = _read_ahead(store, text_asset, number, joined=joined)
    return TextPage(chapters, chapter, page, text)


def _is_broken(store: ObjectStore, text_asset: AssetView) -> bool:
    with closing(TextPieces(store, text_asset)) as pieces:
        return next(iter(pieces), None) is None and pieces.is_broken


def _read_story(store: ObjectStore, text_asset: AssetView, page: int) -> StoryPage | None:
    text_page = _read_page(store, text_asset, 1, page, joined=True)
    if text_page is None or not text_page.text.strip():
        return None
    return StoryPage(render_markdown(text_page.text), text_page.page, text_page.pages)


def _read_contents(store: ObjectStore, text_asset: AssetView, *, joined: bool) -> tuple[Chapter, ...]:
    """Return the chapters, which takes a pass over the whole text; its first pages are cached on the way."""
    known = _contents.get((text_asset.sha256, joined))
    if known is not None:
        return known
    labels: list[tuple[str, str]] = []
    pages: list[int] = []
    last_chapter = -1
    pieces = TextPieces(store, text_asset)
    for number, page in enumerate(paginate(pieces, joined=joined)):
        if page.chapter != last_chapter:
            labels.append((page.label, page.value))
            pages.append(0)
        last_chapter = page.chapter
        pages[-1] += 1
        if number < READ_AHEAD and not pieces.is_broken:
            _cache_page(text_asset, number, page, joined=joined)
    firsts = [0]
    for count in pages:
        firsts.append(firsts[-1] + count)
    chapters = tuple(
        Chapter(label, first, count, value) for (label, value), first, count in zip(labels, firsts, pages, strict=False)
    )
    if chapters and not pieces.is_broken:  # the object may only be away for a moment
        _contents.put((text_asset.sha256, joined), chapters, _ENTRY_BYTES * (len(chapters) + 1))
    return chapters


def _read_ahead(store: ObjectStore, text_asset: AssetView, number: int, *, joined: bool) -> str:
    """Return a page by its number in the text; the pages behind it are cached with it."""
    text = ""
    pieces = TextPieces(store, text_asset)
    with closing(pieces):
        for at, page in enumerate(islice(paginate(pieces, joined=joined), number, number + READ_AHEAD), number):
            if not pieces.is_broken:
                _cache_page(text_asset, at, page, joined=joined)
            text = page.text if at == number else text
    return text


def _cache_page(text_asset: AssetView, number: int, page: Page, *, joined: bool) -> None:
    _pages.put((text_asset.sha256, joined, number), page.text, len(page.text) * _BYTES_PER_CHARACTER + _ENTRY_BYTES)


class TextPieces:
    """The pieces of a kept text; none of one that is gone, and those before the damage of one that is damaged.

    Once the text `is_broken`, what follows from its pieces may be cut short, and is not cached.
    """

    def __init__(self, store: ObjectStore, text_asset: AssetView) -> None:
        self.is_broken = False
        self._pieces = self._read(store, text_asset)

    def __iter__(self) -> Iterator[PassageFragment]:
        return self._pieces

    def close(self) -> None:
        """Close the object that is read."""
        self._pieces.close()

    def _read(self, store: ObjectStore, text_asset: AssetView) -> Generator[PassageFragment]:
        try:
            with store.open(text_asset.key) as reading:
                yield from read_fragments(reading)
        except ObjectNotFound:
            self.is_broken = True
        except _DAMAGED as error:
            self.is_broken = True
            log.error("text_damaged", record=text_asset.record_id, key=text_asset.key, error=repr(error))


def _read_cues(store: ObjectStore, text_asset: AssetView) -> tuple[Passage, ...]:
    cues: list[Passage] = []
    with closing(TextPieces(store, text_asset)) as pieces:
        for piece in pieces:
            if piece.index == len(cues):
                if piece.index >= CUES:
                    break
                cues.append(Passage("time", piece.value, piece.label, piece.text[:CUE_CHARACTERS]))
    return tuple(cues)


def _text_asset(record: RecordView) -> AssetView | None:
    return next(iter(record.assets_of(AssetRole.TEXT)), None)
