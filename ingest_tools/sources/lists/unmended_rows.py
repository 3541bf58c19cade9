"""Rows that were refused and handed back as they were: they are refused again for the same reason.

Such a row may look sound in the sheet in which it is handed back: the row that it repeats is not there, nor the cell
that it had too many, nor the list that may restrict its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingest_tools.rejections import REASONS
from ingest_tools.sources.folder import Candidate
from ingest_tools.sources.lists.manifest import ManifestRow
from library_server.catalogue.batches.repository import EntryView
from library_server.exchange.returned_rows import is_returned, row_content
from library_server.translations.message_catalogs import split_detail

_MENDED_IN_ROW = frozenset(("bad_cells", "repeated_row", "same_file_said_otherwise", "list_refused"))
"""The other codes are of what is not in the row: files, records and programs, which may have changed since."""


def is_handed_back(row: ManifestRow) -> bool:
    """Return whether a row stood in a sheet of refused rows."""
    return row.cells is not None and is_returned(row.cells)


def reject_unmended(candidate: Candidate, refused: Iterable[EntryView]) -> Candidate:
    """Return a row that was handed back, rejected as it was before where it says what it said then.

    `refused` are the entries that it may have been, the latest first.
    """
    row = candidate.row
    assert row is not None
    assert row.cells is not None
    content = row_content(row.cells)
    for entry in refused:
        if entry.code not in _MENDED_IN_ROW or not entry.given or row_content(entry.given) != content:
            continue
        problems = [{**problem, **row.locator.to_json()} for problem in entry.problems or []]
        detail = split_detail(entry.reason or "", REASONS[entry.code])
        path = candidate.list_path or candidate.path
        return Candidate(
            path, 0, row.fingerprint, rejection=entry.code, detail=detail, list_path=candidate.list_path,
            row=replace(row, rejection=entry.code, detail=detail, problems=problems),
        )  # fmt: skip
    return candidate
