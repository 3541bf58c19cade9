"""Folders that are one book in HTML: a first page, the pages that it leads to, and what these show."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ingest_tools.formats.ebooks.html.recognition import is_index, is_page, sort_pages
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name
from library_server.catalogue.parts.natural_order import natural_key

SUFFIX = ".htmlz"
LEAST_PAGES, MOST_FILES = 3, 5_000
_LEAST_NUMBERED = 5
_PARTS = frozenset(PICTURES) | frozenset((
    ".css", ".js", ".ico", ".svg", ".url", ".swf", ".class", ".map", ".json", ".woff", ".woff2", ".ttf", ".otf", ".eot",
    ".opf", ".ncx", ".xml",
))  # fmt: skip
_ASIDE = (".txt",)  # a word about the book, or from where it came, which is a file of its own
_LINK = re.compile(rb"""(?P<kind>href|src)\s{0,9}=\s{0,9}["']?\s{0,9}(?P<target>[^"'\s>#?]{1,300})""", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<(?:script|style)\b.{0,5000}?</(?:script|style)|<a\b.{0,1000}?</a|<[^<>]{0,1000}>|\s+",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED = re.compile(r"(?:第|chapter|chap|ch|page|p)?[ _.-]?\d{1,5}[章回节页]?")
_HEAD, _TEXT = 1 << 20, 1 << 16
_SAMPLE, _LEAST_TEXT = 5, 300  # bytes of text in each of some pages: those of albums have pictures


def is_web_book(path: Path) -> bool:
    """Return whether the first part of a work is a page of HTML."""
    return is_page(path.name)


def find_pages(folder: Path, paths: Sequence[Path], roots: SourceRoots) -> tuple[Path, ...]:
    """Return the files of a folder and of those below it that are one book, its first page first; empty where they
    are none.

    `paths` are the files of the folder itself.
    """
    pages = [path for path in paths if is_page(path.name)]
    if not pages or any(path.suffix.lower() not in _ASIDE and not _is_book_file(path) for path in paths):
        return ()
    files = [path for path in paths if _is_book_file(path)]
    for path in islice(_walk_files(folder), MOST_FILES):
        if not _is_book_file(path) or is_index(path.name):
            return ()  # something else, or a book of its own
        files.append(path)
    names = {path.relative_to(folder).as_posix(): path for path in files}
    ordered = sort_pages(names)
    if len(ordered) < LEAST_PAGES or len(files) > MOST_FILES:
        return ()
    led = _find_linked_names(names, ordered[0], roots) if is_index(ordered[0]) else _find_numbered_pages(ordered)
    if not led or not _has_text([names[name] for name in islice(led, _SAMPLE)], roots):
        return ()
    others = sorted(names.keys() - set(ordered), key=natural_key)
    return tuple(names[name] for name in (*ordered, *others))


def _is_book_file(path: Path) -> bool:
    return is_page(path.name) or path.suffix.lower() in _PARTS


def _walk_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_system_folder(name))
        if Path(place) != folder:
            yield from (Path(place) / name for name in sorted(names) if not is_system_file(name))


def _find_linked_names(names: dict[str, Path], first: str, roots: SourceRoots) -> list[str]:
    """Return the pages that the first one leads to, by itself or by its frames."""
    by_name = {fold_name(name.rpartition("/")[2]): name for name in names if is_page(name)}
    led: dict[str, None] = {}
    frames = [first]
    for name in frames:  # which grows
        for kind, target in _find_links(names[name], roots):
            page = by_name.get(fold_name(target.replace("\\", "/").rpartition("/")[2]))
            if page is None or page == first:
                continue
            if kind == b"src" and page not in frames:
                frames.append(page)
            elif kind == b"href":
                led[page] = None
    return list(led)


def _find_links(path: Path, roots: SourceRoots) -> Iterator[tuple[bytes, str]]:
    for match in _LINK.finditer(_read_head(path, roots)):
        target = unquote_to_bytes(match["target"])
        for encoding in ("utf-8", "gb18030"):
            with suppress(UnicodeDecodeError):
                yield match["kind"].lower(), html.unescape(target.decode(encoding))
                break


def _find_numbered_pages(pages: Sequence[str]) -> list[str]:
    """Return the pages of a folder without a first one, where all are called by numbers."""
    stems = [fold_name(Path(name).stem) for name in pages]
    return list(pages) if len(pages) >= _LEAST_NUMBERED and all(map(_NUMBERED.fullmatch, stems)) else []


def _has_text(pages: Sequence[Path], roots: SourceRoots) -> bool:
    texts = [len(_MARKUP.sub(b"", _read_head(path, roots, _TEXT))) for path in pages]
    return sum(texts) >= _LEAST_TEXT * len(texts)


def _read_head(path: Path, roots: SourceRoots, size: int = _HEAD) -> bytes:
    try:
        with roots.open(path) as file:
            return file.handle.read(size)
    except (RejectedError, OSError):
        return b""
