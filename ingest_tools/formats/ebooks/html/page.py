"""A book in one HTML file, with the pictures that lie next to it."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from ingest_tools.description import Description
from ingest_tools.formats.ebooks.decoding import decode_declared
from ingest_tools.formats.ebooks.html.metadata import split_ending
from ingest_tools.formats.ebooks.html.recognition import is_page
from ingest_tools.formats.ebooks.html.site import PICTURES_LIMIT, describe_site
from ingest_tools.formats.markup import decode
from ingest_tools.rejections import RejectedError

LIMIT: Final = 64 * 1024 * 1024
_PAGE: Final = ""
_PAGES_LOOKED_AT, _LEAST_SHARED = 20, 3
_HEAD: Final = 16_384
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})</title", re.IGNORECASE)


def describe(path: Path, out: Path, *, folder: Path | None = None, is_document: bool = False) -> Description:
    """Metadata, text and the EPUB for the reader page, with pictures from `folder`. Raises `RejectedError`.

    A document, as a page under the name of one is, may be short: a notice has a few lines.
    """
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    page = _PageInFolder(path, folder)
    return describe_site(page, out, "text/html", page.find_shared_endings(), is_document=is_document)


class _PageInFolder:
    """One page, and the pictures in its folder or below it."""

    def __init__(self, path: Path, folder: Path | None) -> None:
        self._path = path
        self._folder = folder.resolve() if folder is not None and folder.is_absolute() else None
        self.page_names = [_PAGE]

    def find_shared_endings(self) -> frozenset[str]:
        """Return what titles of several pages of the folder end in behind a dash: the name of their site."""
        try:
            names = sorted(os.listdir(self._folder)) if self._folder is not None else []
        except OSError:
            return frozenset()
        pages = (self.read_bytes(name) for name in islice(filter(is_page, names), _PAGES_LOOKED_AT))
        titles = {match[1] for data in pages if data and (match := _TITLE.search(decode(data[:_HEAD])))}
        endings = Counter(split_ending(" ".join(title.split()))[1] for title in titles)
        return frozenset(ending for ending, count in endings.items() if ending and count >= _LEAST_SHARED)

    def read_text(self, name: str) -> str:
        """Return the page."""
        return decode_declared(self._path.read_bytes())

    def resolve(self, page: str, reference: str) -> str | None:
        """Return a relative reference as it stands."""
        return None if re.match(r"[A-Za-z][\w+.-]*:|/", reference) else reference

    def read_bytes(self, name: str) -> bytes | None:
        """Return the bytes of a file."""
        if self._folder is None or not name:
            return None
        for form in dict.fromkeys((unquote(name), name)):
            try:
                place = (self._folder / form).resolve()
                if not place.is_relative_to(self._folder):
                    continue
                with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                    status = os.fstat(file.fileno())
                    if stat.S_ISREG(status.st_mode) and status.st_size <= PICTURES_LIMIT:
                        return file.read(status.st_size)
            except (OSError, ValueError, RuntimeError):  # missing, a name that no system has, a circle of links
                continue
        return None
