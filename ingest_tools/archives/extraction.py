"""Writes the members of an archive into a folder, each under a number, within limits of number and size."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ingest_tools.archives.members import Member, read_members
from ingest_tools.archives.zip_names import MEMBERS_LIMIT, too_many_members
from ingest_tools.rejections import RejectedError

RATIO_LIMIT, ALWAYS_BYTES = 200, 1 << 30  # at most 200 times the size of the archive, or 1 GiB if that is more
RESERVE_BYTES = 2 << 30  # of the disk, that stay free
_PIECE = 1 << 20
_LINKS_LIMIT = 10  # links that lead to each other


@dataclass(frozen=True)
class ExtractedMember:
    """A member: its name as bytes, its time, and the file with its content; None where it is `refused`.

    `link` is the name of the member whose content it has.
    """

    name: bytes
    modified: float
    file: Path | None
    refused: str = ""
    detail: str = ""
    link: bytes = b""


def extract(
    path: Path, name: str, folder: Path, *, joined: bool = False
) -> tuple[list[ExtractedMember], RejectedError | None]:
    """Return every member of an archive, written below `folder`; and the error that ended it, if members before it
    could be read.

    `name` is what the archive is called; of several volumes it was `joined`. Raises `RejectedError` where nothing can
    be read, and at a limit.
    """
    members: list[ExtractedMember] = []
    extraction = _Extraction(path, folder)
    try:
        members.extend(extraction.extract(name, joined=joined))  # which keeps what came before an error
    except RejectedError as refusal:
        if refusal.code not in {"damaged", "truncated"} or not any(member.file for member in members):
            raise
        return extraction.follow_links(members), refusal
    if not members:
        raise RejectedError("empty_file")
    return extraction.follow_links(members), None


def measure_room(folder: Path) -> int:
    """Return how many bytes may be written below a folder: what is free on its disk without the reserve."""
    return shutil.disk_usage(folder).free - RESERVE_BYTES


def _find_linked(member: ExtractedMember, by_name: Mapping[bytes, ExtractedMember]) -> Path | None:
    """Return the file that a link leads to, through other links; None where there is none."""
    seen: ExtractedMember | None = member
    for _ in range(_LINKS_LIMIT):
        if seen is None or not seen.link:
            break
        seen = by_name.get(posixpath.normpath(seen.link))
    return seen.file if seen is not None and not seen.link else None


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
            yield ExtractedMember(member.name, member.modified or self._time, file, refused, detail, member.link)

    def follow_links(self, members: list[ExtractedMember]) -> list[ExtractedMember]:
        """Return the members, links with the content of what they lead to, or refused where that is not there.

        What links lead to counts as if it were written again. Raises `RejectedError` at that limit.
        """
        by_name = {posixpath.normpath(member.name): member for member in members}
        followed = []
        for number, member in enumerate(members):
            if member.link:
                source = _find_linked(member, by_name)
                if source is None:
                    member = replace(member, refused="unsafe_member")
                else:
                    self._left -= source.stat().st_size
                    if self._left < 0:
                        raise RejectedError("too_large")
                    target = self._folder / f"{number}"
                    target.hardlink_to(source)
                    member = replace(member, file=target)
            followed.append(member)
        return followed

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
