"""The fields that a revision changed, one by one, whatever the form in which the revision keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from library_server.catalogue.dto import STATEMENTS

_STATEMENT_NAMES = {"title": "title_parts", "series": "series_parts", "clc": "classes"}
COLLECTED = "collected"
"""The action of a revision that put a record into collections or took it out of them."""


@dataclass(frozen=True)
class FieldChange:
    """A field of a record with its values before and after, JSON values; `place` says of copies where they are."""

    field: str
    old: Any
    new: Any
    place: str = ""

    def to_json(self) -> dict[str, Any]:
        """As reports name it."""
        values = {"field": self.field, "old": self.old, "new": self.new}
        return {**values, "place": self.place} if self.place else values


def changed_fields(action: str, changes: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Yield the fields that a revision changed. Merges, undoing and the like change no field by name and give none."""
    if action == "holding":
        place = " ".join(filter(None, (changes["place"], changes["shelf_mark"])))
        before, after = changes["copies"]
        yield FieldChange("copies", before, after, place)
        return
    for name, change in changes.items():
        if not (isinstance(change, list) and len(change) == 2):
            continue
        if name == STATEMENTS:
            yield from _changed_statements(*(value or {} for value in change))
        elif name != "batch":
            yield FieldChange(name, *change)


def _changed_statements(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield FieldChange(_STATEMENT_NAMES.get(name, name), old.get(name), new.get(name))
