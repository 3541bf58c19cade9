"""The child process that unpacks: `python -m ingest_tools.sources.packs.unpack_worker NAME FOLDER PACK...`.

Several files are the volumes of one pack. Members are written under numbers, and get their names, once all of them are
known, below `FOLDER/tree`. What is sent are the members that were refused; of a file that is no pack but a document, or
a comic, `{"document": true}`.
"""

from __future__ import annotations

import errno
import filecmp
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from ingest_tools.archives.extraction import ExtractedMember, extract
from ingest_tools.archives.volumes import join_volumes
from ingest_tools.archives.zip_names import decode_names
from ingest_tools.formats.detection import detect_format
from ingest_tools.formats.ebooks.comics.pages import is_page
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.packs.names import COMICS, SUFFIXES, UNPACKED_FOLDER
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import stream_results

LIMITS = ResourceLimits(memory_bytes=3 << 30)
FOLDERS_LIMIT = 32  # in each other, in the name of a member
# with which a comic without pictures is a pack
_BOOKS = frozenset((*COMICS, *SUFFIXES, ".epub", ".pdf", ".mobi", ".azw", ".azw3", ".fb2", ".txt", ".docx", ".djvu"))


def unpack(path: Path, name: str, folder: Path, further: Sequence[Path] = ()) -> Iterator[JsonObject]:
    """Unpack a file, or with the `further` ones the volumes of a pack.

    Raises `RejectedError` for the whole pack; what was unpacked by then is not used.
    """
    suffix = Path(name).suffix.lower()
    if further:
        path = join_volumes([path, *further], folder / "joined")
    if suffix in COMICS:
        unpacked = _extract_books(path, name, folder)
    else:
        unpacked = extract(path, name, folder, joined=bool(further)) if _is_pack(path, suffix) else None
    if unpacked is None:
        yield {"document": True}
        return
    written, ended = unpacked
    yield from _place_members(written, folder / UNPACKED_FOLDER)
    if ended is not None:
        yield {"name": "", "code": ended.code, "detail": ended.detail}


def _is_pack(path: Path, suffix: str) -> bool:
    """Return whether a file is an archive and nothing else, such as an EPUB or an office document.

    Raises `RejectedError` for one with too many members to tell.
    """
    try:
        detect_format(path, suffix)
    except RejectedError as refusal:
        if refusal.code == "too_large":
            raise
        return refusal.code == "archive"
    return False


def _extract_books(path: Path, name: str, folder: Path) -> tuple[list[ExtractedMember], RejectedError | None] | None:
    """Return the members of a pack of books that is called as a comic; None of a comic, which has pages."""
    try:
        written, ended = extract(path, name, folder)
    except RejectedError:
        return None  # which its own format says
    names = decode_names([member.name for member in written])
    return None if any(map(is_page, names)) or not any(map(_is_book, names)) else (written, ended)


def _is_book(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower() in _BOOKS


def _place_members(written: list[ExtractedMember], tree: Path) -> Iterator[JsonObject]:
    """Give members their names in the tree, and send what was refused, each under a name of its own."""
    tree.mkdir()
    names = decode_names([member.name for member in written])
    taken, numbers = set(names), dict[str, int]()
    for member, name in zip(written, names, strict=True):
        parts = _safe_parts(name)
        code, detail = (member.refused, member.detail) if parts else ("unsafe_member", "")
        shown = "/".join(parts) or name.replace("/", "_")[-200:]
        if not code and parts and member.file is not None:
            try:
                _move(member.file, tree.joinpath(*parts), member.modified)
            except RejectedError as refusal:
                code, shown = refusal.code, _free_name(shown, taken, numbers) if shown in numbers else shown
            except OSError as error:
                code, detail = "unreadable", error.strerror or ""
        numbers.setdefault(shown, 1)
        if code:
            yield {"name": shown, "code": code, "detail": detail}


def _move(file: Path, target: Path, modified: float) -> None:
    """Move a file to its name. Raises `RejectedError` where no file can have it, or another one has it."""
    try:
        if target.is_file() and filecmp.cmp(file, target, shallow=False):
            file.unlink()  # packed twice
            return
        if target.exists():
            raise RejectedError("same_name")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    except (FileExistsError, NotADirectoryError) as error:  # a file where a folder should be
        raise RejectedError("same_name") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise RejectedError("name_too_long") from error
        raise
    if modified > 0:
        os.utime(target, (modified, modified))


def _free_name(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return the name with the next number after the last that `numbers` has of it, and that no member is `taken`
    under.
    """
    path = PurePosixPath(name)
    while True:
        numbers[name] += 1
        numbered = str(path.with_stem(f"{path.stem} ({numbers[name]})"))
        if numbered not in taken:
            taken.add(numbered)
            return numbered


def _safe_parts(name: str) -> list[str]:
    """Return the parts of a name below the folder; none where it leads out of it, or nowhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part not in {"/", "//", "."}]
    if (
        path.is_absolute()
        or ".." in parts
        or "\0" in name
        or len(parts) > FOLDERS_LIMIT
        or (parts and parts[0][1:2] == ":")
    ):
        return []
    return parts


def main() -> None:
    """Send what was refused, and end."""
    name, folder, *packs = sys.argv[1:]
    first, *further = map(Path, packs)
    stream_results(lambda: unpack(first, name, Path(folder), further), LIMITS)


if __name__ == "__main__":
    main()
