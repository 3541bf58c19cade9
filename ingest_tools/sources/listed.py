"""Lists and MARC files as candidates: each row or record one entry, read in a child that can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from ingest_tools.exchange import marc_files
from ingest_tools.exchange.bibliographic import Bibliographic
from ingest_tools.lines import json_lines, kill
from ingest_tools.refusals import Refused
from ingest_tools.sources import spreadsheet
from ingest_tools.sources.opening import SourceFile, SourceRoots
from library_server.catalogue.source_records import Source

SECONDS_A_LINE = 120.0
MARC_SUFFIXES = (".mrc", ".iso", ".marc", ".dat", ".xml")


@dataclass(frozen=True)
class Listed:
    """One row or record: `place` says where in its list, `file` what it names, `given` the row as it stood."""

    place: str
    fingerprint: str
    described: Bibliographic
    file: str | None = None
    course: str | None = None
    origin: str | None = None
    given: dict[str, str] | None = None
    source: Source | None = None
    refused: str | None = None
    detail: str = ""
    problems: list[dict[str, str]] = field(default_factory=list)


def is_list(path: Path, roots: SourceRoots) -> bool:
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
    except (Refused, OSError):
        return False


def read_list(file: SourceFile) -> Iterator[Listed]:
    """Every row or record of a file. Raises `Refused` where the file as a whole cannot be read, at first or midway."""
    child = subprocess.Popen(
        [sys.executable, "-m", "ingest_tools.sources.listing_child", str(file.address), file.path.stem],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for line in json_lines(child, SECONDS_A_LINE):
            if "ended" in line:
                if line["ended"]:
                    raise Refused(str(line["ended"]), str(line["detail"]))
                return
            yield _listed(line)
    finally:
        kill(child)
        if child.stdout:
            child.stdout.close()


def find_file(named: str, roots: Sequence[Path]) -> Path:
    """The file that a row names: below one of the roots, as written or by the end of a path of another machine.

    `D:\\资料\\书\\a.epub` is looked for as 资料/书/a.epub, 书/a.epub and a.epub. Raises `Refused` where it is nowhere,
    or only outside the roots.
    """
    parts = [part for part in PureWindowsPath(named.strip().strip('"“”')).parts if part.strip("\\/")]
    if parts and parts[0].endswith((":\\", ":")):
        parts = parts[1:]
    if not parts or "\0" in named:
        raise Refused("file_missing", named)
    outside = False
    for root in roots:
        for start in range(len(parts)):
            wanted = root.joinpath(*parts[start:])
            if not _is_file(wanted):
                continue
            if wanted.resolve().is_relative_to(root.resolve()):
                return wanted
            outside = True
    raise Refused("file_outside" if outside or ".." in parts else "file_missing", named)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def _listed(line: dict[str, Any]) -> Listed:
    source = line.get("source")
    return Listed(
        place=line["place"],
        fingerprint=line["fingerprint"],
        described=Bibliographic.from_json(line.get("described", {})),
        file=line.get("file"),
        course=line.get("course"),
        origin=line.get("origin"),
        given=line.get("given"),
        source=Source(source["format"], source["body"]) if source else None,
        refused=line.get("refused"),
        detail=line.get("detail", ""),
        problems=line.get("problems", []),
    )
