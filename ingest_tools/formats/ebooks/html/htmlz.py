"""A book of pages of HTML in a ZIP: HTMLZ of calibre, and folders of pages that were packed as one.

calibre puts a package document (`metadata.opf`) and the cover next to the pages, which state nothing themselves.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from ingest_tools.description import Derived, Description
from ingest_tools.formats import pictures
from ingest_tools.formats.access_levels import access_of_xml
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html.recognition import sort_pages
from ingest_tools.formats.ebooks.html.site import describe_site
from ingest_tools.formats.epub import metadata
from ingest_tools.formats.epub.package import find_elements
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.formats.placeholders import is_placeholder_title
from ingest_tools.rejections import RejectedError
from library_server.catalogue.details import CoverImage
from library_server.catalogue.enums import find_strictest

MEDIA_TYPE: Final = "application/x-htmlz"
_PACKAGE: Final = "metadata.opf"


def describe(path: Path, out: Path, *, covers: bool = True) -> Description:
    """Metadata, cover, text and the EPUB for the reader page. Raises `RejectedError`."""
    archive = Archive(path)
    description = describe_site(_ArchivedSite(archive), out, MEDIA_TYPE)
    package = _read_package(archive)
    sizes, cover = _make_cover(archive, package, out) if covers else ([], None)
    described = replace(
        description,
        details=replace(description.details, cover=cover),
        derived=[*sizes, *description.derived],
    )
    return _with_package(described, package) if package is not None else described


@dataclass(frozen=True)
class _Package:
    """A package document."""

    name: str
    opf: Any


class _ArchivedSite:
    """The pages in a ZIP."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.page_names = sort_pages(archive.names)

    def read_text(self, name: str) -> str:
        """Return a page."""
        return decode_declared(self._archive.read(name))

    def resolve(self, page: str, reference: str) -> str | None:
        """Return the member that a reference means."""
        return self._archive.find(posixpath.join(posixpath.dirname(page), reference))

    def read_bytes(self, name: str) -> bytes | None:
        """Return a member."""
        try:
            return self._archive.read(name)
        except RejectedError:
            return None


def _read_package(archive: Archive) -> _Package | None:
    """Return the package document; None where there is none, or it is damaged."""
    name = archive.find(_PACKAGE)
    try:
        return _Package(name, archive.parse_xml(name)) if name is not None else None
    except RejectedError:
        return None


def _with_package(description: Description, package: _Package) -> Description:
    """Return a description with what the package document says, which is believed before the pages."""
    series, number = metadata.read_series(package)
    title = metadata.read_title(package)
    stated = {
        "title": None if title is None or is_placeholder_title(title) else title,
        "creators": metadata.read_creators(package),
        "publisher": metadata.read_publisher(package),
        "date": metadata.read_date(package),
        "language": metadata.read_language(package),
        "isbn": metadata.read_isbn(package),
        "abstract": metadata.read_abstract(package),
        "rights": metadata.read_first_text(package, "rights"),
        "series": series,
        "part_number": number,
    }
    levels = [level for level in (description.access, access_of_xml([(package.name, package.opf)])) if level]
    filled: dict[str, Any] = {name: value for name, value in stated.items() if value}
    described = replace(description, **filled, access=str(find_strictest(*levels)) if levels else None)
    return described.with_subjects(metadata.read_texts(package, "subject"))


def _make_cover(archive: Archive, package: _Package | None, out: Path) -> tuple[list[Derived], CoverImage | None]:
    """Return the sizes of the first picture that can be read of those that are named as the cover."""
    return pictures.make_cover((partial(archive.read, name) for name in _find_covers(archive, package)), out)


def _find_covers(archive: Archive, package: _Package | None) -> Iterator[str]:
    references = find_elements(package.opf, "reference") if package is not None else iter(())
    named = [element.get("href", "") for element in references if element.get("type", "").lower() == "cover"]
    yield from filter(None, map(archive.find, (*named, *(f"cover{suffix}" for suffix in PICTURES))))
