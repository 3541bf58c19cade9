"""Lists that could not be read, and the files that wait for them.

A file that comes in without the row that describes it is public, whatever the row says. So what an unread list might
describe is not taken in until the list has been mended, or put somewhere else because it is no list.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.lists.manifest import UnreadableManifest, is_manifest, read_manifest
from ingest_tools.sources.locator import SPREADSHEET_SUFFIXES
from ingest_tools.sources.names import is_system_file, is_system_folder
from ingest_tools.sources.source_files import SourceRoots
from library_server.catalogue.normalization.text import fold_name

DONE, REFUSED = "已入库", "未入库"


@dataclass(frozen=True)
class UnreadList:
    """A list of which something was not read. `folder` is where it may describe files, None for everywhere.

    `names` are the names of the files that it mentions, folded; None where they are not known, so that all files wait.
    `is_read` of one that was read but for a part, as a sheet without headings.
    """

    path: Path
    folder: Path | None = None
    names: frozenset[str] | None = None
    is_read: bool = False

    def may_describe(self, path: Path) -> bool:
        """Return whether the list might have a row for a file."""
        if self.folder is not None and not path.is_relative_to(self.folder):
            return False
        return self.names is None or fold_name(path.name) in self.names


def is_spreadsheet(path: Path) -> bool:
    """Return whether a file is a list by its suffix; records of MARC files name no files."""
    return path.suffix.lower() in SPREADSHEET_SUFFIXES


def waits_for(candidate: Candidate, lists: Sequence[UnreadList]) -> str:
    """Return the path of the list that a candidate waits for, empty where it need not wait."""
    files = (candidate.path, *candidate.parts, *candidate.sidecars)
    return next((str_path(unread.path) for unread in lists if any(map(unread.may_describe, files))), "")


def lists_put_aside(inside: Path, sources: Collection[Path], roots: SourceRoots) -> Iterator[UnreadList]:
    """Yield the lists of a watched folder that are not taken now: put aside because something in them was refused.

    They are read again, for the names of the files in their rows. One that was given again and taken since is left out.
    """
    for place, folders, names in os.walk(inside):
        folder = Path(place)
        folders[:] = [
            name for name in folders if not is_system_folder(name) and not (folder == inside and name == DONE)
        ]
        paths = (folder / name for name in names if not is_system_file(name))
        for path in paths:
            if not is_spreadsheet(path) or path in sources or not is_manifest(path, roots):
                continue
            relative = path.relative_to(inside)
            home = Path(*relative.parts[1:]) if relative.parts[0] == REFUSED else relative
            if inside / home not in sources and not _is_taken_since(path, inside / DONE / home):
                yield UnreadList(path, (inside / home).parent, _read_names(path, roots))


def _is_taken_since(path: Path, taken: Path) -> bool:
    try:
        return taken.lstat().st_mtime_ns > path.lstat().st_mtime_ns
    except OSError:
        return False


def _read_names(path: Path, roots: SourceRoots) -> frozenset[str] | None:
    names: set[str] = set()
    try:
        with roots.open(path) as file:
            for row in read_manifest(file, names):
                names.update([file_name(row.file)] if row.file else ())
    except UnreadableManifest as refusal:
        return None if refusal.mentioned is None else refusal.mentioned | names
    except (RejectedError, OSError):
        return None
    return frozenset(names)


def file_name(named: str) -> str:
    """Return the name of the file that a cell names by a path of any system, folded."""
    return fold_name(PureWindowsPath(named.strip().strip('"“”')).name)
