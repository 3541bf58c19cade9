"""Every suffix that ingest knows stands on one page of the librarians' handbook."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ingest_tools.formats import detection
from ingest_tools.formats.audiovisual import SUBTITLE_SUFFIXES, playlists
from ingest_tools.formats.documents import reader_formats
from ingest_tools.formats.ebooks.html.recognition import PAGES
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.sources import main_files
from ingest_tools.sources.locator import MARC_SUFFIXES, SPREADSHEET_SUFFIXES
from ingest_tools.sources.packs import names

HANDBOOK = Path(__file__).parents[2] / "docs" / "librarians"
_SUFFIX = re.compile(r"`(\.[a-z0-9.]+)`")
_HEADING = "扩展名"
# only the content tells whether it is a film of a VCD, a disc image or MARC, a document of Word 2003 or MARCXML
_OF_TWO_KINDS = {".dat", ".iso", ".xml"}
KNOWN = {
    *main_files.TEXTS, *main_files.MEDIA, ".md", ".markdown", ".cue", ".nfo", *SUBTITLE_SUFFIXES, *PICTURES,
    *detection.RAW_SUFFIXES, *detection.DATA_SUFFIXES, *detection.COMIC_SUFFIXES,
    *detection.WEB_ARCHIVE_SUFFIXES, *PAGES, ".htmlz",
    *reader_formats.SUFFIXES, *reader_formats.LICENCES, *playlists.SUFFIXES, *names.SUFFIXES, *SPREADSHEET_SUFFIXES,
    *MARC_SUFFIXES,
}  # fmt: skip


def suffixes_of_page(text: str) -> set[str]:
    """The suffixes in the columns of a page that are headed so."""
    suffixes: set[str] = set()
    column = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if _HEADING in cells:
            column = cells.index(_HEADING)
        elif not cells:
            column = None
        elif column is not None:
            suffixes.update(_SUFFIX.findall(cells[column]))
    return suffixes


def test_every_suffix_stands_on_one_page() -> None:
    pages = Counter(suffix for page in HANDBOOK.glob("*.md") for suffix in suffixes_of_page(page.read_text("utf-8")))
    assert sorted(KNOWN - pages.keys()) == []
    assert {suffix for suffix, count in pages.items() if count > 1} == _OF_TWO_KINDS


def test_every_page_of_a_format_is_in_the_index() -> None:
    index = (HANDBOOK / "index.md").read_text("utf-8")
    pages = [page.name for page in HANDBOOK.glob("*.md") if suffixes_of_page(page.read_text("utf-8"))]
    assert [page for page in pages if f"]({page})" not in index] == []
