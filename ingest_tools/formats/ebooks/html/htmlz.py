"""A book of pages of HTML in a ZIP: HTMLZ of calibre, and folders of pages that were packed as one."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Final

from ingest_tools.description import Description
from ingest_tools.formats.archive import Archive
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html.recognition import sort_pages
from ingest_tools.formats.ebooks.html.site import describe_site
from ingest_tools.rejections import RejectedError

MEDIA_TYPE: Final = "application/x-htmlz"


def describe(path: Path, out: Path) -> Description:
    """Metadata, text and the EPUB for the reader page. Raises `RejectedError`."""
    return describe_site(_ArchivedSite(path), out, MEDIA_TYPE)


class _ArchivedSite:
    """The pages in a ZIP."""

    def __init__(self, path: Path) -> None:
        self._archive = Archive(path)
        self.page_names = sort_pages(self._archive.names)

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
