"""Comics in RAR, 7z or TAR (CBR, CB7, CBT), or in a ZIP that readers do not open, repacked as one that they do."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Final

from ingest_tools.archives.extraction import extract
from ingest_tools.archives.zip_names import LenientFile, decode_names
from ingest_tools.formats import pictures
from ingest_tools.formats.ebooks.comics.pages import (
    COMIC_INFO,
    HEAD,
    find_missing_suffix,
    is_converted,
    is_page,
    refuse_without_pages,
)
from ingest_tools.rejections import RejectedError

MEDIA_TYPE: Final = "application/vnd.comicbook+zip"
_RAR_MEDIA_TYPE: Final = "application/vnd.comicbook-rar"
_MEDIA_TYPES: Final = {b"Rar!": _RAR_MEDIA_TYPE, b"7z\xbc\xaf": "application/x-cb7"}
_TAR_MEDIA_TYPE: Final = "application/x-cbt"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)


def media_type_of(path: Path) -> str:
    """Return the media type of a comic, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(4)
    return MEDIA_TYPE if head.startswith(b"PK") else _MEDIA_TYPES.get(head, _TAR_MEDIA_TYPE)


def is_opened_by_readers(path: Path) -> bool:
    """Return whether readers show every page of a ZIP: each has a name of its own, is compressed as in any ZIP, and is
    a picture that browsers show and that its name says to be one.
    """
    try:
        with LenientFile(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            are_named = not any(find_missing_suffix(member.filename, _read_head(archive, member)) for member in members)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return True  # no copy is better
    return (
        are_named
        and len({member.filename for member in members}) == len(members)
        and all(
            member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            and not (is_converted(member.filename) and is_page(member.filename))
            for member in members
        )
    )


def _read_head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return the first bytes of a member whose name is of no picture; none where they cannot be read."""
    if member.is_dir() or is_page(member.filename):
        return b""
    try:
        with archive.open(member) as file:
            return file.read(HEAD)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return b""


def repack(path: Path, target: Path) -> RejectedError | None:
    """Write the pages and `ComicInfo.xml` of an archive as a ZIP; returns why the archive ended early, if it did.

    Of pages that have one name, the later ones get a number, unless they are the same; pages without a suffix get one.
    Pages that browsers do not show become JPEG. The same archive gives the same bytes. Raises `RejectedError`.
    """
    folder = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        members, ended = extract(path, path.name, folder)
        decoded = decode_names([member.name for member in members])
        names = [
            _add_missing_suffix(name.replace("\\", "/").removeprefix("./"), member.file)
            for name, member in zip(decoded, members, strict=True)
        ]
        refuse_without_pages(names)
        written: dict[str, set[bytes]] = {}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as comic:
            for member, name in zip(members, names, strict=True):
                if member.refused == "encrypted":
                    raise RejectedError("encrypted")
                if not _is_kept(name):
                    continue
                content = member.file.read_bytes() if member.file else b""  # a page that cannot be read keeps its place
                same_named = written.setdefault(name, set())
                digest = hashlib.sha256(content).digest()
                if digest in same_named or (same_named and not is_page(name)):
                    continue
                same_named.add(digest)
                shown = name if len(same_named) == 1 else _number_names(name, len(same_named), names)
                if is_converted(name):
                    shown, content = f"{shown}.jpg", _convert(content)
                comic.writestr(zipfile.ZipInfo(shown, _STAMP), content)
        return ended
    finally:
        shutil.rmtree(folder)


def _add_missing_suffix(name: str, file: Path | None) -> str:
    if file is None or is_page(name):
        return name
    with file.open("rb") as opened:
        return name + find_missing_suffix(name, opened.read(HEAD))


def _convert(content: bytes) -> bytes:
    """Return a page as JPEG; empty where it cannot be read, so that it keeps its place."""
    try:
        return pictures.to_jpeg(content) if content else b""
    except RejectedError:
        return b""


def _number_names(name: str, number: int, names: Collection[str]) -> str:
    """Return a name that no member has, which comes behind this one in natural order."""
    path = PurePosixPath(name)
    while True:
        numbered = str(path.with_stem(f"{path.stem} ({number})"))
        if numbered not in names:
            return numbered
        number += len(names)


def _is_kept(name: str) -> bool:
    return is_page(name) or name.lower().rpartition("/")[2] == COMIC_INFO
