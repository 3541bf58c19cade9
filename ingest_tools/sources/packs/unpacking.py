"""Unpacks packs in a child process, into folders that last as long as a batch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ingest_tools.archives import rar
from ingest_tools.archives.volumes import name_next_volume
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.packs.names import COMICS, UNPACKED_FOLDER, is_pack_name, root_of
from library_server.catalogue.normalization.identifiers import new_id
from library_server.processes.child import ChildProcess
from library_server.processes.errors import ChildFailed, WorkerFailed

SECONDS = 4 * 3600.0  # for all of a pack; a large one takes minutes
DEPTH_LIMIT = 2  # a pack in a pack, and no further
_BOOKS = re.compile(rb"\.(?:cb[rz7t]|zip|rar|7z|epub|pdf|mobi|azw3?|fb2|txt)", re.IGNORECASE)
_HEAD, _TAIL = 4096, 65_536  # bytes of a comic in which names of members stand
_COMPRESSED_NAMES = b"7z"


def may_be_pack(candidate: Candidate) -> bool:
    """Return whether a candidate is called as a pack or as a comic, which may be a pack of books, or is made of
    volumes.
    """
    is_comic = candidate.path.suffix.lower() in COMICS
    return is_pack_name(candidate.path) or is_comic or bool(candidate.volumes)


@dataclass(frozen=True)
class Pack:
    """An unpacked pack: where it is, the folder it stands for, and what of it was refused."""

    candidate: Candidate
    tree: Path
    refused: tuple[Candidate, ...] = field(default=())

    @property
    def root(self) -> Path:
        """The folder that the pack stands for."""
        return root_of(self.candidate.path)

    def mount(self, member: Candidate) -> Candidate:
        """Return a candidate of the unpacked folder under the names that it has in the pack."""
        values = {known.name: self._mount_paths(getattr(member, known.name)) for known in fields(member)}
        values["roots"] = member.roots.with_mount(self.root, self.tree)
        for name in ("waits_for", "detail"):
            values[name] = values[name].replace(str(self.tree), str(self.root))
        return replace(member, **values)

    def _mount_paths(self, value: Any) -> Any:
        """Return a path of the unpacked folder, or several of them, under the names in the pack; anything else as it
        is.
        """
        if isinstance(value, Path):
            return self.root / value.relative_to(self.tree) if value.is_relative_to(self.tree) else value
        if isinstance(value, tuple | frozenset):
            return type(value)(self._mount_paths(path) for path in value)
        return value


class Unpacker:
    """Unpacks into folders of `scratch`; `depth` counts the packs around."""

    def __init__(self, scratch: Path, depth: int = 0) -> None:
        self._scratch = scratch
        self._depth = depth
        self._children: set[ChildProcess] = set()

    def make_nested(self) -> Unpacker:
        """Return the one for packs in a pack."""
        inner = Unpacker(self._scratch, self._depth + 1)
        inner._children = self._children
        return inner

    def close(self) -> None:
        """Kill the child that unpacks, where the batch stops meanwhile."""
        for child in tuple(self._children):
            child.kill()

    def unpack(self, candidate: Candidate) -> Pack | Candidate:
        """Return the unpacked pack; the candidate as it is where it is none, or refused where it cannot be unpacked."""
        if self._depth >= DEPTH_LIMIT or not may_be_pack(candidate) or (candidate.rejection and not candidate.volumes):
            return candidate
        if candidate.path.suffix.lower() in COMICS and not _may_hold_books(candidate):
            return candidate
        if missing := _find_missing_volume(candidate):  # without which the last member would be cut, and not be said
            return replace(candidate, rejection="volume_missing", detail=missing)
        folder = self._scratch / new_id()
        folder.mkdir()
        try:
            refused = self._unpack_into(candidate, folder)
        except RejectedError as refusal:
            shutil.rmtree(folder, ignore_errors=True)
            if candidate.volumes and refusal.code in {"damaged", "truncated"}:
                return candidate  # which says what to do: other programs may read them
            return replace(candidate, rejection=refusal.code, detail=refusal.detail)
        if refused is None:
            shutil.rmtree(folder, ignore_errors=True)
            return candidate
        return Pack(candidate, folder / UNPACKED_FOLDER, refused)

    def _unpack_into(self, candidate: Candidate, folder: Path) -> tuple[Candidate, ...] | None:
        refused = []
        try:
            with ExitStack() as opened:
                paths = candidate.volumes or (candidate.path,)
                files = [opened.enter_context(candidate.roots.open(path)) for path in paths]
                arguments = (candidate.path.name, str(folder), *(str(file.address) for file in files))
                worker = "ingest_tools.sources.packs.unpack_worker"
                with ChildProcess(worker, *arguments, takes_requests=False) as child, self._register_child(child):
                    for item in child.read_results(SECONDS):
                        if item.get("document"):
                            return None
                        path = root_of(candidate.path) / item["name"] if item["name"] else candidate.path
                        refused.append(Candidate(path, 0, "", rejection=item["code"], detail=item["detail"]))
        except WorkerFailed as failure:
            raise RejectedError(failure.code, failure.detail) from failure
        except ChildFailed as failure:
            raise RejectedError(failure.code) from failure
        except OSError as error:
            raise RejectedError("unreadable", error.strerror or "") from error
        return tuple(refused)

    @contextmanager
    def _register_child(self, child: ChildProcess) -> Iterator[None]:
        self._children.add(child)
        try:
            yield
        finally:
            self._children.discard(child)


def _find_missing_volume(candidate: Candidate) -> str | None:
    """Return the name of the volume that follows the last, which is not there; None where the last says it is that."""
    if not candidate.volumes:
        return None
    last = candidate.volumes[-1]
    try:
        with candidate.roots.open(last) as file:
            return name_next_volume(last.name) if rar.goes_on(file.handle) else None
    except (RejectedError, OSError):
        return None


def _may_hold_books(candidate: Candidate) -> bool:
    """Return whether books are named where a comic names its first and its last members: most have pictures alone."""
    try:
        with candidate.roots.open(candidate.path) as file:
            head = file.handle.read(_HEAD)
            file.handle.seek(max(0, file.stat().st_size - _TAIL))
            return head.startswith(_COMPRESSED_NAMES) or _BOOKS.search(head + file.handle.read(_TAIL)) is not None
    except (RejectedError, OSError):
        return False
