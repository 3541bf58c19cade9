"""The watch folder: takes what has stopped growing, and puts it where people see what became of it.

It looks from time to time, by names, sizes and times alone: no notices of a kernel, which network drives do not send,
and no locks. What was taken moves to 已入库/, what was refused to 未入库/ with a 原因.txt,
both within the folder itself, so that a move is a rename. A file that cannot be moved stays where it is, and is left
alone until it changes. A file that was written again while it was taken stays too, and is taken again.

Whoever may put files there may put links there too: none is followed out of the folder, and a linked 已入库/ or
原因.txt is not used (see `folders`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from ingest_tools.pipeline.results import IngestReport
from ingest_tools.rejections import RejectedError
from ingest_tools.sources import directories
from ingest_tools.sources.folder import str_path
from ingest_tools.sources.lists.manifest import is_manifest
from ingest_tools.sources.lists.unread_lists import DONE, REFUSED
from ingest_tools.sources.locator import SourceLocator
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.packs.names import outer_file
from ingest_tools.sources.source_files import SourceRoots
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import cell_line, refused_sheet_line, to_printable

REASONS = "原因.txt"
RETRY_SECONDS = 60.0
log = structlog.get_logger(__name__)


@dataclass
class WatchFolder:
    """A folder that is watched. `settle` is how many seconds a file must stay as it is before it is taken."""

    folder: Path
    take: Callable[[Sequence[Path]], IngestReport]
    settle: float = 10.0
    every: float = 2.0
    _seen: dict[Path, tuple[tuple[int, int], float]] = field(default_factory=dict)
    _unmoved: dict[Path, tuple[int, int]] = field(default_factory=dict)
    _warned_places: set[str] = field(default_factory=set)
    _retry_at: float = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Watch until `stopping` is set. A folder that is away (a drive pulled out) is waited for."""
        while not stopping.is_set():
            try:
                self.scan(time.monotonic())
            except OSError as error:
                log.warning("watch_folder_away", folder=str_path(self.folder), error=error.strerror)
            stopping.wait(self.every)

    def scan(self, now: float) -> IngestReport | None:
        """Look once; take what is ready, if everything that is there is: a list waits for the files in its folder."""
        there = [
            (path, mark)
            for path, mark in _find_files(self.folder, self._handle_unlisted)
            if self._unmoved.get(path) != mark
        ]
        for path, mark in there:
            known = self._seen.get(path)
            if known is None or known[0] != mark:
                self._seen[path] = (mark, now)
        present = {path for path, _mark in there}
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        ready = [path for path, (_mark, since) in self._seen.items() if now - since >= self.settle]
        if not ready or (len(ready) < len(present) and self._holds_list(present)):
            return None
        if now < self._retry_at:
            return None
        try:
            report = self.take(sorted(ready))
        except OSError as error:  # the disk of the library is full or away: the files stay, and are taken later
            log.error("watch_ingest_failed", folder=str_path(self.folder), error=repr(error))
            self._retry_at = now + RETRY_SECONDS
            return None
        self._put_away(ready, report)
        return report

    def _holds_list(self, paths: Collection[Path]) -> bool:
        roots = SourceRoots.from_sources([self.folder])
        return any(is_manifest(path, roots) for path in paths)

    def _put_away(self, paths: Sequence[Path], report: IngestReport) -> None:
        by_source: dict[str, dict[str, dict[str, Any]]] = {}
        for row in report.rejections:
            by_source.setdefault(outer_file(SourceLocator.parse(row["path"]).path), {})[row["path"]] = row
        roots = SourceRoots.from_sources([self.folder])
        for path in paths:
            mark, _since = self._seen.pop(path, ((0, 0), 0.0))
            if _read_mark(path, roots) not in {mark, None}:
                continue  # written again meanwhile, and not read since: it is taken again
            rows = list(by_source.get(str_path(path), {}).values())
            if not rows and (first := report.refused_sources.get(str_path(path))):
                rows = [first]  # a report names the first refusals of a batch, and the first of each file
            if not self._move_file(path, REFUSED if rows else DONE):
                self._unmoved[path] = mark
            elif rows:
                self._report_reason(path, rows, report.batch)
        directories.remove_empty_directories(self.folder, frozenset({DONE, REFUSED}))

    def _move_file(self, path: Path, where: str) -> bool:
        """Move a file below 已入库 or 未入库, keeping its folders."""
        relative = path.relative_to(self.folder)
        target = Path(where) / relative
        try:
            directories.move_file(self.folder, relative, target)
        except OSError as error:
            self._warn_once("cannot_put_away", str_path(target.parent), path, error)
            return False
        return True

    def _report_reason(self, path: Path, rows: Sequence[Mapping[str, Any]], batch: str) -> None:
        target = Path(REFUSED) / path.relative_to(self.folder).parent / REASONS
        name = to_printable(str_path(Path(path.name)))
        lines = ["  ".join((f"{datetime.now():%Y-%m-%d %H:%M}", _("批次 %(batch)s", batch=batch), name))]
        for row in rows:
            where = to_printable(_locate_in_file(row["path"], str_path(path)))
            lines.append(f"    {where}{row['reason']}（{row['code']}）")
            lines += [f"      {cell_line(cell)}" for cell in row.get("problems") or []]
        if any(row.get("problems") for row in rows):
            lines.append(f"    {refused_sheet_line(batch)}")
        try:
            directories.append_text(self.folder, target, "\n".join(lines) + "\n")
        except OSError as error:
            self._warn_once("cannot_say_why", str_path(target), path, error)

    def _handle_unlisted(self, error: OSError) -> None:
        """Raise where the watched folder itself cannot be listed; log one below it once, and pass over it."""
        if error.filename is None or Path(error.filename) == self.folder:
            raise error
        self._warn_once("folder_not_listed", str_path(Path(error.filename)), Path(error.filename), error)

    def _warn_once(self, event: str, place: str, path: Path, error: OSError) -> None:
        """Log what stands in the way, once a place."""
        if place not in self._warned_places:
            self._warned_places.add(place)
            log.warning(event, path=str_path(path), place=place, error=error.strerror)


def _locate_in_file(entry: str, file: str) -> str:
    """Return where in a file an entry is: the member of a pack, the row of a list."""
    locator = SourceLocator.parse(entry)
    member = locator.path.removeprefix(f"{file}!/") if locator.path != file else ""
    return "".join(f"{part}：" for part in (member, str(locator.row or "")) if part)


def _find_files(folder: Path, unlisted: Callable[[OSError], None]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Yield the files to take, with size and time of change, without downloads under way and files put away.

    A link is told by the file that it leads to, where that lies in the folder, else by itself.
    """
    roots = SourceRoots.from_sources([folder])
    for place, below, names in os.walk(folder, onerror=unlisted):
        current = Path(place)
        below[:] = sorted(name for name in below if not is_system_folder(name) and not (
            current == folder and name in {DONE, REFUSED}))  # fmt: skip
        for name in sorted(names):
            if is_system_file(name) or name == REASONS:
                continue
            if (mark := _read_mark(current / name, roots)) is not None:
                yield current / name, mark


def _read_mark(path: Path, roots: SourceRoots) -> tuple[int, int] | None:
    """Return size and time of change of a file, or of a link that leads outside; None where nothing is there."""
    try:
        status = roots.stat(path)
    except (RejectedError, OSError):
        try:
            status = path.lstat()
        except OSError:
            return None
    return status.st_size, status.st_mtime_ns
