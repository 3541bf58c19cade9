"""Splits a stream of text into pages of at most 40 KB of HTML, or 12,000 Chinese characters, at paragraph borders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from library_server.catalogue.passages.fragments import PassageFragment

PAGE_BYTES, SPLIT_ABOVE = 36_000, 40_000
CHAPTERS, LABEL_CHARACTERS = 10_000, 100
# a line is a paragraph, and some signs are escaped: as many bytes of HTML for the one of the text
_TIMES_IN_HTML = {"\n": 21, **dict.fromkeys("&<>\"'", 5)}
_SENTENCE_END = re.compile(r"[。！？!?…][”’」』）)]?|\.\s")


@dataclass(frozen=True)
class Page:
    """One page of a text: the number of its chapter (from 0), the chapter's label, the text, and the value of the
    chapter's locator, such as the number of a page in a PDF.
    """

    chapter: int
    label: str
    text: str
    value: str = ""


def paginate(pieces: Iterable[PassageFragment], *, joined: bool = False) -> Iterator[Page]:
    """Yield the pages of a text in order; a chapter of at most `SPLIT_ABOVE` bytes of HTML is one page.

    `joined` makes one chapter of all passages. What comes after `CHAPTERS` chapters is put into the last one.
    """
    pending: Page | None = None
    is_first = True
    for piece in _at_most(pieces, 1 if joined else CHAPTERS):
        if pending is None or piece.index != pending.chapter:
            if pending is not None:
                yield from _finish_chapter(pending, is_first)
            pending, is_first = Page(piece.index, piece.label[:LABEL_CHARACTERS], "", piece.value), True
        pending = replace(pending, text=pending.text + piece.text)
        while len(pending.text) > SPLIT_ABOVE or html_bytes(pending.text) > SPLIT_ABOVE:
            end = _find_border(pending.text)
            page, pending = (
                replace(pending, text=pending.text[:end].strip("\n")),
                replace(pending, text=pending.text[end:]),
            )
            if page.text.strip():
                yield page
                is_first = False
    if pending is not None:
        yield from _finish_chapter(pending, is_first)


def _at_most(pieces: Iterable[PassageFragment], chapters: int) -> Iterator[PassageFragment]:
    """Yield the pieces, with passages beyond a number of chapters joined to the last of these, a blank line between
    them.
    """
    last_index = -1
    for piece in pieces:
        if piece.index >= chapters:
            is_new = piece.index != last_index
            text = f"\n\n{piece.text}" if is_new else piece.text
            yield replace(piece, index=chapters - 1, text=text)
        else:
            yield piece
        last_index = piece.index


def _finish_chapter(pending: Page, is_only: bool) -> Iterator[Page]:
    """Yield the rest of a chapter, unless it is blank; a blank chapter has one page, so that it can be opened."""
    text = pending.text.strip("\n")
    if is_only or text.strip():
        yield replace(pending, text=text)


def html_bytes(text: str) -> int:
    """Return how many bytes a text has at most as HTML, a paragraph a line."""
    added = sum(text.count(sign) * (times - 1) for sign, times in _TIMES_IN_HTML.items())
    return len(text.encode("utf-8", "replace")) + added


def _fit_page(text: str) -> int:
    """Return how many characters at the beginning of a text fit on a page, at least one."""
    repeated = text[:PAGE_BYTES]  # each sign as many times as makes it as long as in HTML
    for sign, times in _TIMES_IN_HTML.items():
        repeated = repeated.replace(sign, sign * times)
    fitting = repeated.encode("utf-8", "replace")[:PAGE_BYTES].decode("utf-8", "ignore")
    counts = {sign: fitting.count(sign) for sign in _TIMES_IN_HTML}
    whole = sum(count // _TIMES_IN_HTML[sign] for sign, count in counts.items())  # the last may be cut
    return max(1, len(fitting) - sum(counts.values()) + whole)


def _find_border(text: str) -> int:
    """Return where to end a page: after a paragraph, else a line, else a sentence, else anywhere."""
    longest = _fit_page(text)
    for border in ("\n\n", "\n"):
        border_at = text.rfind(border, longest // 2, longest)
        if border_at >= 0:
            return border_at + len(border)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, longest // 2, longest)]
    return ends[-1] if ends else longest
