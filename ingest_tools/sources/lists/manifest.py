"""Reads lists and MARC files row by row, in a child process that can be killed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ingest_tools.rejections import SHOWN_CHARACTERS, RejectedError
from ingest_tools.sources.lists.delimited import begins_list
from ingest_tools.sources.locator import MARC_SUFFIXES, SPREADSHEET_SUFFIXES, TEXT_SUFFIX, RowLocator
from ingest_tools.sources.names import is_path, path_parts
from ingest_tools.sources.source_files import SourceFile, SourceRoots
from library_server.catalogue.enums import Access
from library_server.catalogue.normalization.identifiers import is_own_id
from library_server.catalogue.normalization.text import fold_name, normalize
from library_server.catalogue.records.source_records import Source
from library_server.exchange import access_statements
from library_server.exchange.bibliographic import Bibliographic
from library_server.exchange.headings import field_of
from library_server.processes.child import ChildProcess
from library_server.processes.errors import ChildFailed, WorkerFailed
from library_server.processes.messages import JsonObject

SECONDS_PER_ROW = 120.0


class UnreadableManifest(RejectedError):
    """A list that cannot be read, or not on. `mentioned` are the names that its cells mention, folded, where known."""

    def __init__(self, code: str, detail: str = "", mentioned: frozenset[str] | None = None) -> None:
        super().__init__(code, detail)
        self.mentioned = mentioned


@dataclass(frozen=True)
class ManifestRow:
    """One row or record: `locator` is where it is in its list, `file` the file it names, `cells` the row as it was.

    `unread_columns` are the headings of cells that mean no field, `unread_cells` the cells, in the form of `problems`,
    that are passed over while the rest of the row counts.
    """

    locator: RowLocator
    fingerprint: str
    bibliographic: Bibliographic
    file: str | None = None
    course: str | None = None
    origin: str | None = None
    cells: dict[str, str] | None = None
    source: Source | None = None
    rejection: str | None = None
    detail: str = ""
    problems: list[dict[str, str]] = field(default_factory=list)
    unread_columns: tuple[str, ...] = ()
    unread_cells: list[dict[str, str]] = field(default_factory=list)


def is_manifest(path: Path, roots: SourceRoots) -> bool:
    """Return whether a file is a list or MARC, by its suffix and its first bytes.

    A pipe, a folder or a broken link is no list. A link that leads outside is one, and is rejected: it may restrict the
    files next to it.
    """
    suffix = path.suffix.lower()
    if suffix in SPREADSHEET_SUFFIXES:
        return _may_be_read(path, roots)
    if suffix not in {*MARC_SUFFIXES, TEXT_SUFFIX}:
        return False
    from library_server.exchange import protocol_answers  # most files are none
    from library_server.exchange.marc import marc_files

    try:
        with roots.open(path) as file:
            head = file.handle.read(32_768)
            is_list = suffix == TEXT_SUFFIX and begins_list(head)
            is_record = marc_files.is_marc(head) or protocol_answers.is_answer(head)
            return is_list or is_record or suffix in {".mrc", ".marc"}
    except (RejectedError, OSError):
        return False


def _may_be_read(path: Path, roots: SourceRoots) -> bool:
    """Return whether a path leads to a regular file, even to one that is damaged, too large or not permitted."""
    try:
        roots.stat(path)
    except FileNotFoundError:
        return False
    except RejectedError as refusal:
        return refusal.code != "not_a_file"
    except OSError:
        return True
    return True


def read_manifest(file: SourceFile, unread_names: set[str] | None = None) -> Iterator[ManifestRow]:
    """Yield every row or record of a file. Raises `UnreadableManifest` where the file cannot be read, or not to its
    end.

    The names that a part which is not read as rows may give to files are added to `unread_names`, folded.
    """
    arguments = (str(file.address), file.path.stem)
    mentioned: set[str] | None = None
    try:
        with ChildProcess("ingest_tools.sources.lists.manifest_worker", *arguments, takes_requests=False) as child:
            for item in child.read_results(SECONDS_PER_ROW):
                if "mentioned" in item:
                    mentioned = (mentioned or set()) | set(item["mentioned"])
                else:
                    yield manifest_row(item)
        if unread_names is not None:
            unread_names.update(mentioned or ())
    except WorkerFailed as failure:
        names = frozenset(mentioned) if mentioned is not None and failure.code == "no_headings" else None
        raise UnreadableManifest(failure.code, failure.detail, names) from failure
    except ChildFailed as failure:
        raise UnreadableManifest(failure.code) from failure


def manifest_row(item: JsonObject) -> ManifestRow:
    """Return the row of a result of `manifest_worker`."""
    source = item.get("source")
    return ManifestRow(
        locator=RowLocator(item["number"], item.get("sheet")),
        fingerprint=item["fingerprint"],
        bibliographic=Bibliographic.from_json(item.get("described", {})),
        file=item.get("file"),
        course=item.get("course"),
        origin=item.get("origin"),
        cells=item.get("given"),
        source=Source(source["format"], source["body"]) if source else None,
        rejection=item.get("refused"),
        detail=item.get("detail", ""),
        problems=item.get("problems", []),
        unread_columns=tuple(item.get("unread", ())),
        unread_cells=item.get("unread_cells", []),
    )


def find_file(named: str, roots: Sequence[Path]) -> Path:
    """Return the file that a row names: below one of the roots, as written or by the end of a path of another machine.

    `D:\\资料\\书\\a.epub` is looked for as 资料/书/a.epub, 书/a.epub and a.epub; each first as written, then by names
    that differ in case, width or composition of characters. Raises `RejectedError` where it is nowhere, or only
    outside the roots.
    """
    if not is_path(named):
        raise RejectedError("file_missing", named)
    parts = path_parts(named)
    if parts and parts[0].endswith((":\\", ":")):
        parts = parts[1:]
    climbs = ".." in parts  # such a path is taken as written: its end below another root is another file
    for start in range(min(1, len(parts)) if climbs else len(parts)):
        file = _find_as_written(parts[start:], roots) or (None if climbs else _find_alike(parts[start:], roots))
        if file is not None:
            return file
    raise RejectedError("file_outside" if climbs else "file_missing", named)


def find_file_of_row(listed: ManifestRow, folders: Sequence[Path]) -> Path:
    """Return the file of a row; an export of ours names all files of a record in one cell, and the first of them
    counts.
    """
    named = listed.file or ""
    try:
        return find_file(named, folders)
    except (RejectedError, OSError, ValueError):
        first, divider, _ = named.partition("；")
        if not (listed.bibliographic.record_names and divider):
            raise
    return find_file(first, folders)


def may_restrict(row: ManifestRow) -> bool:
    """Return whether a row restricts access, or tries to. Where its file is not found, any file may be the one it
    means.
    """
    if row.bibliographic.access not in {"", Access.PUBLIC}:
        return True
    return any(problem.get("expected") == access_statements.EXPECTED for problem in row.problems)


def is_of_record(row: ManifestRow, is_record: Callable[[str], bool]) -> bool:
    """Return whether a row is of a record, and is read without its file: the file may lie on another disk, or be
    renamed.

    `is_record` says whether this library has a record of an id. A row of another library that restricts access waits
    for its file, which could be any of those that come in.
    """
    names = row.bibliographic.record_names
    is_of_export = any(map(is_own_id, names)) and not may_restrict(row)
    return is_of_export or any(map(is_record, names))


def without_unedited_problems(
    row: ManifestRow, exported_rows: Callable[[str], Sequence[Mapping[str, str]]]
) -> ManifestRow:
    """Return a row without the problems of cells that say what the export of its record says.

    `exported_rows` gives the rows of a record, by heading. The catalogue keeps values that a list may not add, such as
    an ISBN of a MARC record with a wrong check digit.
    """
    has_problems = row.rejection == "bad_cells" and bool(row.problems)
    if not (has_problems or row.unread_cells):
        return row
    exported = {
        (field_of(heading), _shown(text))
        for record_id in row.bibliographic.record_names
        for cells in exported_rows(record_id)
        for heading, text in cells.items()
    }
    problems, unread = (
        [cell for cell in found if (field_of(cell["column"]), _shown(cell["value"])) not in exported]
        for found in (row.problems, row.unread_cells)
    )
    if not has_problems:
        return replace(row, unread_cells=unread)
    return replace(row, problems=problems, unread_cells=unread, rejection=row.rejection if problems else None)


def _shown(text: str) -> str:
    return normalize(text[:SHOWN_CHARACTERS])


def _find_as_written(parts: Sequence[str], roots: Sequence[Path]) -> Path | None:
    paths = [path for root in roots if _is_file(path := root.joinpath(*parts))]
    for path in paths:
        if any(path.resolve().is_relative_to(allowed.resolve()) for allowed in roots):
            return path
    if paths:
        raise RejectedError("file_outside", "/".join(parts))
    return None


def _find_alike(parts: Sequence[str], roots: Sequence[Path]) -> Path | None:
    """Return the only file whose names differ in case, width or composition of characters, as on other systems.

    A row without its file would be rejected, and the file come in without what the row says. Raises `RejectedError`
    where there are several: a file by a shorter path would be another one.
    """
    for root in roots:
        path = root
        for part in parts:
            names = _names_alike(path).get(fold_name(part), ())
            if len(names) > 1:
                raise RejectedError("file_missing", "/".join(parts))
            if not names:
                break
            path = path / names[0]
        else:
            if _is_file(path) and path.resolve().is_relative_to(root.resolve()):
                return path
    return None


def _names_alike(folder: Path) -> Mapping[str, Sequence[str]]:
    try:
        return _index_names(folder, folder.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=64)
def _index_names(folder: Path, _changed: int) -> dict[str, list[str]]:
    """Return the names in a folder by what is left of them without case, width and composition."""
    names: dict[str, list[str]] = {}
    for name in os.listdir(folder):
        names.setdefault(fold_name(name), []).append(name)
    return names


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False
