"""Lists and MARC files as candidates: each row or record one entry, read in a child that can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from ingest_tools.rejections import RejectedError
from ingest_tools.sources import spreadsheet
from ingest_tools.sources.file_access import SourceFile, SourceRoots
from library_server.catalogue.records.source_records import Source
from library_server.exchange import marc_files
from library_server.exchange.bibliographic import Bibliographic
from library_server.processes.errors import ChildFailed
from library_server.processes.jsonl import iterate_json, kill

SECONDS_A_LINE = 120.0
MARC_SUFFIXES = (".mrc", ".iso", ".marc", ".dat", ".xml")


@dataclass(frozen=True)
class ManifestRow:
    """One row or record: `place` says where in its list, `file` what it names, `given` the row as it stood."""

    place: str
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


def is_manifest(path: Path, roots: SourceRoots) -> bool:
    """Whether a file is to be read as a list or as MARC, by its ending and its first bytes.

    What may not be opened is none: a pipe, a folder, a link that leads outside.
    """
    suffix = path.suffix.lower()
    if suffix not in (*spreadsheet.SUFFIXES, *MARC_SUFFIXES):
        return False
    try:
        if suffix in spreadsheet.SUFFIXES:
            roots.stat(path)
            return True
        with roots.open(path) as file:
            return marc_files.is_marc(file.handle.read(32_768)) or suffix in {".mrc", ".marc"}
    except (RejectedError, OSError):
        return False


def read_manifest(file: SourceFile) -> Iterator[ManifestRow]:
    """Every row or record of a file. Raises `RejectedError` where the file cannot be read, at first or midway."""
    child = subprocess.Popen(
        [sys.executable, "-m", "ingest_tools.sources.manifest_worker", str(file.address), file.path.stem],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for line in iterate_json(child, SECONDS_A_LINE):
            if "ended" in line:
                if line["ended"]:
                    raise RejectedError(str(line["ended"]), str(line["detail"]))
                return
            yield _listed(line)
    except ChildFailed as error:
        raise RejectedError(error.code) from error
    finally:
        kill(child)
        if child.stdout:
            child.stdout.close()


def find_file(named: str, roots: Sequence[Path]) -> Path:
    """The file that a row names: below one of the roots, as written or by the end of a path of another machine.

    `D:\\资料\\书\\a.epub` is looked for as 资料/书/a.epub, 书/a.epub and a.epub. Raises `RejectedError` where it is
    nowhere, or only outside the roots.
    """
    parts = [part for part in PureWindowsPath(named.strip().strip('"“”')).parts if part.strip("\\/")]
    if parts and parts[0].endswith((":\\", ":")):
        parts = parts[1:]
    if not parts or "\0" in named:
        raise RejectedError("file_missing", named)
    outside = False
    climbs = ".." in parts  # such a path is taken as written: its end below another root is another file
    for root in roots:
        for start in range(1 if climbs else len(parts)):
            wanted = root.joinpath(*parts[start:])
            if not _is_file(wanted):
                continue
            if any(wanted.resolve().is_relative_to(allowed.resolve()) for allowed in roots):
                return wanted
            outside = True
    raise RejectedError("file_outside" if outside or ".." in parts else "file_missing", named)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def _listed(line: dict[str, Any]) -> ManifestRow:
    source = line.get("source")
    return ManifestRow(
        place=line["place"],
        fingerprint=line["fingerprint"],
        bibliographic=Bibliographic.from_json(line.get("described", {})),
        file=line.get("file"),
        course=line.get("course"),
        origin=line.get("origin"),
        cells=line.get("given"),
        source=Source(source["format"], source["body"]) if source else None,
        rejection=line.get("refused"),
        detail=line.get("detail", ""),
        problems=line.get("problems", []),
    )
