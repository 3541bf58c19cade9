"""What a candidate is read from: its file, or the one that its parts are joined into, and what of it was taken."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Description, RefusedSidecar
from ingest_tools.formats.picture_suffixes import PICTURES
from ingest_tools.parser_pool import Parser
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.folder import Candidate, str_path
from ingest_tools.sources.source_files import SourceFile
from ingest_tools.sources.works.unpacked_books import is_unpacked_book
from ingest_tools.sources.works.web_books import is_web_book
from library_server.catalogue.enums import Kind

_JOINED = "joined"
_STAMP = (1980, 1, 1, 0, 0, 0)


def open_candidate(candidate: Candidate, out: Path, parser: Parser) -> tuple[SourceFile, Candidate]:
    """Return the file of a candidate, and the candidate with the parts of which nothing was taken.

    Parts of a film are joined byte by byte, pages are bound into a PDF, pages of HTML and what they show, and an EPUB
    that was unpacked, are packed, in `out`. Raises as `SourceRoots.open` does.
    """
    if not candidate.parts:
        return candidate.roots.open(candidate.path), candidate
    target = out / _JOINED
    readable = [path for path in candidate.parts if path not in candidate.refused_sidecars]
    refused: list[RefusedSidecar] = []
    with ExitStack() as closing:
        if candidate.path.suffix.lower() in PICTURES:
            refused = parser.bind([closing.enter_context(candidate.roots.open(path)) for path in readable], target)
        elif is_web_book(candidate.path) or is_unpacked_book(candidate.path):
            _pack_files(candidate, readable, target)
        else:
            joined = closing.enter_context(target.open("wb"))
            for path in readable:
                with candidate.roots.open(path) as part:
                    shutil.copyfileobj(part.handle, joined, 1 << 20)
    problems = {readable[page.index]: RejectedError(page.code, page.detail) for page in refused}
    return SourceFile(candidate.named, target.open("rb", buffering=0)), _remove_refused_parts(candidate, problems)


def _remove_refused_parts(candidate: Candidate, refused: Mapping[Path, RejectedError]) -> Candidate:
    """Return a candidate of which further parts are refused; its path, which is its entry, is that of a part that is
    not.
    """
    refused = {**candidate.refused_sidecars, **refused}
    taken = [path for path in candidate.parts if path not in refused]
    parts = (*taken, *(path for path in candidate.parts if path in refused))
    return replace(candidate, path=parts[0], parts=parts, refused_sidecars=refused)


def _pack_files(candidate: Candidate, parts: Sequence[Path], target: Path) -> None:
    """Write the files of a book in HTML or of an unpacked EPUB as they lie in its folder, in a ZIP; the same files give
    the same bytes.
    """
    folder = candidate.path.parent
    near = (path for path in candidate.sidecars if path.parent == folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in (*parts, *near):
            member = zipfile.ZipInfo(str_path(path.relative_to(folder)), _STAMP)
            with candidate.roots.open(path) as file, archive.open(member, "w") as written:
                shutil.copyfileobj(file.handle, written, 1 << 20)


def described_as_work(candidate: Candidate, description: Description, out: Path, parser: Parser) -> Description:
    """Return the description of a work in several files: what is on a DVD or VCD is a film."""
    if not candidate.parts or description.format != "video":
        return description
    if candidate.path.suffix.lower() != ".vob" and len(candidate.parts) > 1:
        description = replace(description, duration_ms=_measure_duration(candidate, out, parser))
    return description if description.described_by_nfo else replace(description, kind=str(Kind.FILM))


def _measure_duration(candidate: Candidate, out: Path, parser: Parser) -> int:
    """Return how long the tracks of a VCD play: each begins its time anew."""
    total = 0
    for path in candidate.parts:
        with candidate.roots.open(path) as part:
            total += parser.describe(part, out, covers=False).duration_ms or 0
    return total


def without_unused(candidate: Candidate, description: Description) -> Candidate:
    """Return the candidate with the sidecars that were refused, and those that it has no use for, known as such."""
    refused = dict(candidate.refused_sidecars) | {
        candidate.sidecars[sidecar.index]: RejectedError(sidecar.code, sidecar.detail)
        for sidecar in description.refused_sidecars
    }
    unused = frozenset(candidate.sidecars[index] for index in description.unused_sidecars)
    return replace(candidate, refused_sidecars=refused, unused_sidecars=unused)
