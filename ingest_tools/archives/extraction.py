"""Writes the members of an archive into a folder, each under a number, within limits of number and size."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.archives.members import Member, read_members
from ingest_tools.archives.zip_names import MEMBERS_LIMIT, too_many_members
from ingest_tools.rejections import RejectedError

RATIO_LIMIT, ALWAYS_BYTES = 200, 1 << 30  # at most 200 times the size of the archive, or 1 GiB if that is more
RESERVE_BYTES = 2 << 30  # of the disk, that stay free
_PIECE = 1 << 20


@dataclass(frozen=True)
class ExtractedMember:
    """A member: its name as bytes, its time, and the file with its content; None where it is `refused`."""

    name: bytes
    modified: float
    file: Path | None
    refused: str = ""
    detail: str = ""


def extract(
    path: Path, name: str, folder: Path, *, joined: bool = False
) -> tuple[list[ExtractedMember], RejectedError | None]:
    """Return every member of an archive, written below `folder`; and the error that ended it, if members before it
    could be read.

    `name` is what the archive is called; of several volumes it was `joined`. Raises `RejectedError` where nothing can
    be read, and at a limit.
    """
    members: list[ExtractedMember] = []
    try:
        members.extend(_Extraction(path, folder).extract(name, joined=joined))  # which keeps what came before an error
    except RejectedError as refusal:
        if refusal.code not in {"damaged", "truncated"} or not any(member.file for member in members):
            raise
        return members, refusal
    if not members:
        raise RejectedError("empty_file")
    return members, None


def measure_room(folder: Path) -> int:
    """Return how many bytes may be written below a folder: what is free on its disk without the reserve."""
    return shutil.disk_usage(folder).free - RESERVE_BYTES


class _Extraction:
    """Counts what is written, and stops at a limit."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder, self._time = path, folder, path.stat().st_mtime
        self._left = max(ALWAYS_BYTES, path.stat().st_size * RATIO_LIMIT)
        self._room = measure_room(folder)

    def extract(self, name: str, *, joined: bool) -> Iterator[ExtractedMember]:
        """Yield every member, once it is written. Raises as `read_members` does."""
        with closing(read_members(self._path, name, self._folder, joined=joined)) as members:
            yield from self._extract_each(members)

    def _extract_each(self, members: Generator[Member]) -> Iterator[ExtractedMember]:
        for number, member in enumerate(members):
            if number >= MEMBERS_LIMIT:
                raise too_many_members()
            target = self._folder / str(number)
            refused, detail = member.refused, member.detail
            try:
                self._write(member, target)
            except RejectedError as refusal:
                if refusal.code != "archive_method":
                    raise
                target.unlink(missing_ok=True)
                refused, detail = refusal.code, refusal.detail
            except Exception as error:  # zipfile, zlib, lzma and tarfile each raise types of their own on corrupt data
                if isinstance(error, OSError) and error.errno:
                    raise
                target.unlink(missing_ok=True)
                if not member.alone:
                    members.throw(error)
                refused, detail = "damaged", str(error)
            file = target if target.exists() else None
            yield ExtractedMember(member.name, member.modified or self._time, file, refused, detail)

    def _write(self, member: Member, target: Path) -> None:
        if member.opened is None:
            return
        with member.opened() as source, target.open("wb") as file:
            while piece := source.read(_PIECE):
                self._left -= len(piece)
                self._room -= len(piece)
                if self._left < 0:
                    raise RejectedError("too_large")
                if self._room < 0:
                    raise RejectedError("no_room")
                file.write(piece)
