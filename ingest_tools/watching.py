"""The watch folder: takes what has stopped growing, and puts it where people see what became of it.

It looks from time to time, by names, sizes and times alone: no notices of a kernel, which network drives do not send,
and no locks. What was taken moves to 已入库/, what was refused to 未入库/ with 原因.txt beside it,
both within the folder
itself, so that a move is a rename. A file that cannot be moved stays, and is known the next time.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from ingest_tools.outcomes import Report
from ingest_tools.sources.folder import str_path
from ingest_tools.sources.listed import is_list

DONE, REFUSED, REASONS = "已入库", "未入库", "原因.txt"
_PARTIAL = (".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart", ".!ut", ".td", ".xltd")
log = structlog.get_logger(__name__)


@dataclass
class Watch:
    """A folder that is watched. `settle` is how many seconds a file must stay as it is before it is taken."""

    folder: Path
    take: Callable[[Sequence[Path]], Report]
    settle: float = 10.0
    every: float = 2.0
    _seen: dict[Path, tuple[tuple[int, int], float]] = field(default_factory=dict)

    def run(self, stopping: threading.Event) -> None:
        """Watch until `stopping` is set. A folder that is away (a drive pulled out) is waited for."""
        while not stopping.is_set():
            try:
                self.round(time.monotonic())
            except OSError as error:
                log.warning("watch_folder_away", folder=str_path(self.folder), error=error.strerror)
            stopping.wait(self.every)

    def round(self, now: float) -> Report | None:
        """Look once; take what is ready, if everything that is there is: a list waits for the files beside it."""
        there = list(_files(self.folder))
        for path, mark in there:
            known = self._seen.get(path)
            if known is None or known[0] != mark:
                self._seen[path] = (mark, now)
        present = {path for path, _ in there}
        self._seen = {path: seen for path, seen in self._seen.items() if path in present}
        ready = [path for path, (_, since) in self._seen.items() if now - since >= self.settle]
        if not ready or (len(ready) < len(present) and any(is_list(path) for path in present)):
            return None
        report = self.take(sorted(ready))
        refused = {row["path"]: row for row in report.rejections}
        self._put_away(ready, refused)
        return report

    def _put_away(self, paths: Sequence[Path], refused: dict[str, dict[str, str]]) -> None:
        by_list: dict[str, list[dict[str, str]]] = {}
        names = {str_path(path) for path in paths}
        for entry, row in refused.items():
            by_list.setdefault(entry if entry in names else entry.rpartition("#")[0], []).append(row)
        for path in paths:
            rows = by_list.get(str_path(path), [])
            if _moved(path, self.folder, REFUSED if rows else DONE) and rows:
                self._say_why(path, rows)
            self._seen.pop(path, None)
        _remove_empty(self.folder)

    def _say_why(self, path: Path, rows: Sequence[dict[str, str]]) -> None:
        target = self.folder / REFUSED / path.relative_to(self.folder).parent / REASONS
        lines = [f"{datetime.now():%Y-%m-%d %H:%M}  {str_path(Path(path.name))}"]
        for row in rows:
            place = row["path"].partition("#")[2]
            lines.append(f"    {place + '：' if place else ''}{row['reason']}（{row['code']}）")
        with target.open("a", encoding="utf-8-sig" if not target.exists() else "utf-8", newline="\r\n") as writing:
            writing.write("\n".join(lines) + "\n")


def _files(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Files that may be wanted, with size and time of change; what is being downloaded and what was put away is not."""
    for place, folders, names in os.walk(folder, onerror=_raise):
        here = Path(place)
        folders[:] = sorted(one for one in folders if not one.startswith(".") and not (
            here == folder and one in {DONE, REFUSED}))  # fmt: skip
        for name in sorted(names):
            if name.startswith((".", "~$")) or name.lower().endswith(_PARTIAL) or name == REASONS:
                continue
            try:
                found = (here / name).stat()
            except OSError:
                continue
            yield here / name, (found.st_size, found.st_mtime_ns)


def _raise(error: OSError) -> None:
    raise error


def _moved(path: Path, folder: Path, where: str) -> bool:
    """Move a file below 已入库 or 未入库, keeping its folders; a name that is taken gets a number."""
    target = folder / where / path.relative_to(folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{path.stem} ({number}){path.suffix}")
        try:
            path.rename(target)
        except OSError:
            shutil.move(path, target)
    except OSError as error:
        log.warning("cannot_put_away", path=str_path(path), error=error.strerror)
        return False
    return True


def _remove_empty(folder: Path) -> None:
    """Folders that are empty now go, so that what is left is seen at once."""
    for place, _, _ in os.walk(folder, topdown=False):
        here = Path(place)
        if here == folder or here.relative_to(folder).parts[0] in {DONE, REFUSED}:
            continue
        try:
            here.rmdir()
        except OSError:
            continue
