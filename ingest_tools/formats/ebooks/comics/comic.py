"""Comics: pictures in an archive (`.cbz`, `.cbr`), a page each, in the natural order of their names.

The reader page opens ZIP: for other archives a copy is written, and where two pages have one name.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.ebooks.comics import comic_info
from ingest_tools.formats.ebooks.comics.pages import page_names, picture_names, refuse_without_pages
from ingest_tools.formats.ebooks.comics.repacking import MEDIA_TYPE, is_opened_by_readers, media_type_of, repack
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage, RecordDetails, Statements
from library_server.catalogue.enums import READING_COPY, AssetRole

_COPY: Final = f"{READING_COPY}.cbz"
_NOTES_LIMIT: Final = 20
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"BM")
_HEIF_AT: Final = 4  # `ftyp`, of AVIF


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Return what `ComicInfo.xml` says, the number of pages and the cover; pages that cannot be read are named in
    notes.

    Raises `RejectedError`: also where more than half of the pages cannot be read.
    """
    media_type, copies, ended = media_type_of(path), list[Derived](), None
    if media_type != MEDIA_TYPE or not is_opened_by_readers(path):
        ended = repack(path, out / _COPY)
        copies = [Derived(AssetRole.RENDITION, READING_COPY, MEDIA_TYPE, _COPY)]
    archive = Archive(out / _COPY if copies else path)
    refuse_without_pages(archive.shown_name(name) for name in archive.names)
    names = picture_names({name: archive.shown_name(name) for name in archive.names})
    info = comic_info.read(archive)
    pages = page_names(names)
    unread = [(number, name) for number, name in enumerate(pages, 1) if not _is_picture(archive, name)]
    if 2 * len(unread) > len(pages):
        raise RejectedError("damaged", unread[0][1])
    sizes, cover = _make_cover(archive, [*info.front_covers(names), *pages], out) if covers else ([], None)
    notes = [f"第 {number} 页（{archive.shown_name(name)}）坏了，看不到。" for number, name in unread[:_NOTES_LIMIT]]
    if ended is not None:
        notes.append(f"第 {len(pages)} 页以后的读不出来。")
    description = Description(
        format="comic",
        media_type=media_type,
        kind="book",
        title=info.title,
        creators=info.creators,
        publisher=info.get_text("publisher"),
        date=info.date,
        language=info.language,
        isbn=info.isbn,
        abstract=info.get_text("summary"),
        series=info.get_text("series"),
        part_number=info.number,
        extent=len(pages),
        details=RecordDetails(cover=cover, statements=Statements(notes=tuple(notes), agents=info.illustrators)),
        derived=[*sizes, *copies],
    )
    return description.with_subjects(info.subjects)


def _is_picture(archive: Archive, name: str) -> bool:
    """Return whether a member can be unpacked, has its checksum, and begins as a picture that browsers show.

    Raises `RejectedError` where it is too large or encrypted.
    """
    try:
        data = archive.read(name)
    except RejectedError as error:
        if error.code != "damaged":
            raise
        return False
    return data.startswith(_SIGNATURES) or data[_HEIF_AT:].startswith(b"ftyp")


def _make_cover(archive: Archive, candidates: list[str], out: Path) -> tuple[list[Derived], CoverImage | None]:
    return pictures.make_cover((partial(archive.read, name) for name in candidates), out, smallest=1)
