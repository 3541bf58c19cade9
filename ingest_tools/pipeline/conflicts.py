"""Two rows of one batch that name the same bytes and say different things: the later one is refused, told of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest_tools.pipeline.results import ImportResult, WriteAction
from ingest_tools.rejections import RejectedError
from ingest_tools.sources.headings import field_of
from library_server.catalogue.enums import EntryState
from library_server.catalogue.records import fields

CELL_SHOWN = 200
_HEADED = {"part_number": "number", "place_covered": "taken_at"}


def reject_conflict(outcome: ImportResult, other: str, differing: Mapping[str, Any]) -> ImportResult:
    """The refusal of a row, cell by cell. `other` is the row before it, `differing` is field to [its value, ours]."""
    listed = outcome.candidate.row
    assert listed is not None
    refusal = RejectedError("same_file_said_otherwise", other)
    sheet, _, row = listed.place.rpartition("!")
    problems = [
        {"sheet": sheet, "row": row, "column": _column(listed.cells or {}, field), "value": _shown(ours),
         "expected": f"{_shown(theirs)}（{other}）"}
        for field, (theirs, ours) in differing.items()
    ]  # fmt: skip
    candidate = replace(outcome.candidate, row=replace(listed, problems=problems))
    return ImportResult(candidate, EntryState.REJECTED, WriteAction.NOTHING, rejection=refusal)


def _column(given: Mapping[str, str], field: str) -> str:
    """The heading of a field as the list has it; of what has no column of its own, the file's."""
    wanted = _HEADED.get(field, field)
    named = {field_of(heading): heading for heading in reversed(list(given))}
    return named.get(wanted) or named.get("file") or "文件"


def _shown(value: Any) -> str:
    """A value as a cell has it: of creators the names alone."""
    if isinstance(value, list):
        value = [one[0] if isinstance(one, list) else one for one in value]
    return fields.format_value(value)[:CELL_SHOWN]
