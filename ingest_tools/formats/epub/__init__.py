"""EPUB 2 and 3, as reading systems accept it: metadata, cover, and the text of the spine by chapter."""

from __future__ import annotations

from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats.epub import metadata
from ingest_tools.formats.epub.chapters import read_chapters
from ingest_tools.formats.epub.cover import make_cover
from ingest_tools.formats.epub.package import Book
from ingest_tools.formats.language import detect_language
from ingest_tools.passage_file import write_passages
from library_server.catalogue.details import RecordDetails


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, cover sizes and text of an EPUB. Raises `RejectedError`."""
    book = Book(path)
    chapters = read_chapters(book)
    sizes, cover = make_cover(book, out) if covers else ([], None)
    series, number = metadata.read_series(book)
    description = Description(
        format="epub",
        media_type="application/epub+zip",
        kind="book",
        title=metadata.read_title(book),
        creators=metadata.read_creators(book),
        publisher=metadata.read_publisher(book),
        date=metadata.read_date(book),
        language=metadata.read_language(book) or detect_language(chapter.text for chapter in chapters),
        isbn=metadata.read_isbn(book),
        abstract=metadata.read_abstract(book),
        rights=metadata.read_first_text(book, "rights"),
        access=metadata.read_access(book),
        series=series,
        part_number=number,
        extent=len(chapters),
        details=RecordDetails(version=book.opf.get("version", ""), cover=cover),
        derived=[*sizes, write_passages(chapters, out)],
    )
    return description.with_subjects(metadata.read_subjects(book))
