"""FictionBook 2 (`.fb2`, also in a ZIP): metadata, cover, text by sections, and an EPUB for the reader page.

Elements are found by their local names, and a file that is not well formed is read as far as it goes.
"""

from __future__ import annotations

import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any, Final

from ingest_tools.description import Derived, Description
from ingest_tools.formats import markup, pictures
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.ebooks.binding import bind, passages_of
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.fictionbook import metadata
from ingest_tools.formats.ebooks.fictionbook.body import Binaries, read_chapters
from ingest_tools.formats.ebooks.fictionbook.recognition import fictionbook_members
from ingest_tools.formats.language import detect_language
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, RecordDetails

LIMIT: Final = 128 * 1024 * 1024
TEXT_LIMIT: Final = 20_000_000
MEDIA_TYPE: Final = "application/x-fictionbook+xml"
ZIP_MEDIA_TYPE: Final = "application/x-zip-compressed-fb2"
_END = re.compile(r"</(?:[\w.-]{1,40}:)?FictionBook\s*>")
_LAST_TAG = re.compile(r"</[^<>]{1,60}>\Z|<[^<>]{1,60}/>\Z")
_LANGUAGE = re.compile(rb"<lang>\s*([A-Za-z]{2,3})[^<]{0,10}</lang>")


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, cover, text and the EPUB for the reader page. Raises `RejectedError`."""
    is_zip = zipfile.is_zipfile(path)
    root = _parse_root(_read_member(path) if is_zip else _read_bytes(path))
    binaries = Binaries(root)
    chapters = read_chapters(root, binaries)
    passages = passages_of(chapters)
    if not passages and not binaries.used:
        raise RejectedError("empty_file")
    if sum(len(passage.text) for passage in passages) > TEXT_LIMIT:
        raise RejectedError("too_large", "text")
    title = metadata.read_title(root)
    language = metadata.read_language(root) or detect_language(passage.text for passage in passages)
    sizes, cover = _make_cover(root, binaries, out) if covers else ([], None)
    copy = bind(out, title or "", language, chapters, binaries.used.values())
    series, number = metadata.read_series(root)
    description = Description(
        format="fb2",
        media_type=ZIP_MEDIA_TYPE if is_zip else MEDIA_TYPE,
        kind="book",
        title=title,
        creators=metadata.read_creators(root),
        publisher=metadata.read_publisher(root),
        place=metadata.read_place(root),
        date=metadata.read_date(root),
        language=language,
        isbn=metadata.read_isbn(root),
        abstract=metadata.read_abstract(root),
        series=series,
        part_number=number,
        extent=len(chapters),
        details=RecordDetails(cover=cover),
        derived=[*sizes, write_passages(passages, out), copy],
    )
    return description.with_subjects(metadata.read_subjects(root))


def _read_bytes(path: Path) -> bytes:
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    return path.read_bytes()


def _read_member(path: Path) -> bytes:
    archive = Archive(path)
    return archive.read(fictionbook_members(archive.names)[0])


def _parse_root(data: bytes) -> Any:
    language = _LANGUAGE.search(data, 0, 65536)
    text = decode_declared(data, language[1].decode("ascii") if language else None).rstrip(" \t\r\n\0")
    if not _END.search(text) and not _LAST_TAG.search(text, max(0, len(text) - 100)):
        raise RejectedError("truncated")
    root = markup.parse_xml(b"\xef\xbb\xbf" + text.encode("utf-8", "replace"))
    if root is None or markup.local_name(root.tag) != "fictionbook":
        raise RejectedError("damaged", "no FictionBook element")
    return root


def _make_cover(root: Any, binaries: Binaries, out: Path) -> tuple[list[Derived], CoverImage | None]:
    """Return the sizes of the first picture that can be read of those on the cover page, or of one called a cover."""
    named = [name for name in binaries.names if "cover" in name.lower()]
    names = (*metadata.cover_references(root), *named)
    return pictures.make_cover((partial(binaries.decode_data, name) for name in names), out)
