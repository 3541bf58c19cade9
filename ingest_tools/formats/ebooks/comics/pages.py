"""The pages of a comic: which members of its ZIP are pictures, and in which order they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ingest_tools.rejections import RejectedError
from library_server.catalogue.parts.natural_order import natural_key

COMIC_INFO: Final = "comicinfo.xml"
# what browsers show; `comic.js` has the same names and the same order
_PICTURES: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".avif")
# what they do not show, and a copy has as JPEG
_CONVERTED: Final = (".tif", ".tiff", ".jp2", ".jpx", ".jpf", ".j2k", ".heic", ".heif")
_SIGNATURES: Final = {
    b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png", b"GIF8": ".gif", b"II*\0": ".tif", b"MM\0*": ".tif",
}  # fmt: skip
HEAD: Final = 16
_NAMES_SHOWN: Final = 3
_COVERS = re.compile(r"(?:front[ _-]?)?cover|封面", re.IGNORECASE)


def is_page(name: str) -> bool:
    """Return whether a member is a picture of the comic, and not of a system: hidden, or a copy that macOS makes."""
    return not _is_hidden(name) and name.lower().endswith((*_PICTURES, *_CONVERTED))


def _is_hidden(name: str) -> bool:
    *folders, file = name.replace("\\", "/").split("/")
    return file.startswith(".") or any(folder.startswith(".") or folder.lower() == "__macosx" for folder in folders)


def find_missing_suffix(name: str, head: bytes) -> str:
    """Return the suffix of a page whose name does not say that it is a picture, by its first `HEAD` bytes; empty for
    others.
    """
    if _is_hidden(name) or is_page(name):
        return ""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp"
    if head[4:12] in {b"ftypavif", b"ftypheic"}:
        return f".{head[8:12].decode()}"
    return next((suffix for signature, suffix in _SIGNATURES.items() if head.startswith(signature)), "")


def is_converted(name: str) -> bool:
    """Return whether a member is a picture that browsers do not show."""
    return name.lower().endswith(_CONVERTED)


def picture_names(named: Mapping[str, str]) -> list[str]:
    """Return the pictures in natural order, by which `ComicInfo.xml` counts its pages.

    `named` has the members, and their names as people read them.
    """
    pages = [name for name, shown in named.items() if is_page(shown)]
    return sorted(pages, key=lambda name: natural_key(named[name]))


def page_names(pictures: list[str]) -> list[str]:
    """Return the pictures in the order in which they are read: one that is called a cover is the first."""
    covers = [name for name in pictures if _COVERS.fullmatch(_get_stem(name))]
    return [*covers, *(name for name in pictures if name not in covers)]


def refuse_without_pages(names: Iterable[str]) -> None:
    """Raise `RejectedError` for an archive without pictures, with some of its members; `names` as people read them."""
    names = sorted(names)
    if not any(map(is_page, names)):
        raise RejectedError("no_pages" if names else "empty_file", ", ".join(names[:_NAMES_SHOWN]))


def _get_stem(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
