"""Two rows of one batch that name the same bytes and say different things: the later one is refused, told of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest_tools.outcomes import Deed, Outcome
from ingest_tools.refusals import Refused
from ingest_tools.sources.headings import field_of
from library_server.catalogue import fields
from library_server.catalogue.vocabulary import EntryState

CELL_SHOWN = 200
_HEADED = {"part_number": "number", "place_covered": "taken_at"}


def contradicted(outcome: Outcome, other: str, differing: Mapping[str, Any]) -> Outcome:
    """The refusal of a row, cell by cell. `other` is the row before it, `differing` is field to [its value, ours]."""
    listed = outcome.candidate.listed
    assert listed is not None
    refusal = Refused("same_file_said_otherwise", other)
    sheet, _, row = listed.place.rpartition("!")
    problems = [
        {"sheet": sheet, "row": row, "column": _column(listed.given or {}, field), "value": _shown(ours),
         "expected": f"{_shown(theirs)}（{other}）"}
        for field, (theirs, ours) in differing.items()
    ]  # fmt: skip
    candidate = replace(outcome.candidate, listed=replace(listed, problems=problems))
    return Outcome(candidate, EntryState.REJECTED, Deed.NOTHING, refusal=refusal)


def _column(given: Mapping[str, str], field: str) -> str:
    """The heading of a field as the list has it; of what has no column of its own, the file's."""
    wanted = _HEADED.get(field, field)
    named = {field_of(heading): heading for heading in reversed(list(given))}
    return named.get(wanted) or named.get("file") or "文件"


def _shown(value: Any) -> str:
    """A value as a cell has it: of creators the names alone."""
    if isinstance(value, list):
        value = [one[0] if isinstance(one, list) else one for one in value]
    return fields.in_words(value)[:CELL_SHOWN]
