"""Comics in RAR, 7z or TAR (CBR, CB7, CBT), repacked as the ZIP that the reader page opens."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from ingest_tools.archives.extraction import extract
from ingest_tools.archives.zip_names import decode_names
from ingest_tools.formats.ebooks.comics.pages import COMIC_INFO, is_page
from ingest_tools.rejections import RejectedError

MEDIA_TYPE: Final = "application/vnd.comicbook+zip"
_RAR_MEDIA_TYPE: Final = "application/vnd.comicbook-rar"
_MEDIA_TYPES: Final = {b"Rar!": _RAR_MEDIA_TYPE, b"7z\xbc\xaf": "application/x-cb7"}
_TAR_MEDIA_TYPE: Final = "application/x-cbt"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)


def media_type_of(path: Path) -> str:
    """The media type of a comic, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(4)
    return MEDIA_TYPE if head.startswith(b"PK") else _MEDIA_TYPES.get(head, _TAR_MEDIA_TYPE)


def repack(path: Path, target: Path) -> RejectedError | None:
    """Write the pages and `ComicInfo.xml` of an archive as a ZIP; returns why the archive ended early, if it did.

    The same archive gives the same bytes. Raises `RejectedError`.
    """
    folder = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        members, ended = extract(path, path.name, folder)
        names = decode_names([member.name for member in members])
        written: set[str] = set()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as comic:
            for member, name in zip(members, names, strict=True):
                shown = name.replace("\\", "/").removeprefix("./")
                if member.refused == "encrypted":
                    raise RejectedError("encrypted")
                if not _belongs(shown) or shown in written:
                    continue
                written.add(shown)
                content = member.file.read_bytes() if member.file else b""  # a page that cannot be read keeps its place
                comic.writestr(zipfile.ZipInfo(shown, _STAMP), content)
        return ended
    finally:
        shutil.rmtree(folder)


def _belongs(name: str) -> bool:
    return is_page(name) or name.lower().rpartition("/")[2] == COMIC_INFO
