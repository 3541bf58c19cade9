"""Rows of lists as candidates, with the files that they name."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from ingest_tools.rejections import SHOWN_CHARACTERS, RejectedError
from ingest_tools.sources.folder import Candidate, candidate_of
from ingest_tools.sources.import_request import ImportRequest
from ingest_tools.sources.lists.manifest import (
    ManifestRow,
    find_file,
    find_file_of_row,
    is_of_record,
    without_unedited_problems,
)
from ingest_tools.sources.lists.unmended_rows import is_handed_back, reject_unmended
from ingest_tools.sources.locator import SourceLocator
from ingest_tools.sources.source_files import SourceRoots
from library_server.translations.message_catalogs import gettext_noop as _

_EXPECTED_FILE = _("给出的文件夹里有的文件，如 讲座/01 选地.mp4")


def find_refused_file(rejected: Candidate, row: ManifestRow, request: ImportRequest) -> Candidate | None:
    """Return the file that a rejected row names, as a rejected candidate; None where it is not found.

    It must not come in on its own: without its row it would be public, whatever the row says.
    """
    assert rejected.list_path is not None
    try:
        file = find_file(row.file or "", _list_folders(rejected.list_path, row, request))
    except (RejectedError, OSError, ValueError):
        return None
    return Candidate(file, 0, "", rejection="row_refused", detail=rejected.entry_path)


def _list_folders(path: Path, row: ManifestRow, request: ImportRequest) -> list[Path]:
    """Return the folders in which the file of a row is looked for: those of its list, the sources, and the first
    list.
    """
    folders = [path.parent, *(source for source in request.sources if source.is_dir())]
    if row.origin and request.earlier.is_known(row.origin):
        origin = SourceLocator.parse(row.origin)
        if origin.row is not None:
            folders.append(Path(origin.path).parent)
    return folders


def make_row_candidate(
    path: Path, listed: ManifestRow, request: ImportRequest, roots: SourceRoots, excluded: Container[str] = ()
) -> Candidate:
    """Return the candidate of a row of the list at `path`, with the file that it names and the sidecars of that."""
    candidate = _find_row_file(path, listed, request, roots, excluded)
    if not is_handed_back(listed):
        return candidate
    fingerprints = (listed.fingerprint, candidate.fingerprint)
    return reject_unmended(candidate, request.earlier.rejected_rows(listed.origin or "", fingerprints))


def _find_row_file(
    path: Path, listed: ManifestRow, request: ImportRequest, roots: SourceRoots, excluded: Container[str]
) -> Candidate:
    listed = without_unedited_problems(listed, request.earlier.exported_rows)
    row = Candidate(path, 0, listed.fingerprint, rejection=listed.rejection, detail=listed.detail,
                    row=listed, list_path=path)  # fmt: skip
    if listed.rejection or not listed.file:
        return row
    folders = _list_folders(path, listed, request)
    try:
        file = find_file_of_row(listed, folders)
    except (RejectedError, OSError, ValueError) as error:  # a name that no file can have is missing too
        if is_of_record(listed, request.earlier.is_record):
            return replace(row, row=replace(listed, file=None))
        refusal = error if isinstance(error, RejectedError) else RejectedError("file_missing", listed.file)
        problem = {
            **listed.locator.to_json(),
            "column": "文件",
            "value": listed.file[:SHOWN_CHARACTERS],
            "expected": _EXPECTED_FILE,
        }
        return replace(row, rejection=refusal.code, detail=refusal.detail, row=replace(listed, problems=[problem]))
    of_file = candidate_of(file, roots if request.inside else roots.with_sources(*folders), excluded)
    together = hashlib.sha256(f"{listed.fingerprint} {of_file.fingerprint}".encode()).hexdigest()
    return replace(of_file, fingerprint=f"row-{together[:48]}", row=listed, list_path=path)
