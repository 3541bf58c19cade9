"""The text of an EPUB, a passage a chapter, under the titles of its table of contents."""

from __future__ import annotations

from typing import Any

from ingest_tools.formats import markup
from ingest_tools.formats.epub.contents import Entry, read_contents
from ingest_tools.formats.epub.package import Book
from ingest_tools.formats.epub.sections import split_sections
from ingest_tools.formats.text import CHAPTERS_LIMIT, TEXT_LIMIT
from ingest_tools.rejections import RejectedError
from library_server.catalogue.passages.serialization import Passage

_LABEL_LIMIT = 80
MISSING = "（文件里缺这一节。）"


def read_chapters(book: Book) -> list[Passage]:
    """Return the chapters of the spine that have text; one that the file lacks, or that is damaged, says so.

    A file in which the table of contents names several places has a chapter for each. Raises `RejectedError` where the
    spine is empty, no chapter can be read, or the text is too long.
    """
    entries = _group_entries(read_contents(book))
    chapters: list[Passage] = []
    length = missing = count = 0
    for count, member in book.read_spine():
        named = entries.get(member or "", [])
        sections = _read(book, member, named)
        length += sum(len(text) for _, text in sections or ())
        if length > TEXT_LIMIT:
            raise RejectedError("too_large", "text")
        missing += sections is None
        for label, text in sections if sections is not None else [(named[0].label if named else None, MISSING)]:
            if text:
                label = label or f"第 {count} 节"
                chapters.append(Passage("chapter", str(count), label[:_LABEL_LIMIT], text))
    if not count:
        raise RejectedError("damaged", "empty spine")
    if missing == count:
        raise RejectedError("damaged", "no chapter of the spine is in the file")
    return chapters


def _group_entries(entries: list[Entry]) -> dict[str, list[Entry]]:
    """Return the entries by member."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries[:CHAPTERS_LIMIT]:
        groups.setdefault(entry.member, []).append(entry)
    return groups


def _read(book: Book, member: str | None, named: list[Entry]) -> list[tuple[str | None, str]] | None:
    """Return label and text of the sections of a chapter file; None where it is missing or its bytes are damaged."""
    if member is None:
        return None
    try:
        data = book.read(member)
    except RejectedError as error:
        if error.code == "too_large":
            raise
        return None
    root = markup.parse_document(data) if markup.is_text(data) else None
    if root is None:
        return []
    places = dict(reversed([(entry.fragment, entry.label) for entry in named if entry.fragment]))
    if len(places) > 1 and len(sections := _split(root, places, named)) > 1:
        return sections
    text, heading = markup.text_of(root)
    return [(named[0].label if named else heading, text)]


def _split(root: Any, places: dict[str, str], named: list[Entry]) -> list[tuple[str | None, str]]:
    """Return the sections that have text; what stands before the first place has the label of the whole file."""
    sections = split_sections(root, places)
    label = next((entry.label for entry in named if not entry.fragment), None)
    return [(own or label, text) for own, text in sections if text]
