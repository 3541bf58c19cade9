"""The child process that unpacks: `python -m ingest_tools.sources.packs.unpack_worker PACK NAME FOLDER`.

Members are written under numbers, and get their names, once all of them are known, below `FOLDER/tree`. What is sent
are the members that were refused; of a file that is no pack but a document, `{"document": true}`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest_tools.formats.detection import detect_format
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.packs.members import Member, read_members
from ingest_tools.zip_names import decode_names
from library_server.processes.limits import ResourceLimits
from library_server.processes.messages import JsonObject
from library_server.processes.worker import stream_results

LIMITS = ResourceLimits(memory_bytes=3 << 30)
MEMBERS_LIMIT = 50_000
DEPTH_LIMIT = 32
RATIO_LIMIT, ALWAYS_BYTES = 200, 1 << 30  # of what is written to the size of the pack, beyond a first gigabyte
RESERVE_BYTES = 2 << 30  # of the disk, that stay free
TREE = "tree"
_PIECE = 1 << 20


@dataclass(frozen=True)
class _Written:
    name: bytes
    modified: float
    file: Path | None
    refused: str = ""
    detail: str = ""


def unpack(path: Path, name: str, folder: Path) -> Iterator[JsonObject]:
    """Unpack a file. Raises `RejectedError` for the whole pack; what was unpacked by then is not used."""
    if not _is_pack(path, Path(name).suffix.lower()):
        yield {"document": True}
        return
    written: list[_Written] = []
    ended: RejectedError | None = None
    try:
        written.extend(_Unpacking(path, folder).members(name))  # which keeps what came before an error
    except RejectedError as refusal:
        if refusal.code not in {"damaged", "truncated"} or not any(member.file for member in written):
            raise
        ended = refusal
    if not written:
        raise RejectedError("empty_file")
    yield from _place(written, folder / TREE)
    if ended is not None:
        yield {"name": "", "code": ended.code, "detail": ended.detail}


def _is_pack(path: Path, suffix: str) -> bool:
    """Whether a file is an archive and nothing else, such as an EPUB or an office document."""
    try:
        detect_format(path, suffix)
    except RejectedError as refusal:
        return refusal.code == "archive"
    return False


class _Unpacking:
    """Counts what is written, and stops at a limit."""

    def __init__(self, path: Path, folder: Path) -> None:
        self._path, self._folder, self._time = path, folder, path.stat().st_mtime
        self._left = min(
            max(ALWAYS_BYTES, path.stat().st_size * RATIO_LIMIT), shutil.disk_usage(folder).free - RESERVE_BYTES
        )

    def members(self, name: str) -> Iterator[_Written]:
        with closing(read_members(self._path, name)) as members:
            yield from self._each(members)

    def _each(self, members: Generator[Member]) -> Iterator[_Written]:
        for number, member in enumerate(members):
            if number >= MEMBERS_LIMIT:
                raise RejectedError("too_large", f"more than {MEMBERS_LIMIT} members")
            target = self._folder / str(number)
            refused, detail = member.refused, ""
            try:
                self._write(member, target)
            except RejectedError:
                raise
            except Exception as error:  # zipfile, zlib, lzma and tarfile each raise types of their own on corrupt data
                if isinstance(error, OSError) and error.errno:
                    raise
                target.unlink(missing_ok=True)
                if not member.alone:
                    members.throw(error)
                refused, detail = "damaged", str(error)
            is_there = target.exists()
            yield _Written(member.name, member.modified or self._time, target if is_there else None, refused, detail)

    def _write(self, member: Member, target: Path) -> None:
        if member.opened is None:
            return
        with member.opened() as source, target.open("wb") as file:
            while piece := source.read(_PIECE):
                self._left -= len(piece)
                if self._left < 0:
                    raise RejectedError("too_large")
                file.write(piece)


def _place(written: list[_Written], tree: Path) -> Iterator[JsonObject]:
    tree.mkdir()
    for member, name in zip(written, decode_names([member.name for member in written]), strict=True):
        parts = _safe_parts(name)
        code, detail = (member.refused, member.detail) if parts else ("unsafe_member", "")
        if not code and parts and member.file is not None:
            try:
                _move(member.file, tree.joinpath(*parts), member.modified)
            except OSError as error:  # a name that is too long, a file where a folder should be
                code, detail = "unreadable", error.strerror or ""
        if code:
            yield {"name": "/".join(parts) or name.replace("/", "_")[-200:], "code": code, "detail": detail}


def _move(file: Path, target: Path, modified: float) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    file.rename(target)
    if modified > 0:
        os.utime(target, (modified, modified))


def _safe_parts(name: str) -> list[str]:
    """The parts of a name below the folder; none where it leads out of it, or nowhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part not in {"/", "//", "."}]
    if (
        path.is_absolute()
        or ".." in parts
        or "\0" in name
        or len(parts) > DEPTH_LIMIT
        or (parts and parts[0][1:2] == ":")
    ):
        return []
    return parts


def main() -> None:
    """Send what was refused, and end."""
    path, name, folder = sys.argv[1:]
    stream_results(lambda: unpack(Path(path), name, Path(folder)), LIMITS)


if __name__ == "__main__":
    main()
