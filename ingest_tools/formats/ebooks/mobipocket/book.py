"""Mobipocket and Kindle books (MOBI 6, KF8, PalmDOC): metadata, cover and text.

The reader page opens KF8 itself; of the older forms an EPUB is made, because they state a wrong encoding too often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from lxml import etree

from ingest_tools.description import Derived, Description
from ingest_tools.formats import markup, pictures, text
from ingest_tools.formats.ebooks.binding import (
    CHAPTERS_LIMIT,
    BoundChapter,
    BoundPicture,
    bind,
    passages_of,
    picture_of,
)
from ingest_tools.formats.ebooks.html.body import plain_body
from ingest_tools.formats.ebooks.mobipocket import metadata
from ingest_tools.formats.ebooks.mobipocket.contents import Entry, read_contents
from ingest_tools.formats.ebooks.mobipocket.database import PalmDatabase
from ingest_tools.formats.ebooks.mobipocket.header import NONE, BookHeader, read_text
from ingest_tools.formats.language import detect_language
from ingest_tools.formats.markup import get_attribute
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, RecordDetails

MEDIA_TYPE: Final = "application/x-mobipocket-ebook"
KF8_MEDIA_TYPE: Final = "application/vnd.amazon.mobi8-ebook"
PALMDOC_MEDIA_TYPE: Final = "application/vnd.palm"
_PAGE_BREAK = re.compile(r"<\s*(?:mbp:)?pagebreak[^>]{0,200}>", re.IGNORECASE)
_PAGE_START = re.compile(r"(?=<html[\s>])", re.IGNORECASE)
_FRAME = re.compile(
    r"<head\b.{0,100000}?</head\s*>|</?(?:html|body)\b[^>]{0,1000}>|<(?:\?xml|!DOCTYPE)[^>]{0,300}>",
    re.IGNORECASE | re.DOTALL,
)
_MARK = re.compile(r"\x02(\d{1,5})\x03")
_LABEL_LINE = 40  # characters


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, cover, text and, but for KF8, the EPUB for the reader page. Raises `RejectedError`."""
    database = PalmDatabase(path)
    header = BookHeader(database)
    data = read_text(database, header)
    content = header.decode_text(data)
    entries = read_contents(database, header, data)
    if entries:
        content = header.decode_text(_mark(data, entries))
    shown = _Pictures(database, header)
    chapters = list(_read_chapters(content, [entry.label for entry in entries], header, shown))
    passages = passages_of(chapters)
    if not passages and not shown.used:
        raise RejectedError("empty_file")
    title = metadata.read_title(header)
    language = metadata.read_language(header) or detect_language(passage.text for passage in passages)
    sizes, cover = _make_cover(shown, header, out) if covers else ([], None)
    copy = [] if header.is_kf8 else [bind(out, title or "", language, chapters, shown.used.values())]
    description = Description(
        format="mobi",
        media_type=KF8_MEDIA_TYPE if header.is_kf8 else MEDIA_TYPE if header.is_mobi else PALMDOC_MEDIA_TYPE,
        kind="book",
        title=title,
        creators=metadata.read_creators(header),
        publisher=metadata.read_first_text(header, metadata.PUBLISHER),
        date=metadata.read_date(header),
        language=language,
        isbn=metadata.read_isbn(header),
        abstract=metadata.read_abstract(header),
        rights=metadata.read_first_text(header, metadata.RIGHTS),
        extent=len(chapters),
        details=RecordDetails(cover=cover),
        derived=[*sizes, write_passages(passages, out), *copy],
    )
    return description.with_subjects(metadata.read_subjects(header))


class _Pictures:
    """The pictures of a book by their numbers from 1; `used` are those that its chapters show."""

    def __init__(self, database: PalmDatabase, header: BookHeader) -> None:
        self._database = database
        self._first = header.first_picture
        self.used: dict[int, BoundPicture] = {}

    def get_data(self, number: int) -> bytes:
        """Return the bytes of a picture; empty where there is none."""
        return self._database.read_record(self._first + number - 1) if self._first != NONE else b""

    def name_of(self, image: Any) -> str | None:
        """Return the name in the EPUB of the picture that an `img` means, of which note is taken."""
        digits = get_attribute(image, "recindex")
        number = int(digits) if digits.isdecimal() and len(digits) < 7 else 0
        if number and number not in self.used:
            picture = picture_of(number, self.get_data(number))
            if picture is not None:
                self.used[number] = picture
        return self.used[number].name if number in self.used else None


def _mark(data: bytes, entries: Sequence[Entry]) -> bytes:
    """Return the text of a book with a mark at the place of each entry of its contents, that has its number."""
    pieces, at = [], 0
    for number, entry in enumerate(entries):
        pieces += [data[at : entry.offset], b"\x02%d\x03" % number]
        at = entry.offset
    return b"".join([*pieces, data[at:]])


def _split(content: str, labels: Sequence[str], *, is_kf8: bool) -> Iterator[tuple[str | None, str]]:
    """Yield the pieces that are chapters, each with the label that the contents have for it.

    A chapter of MOBI 6 goes on to the next one of the contents, over page breaks; without contents each page is one. A
    page of KF8 that is not in the contents is one by itself.
    """
    before, *parts = _MARK.split(content)
    page = _PAGE_START if is_kf8 else _PAGE_BREAK
    yield from ((None, piece) for piece in page.split(before))
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        label = labels[int(number)] if int(number) < len(labels) else None
        first, *others = page.split(part) if is_kf8 else [_PAGE_BREAK.sub("", part)]
        yield label, first
        yield from ((None, piece) for piece in others)


def _read_chapters(content: str, labels: Sequence[str], header: BookHeader, shown: _Pictures) -> Iterator[BoundChapter]:
    """Yield the chapters: by the contents, else between page breaks of MOBI 6, of each page of KF8, by the headings of
    a plain text.
    """
    if not header.is_mobi and "<" not in content[:1000]:
        for passage in text.split_chapters(content.replace("\r\n", "\n").replace("\r", "\n")):
            body = etree.Element("body")
            for line in passage.text.splitlines():
                etree.SubElement(body, "p").text = line
            yield BoundChapter(passage.label, body)
        return
    pieces = [(label, piece) for label, piece in _split(content, labels, is_kf8=header.is_kf8) if piece.strip()]
    size = -(-len(pieces) // CHAPTERS_LIMIT) or 1
    pieces = [
        (pieces[at][0], "".join(piece for _, piece in pieces[at : at + size])) for at in range(0, len(pieces), size)
    ]
    number = 0
    for label, piece in pieces:
        # the parts of a page of KF8 come after its frame
        content = _FRAME.sub("", piece)
        root = markup.parse_document(f"\ufeff<html><body>{content}</body></html>".encode("utf-8", "replace"))
        if root is None:
            continue
        body = plain_body(root, shown.name_of)
        if not (str(body.xpath("string()")).strip() or body.xpath("//img")):
            continue
        number += 1
        yield BoundChapter(label or _make_label(body) or f"第 {number} 节", body)


def _make_label(body: Any) -> str | None:
    """Return the first heading, else a short first line."""
    lines, heading = markup.text_of(body)
    first = lines.partition("\n")[0]
    return heading or (first if 0 < len(first) <= _LABEL_LINE else None)


def _make_cover(shown: _Pictures, header: BookHeader, out: Path) -> tuple[list[Derived], CoverImage | None]:
    offsets = metadata.read_cover_numbers(header)
    return pictures.make_cover((partial(shown.get_data, offset + 1) for offset in offsets), out)
