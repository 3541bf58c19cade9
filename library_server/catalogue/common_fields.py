"""The fields that a record has under the same name in all its forms, each declared once.

The forms are the description of a file (`ingest_tools.description.Description`), the draft (`RecordDraft`), the columns
(`models.Record`), the view (`RecordView`) and the answer of the REST interface (`RecordItem`). Where one is made of
another, `common_fields` carries these over. `docs/developers/architecture.md` says how the other fields map.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class CommonFields:
    """`language` is BCP 47 and `clc` a class number; `extent` in pages or chapters, `duration_ms` in milliseconds."""

    publisher: str | None = None
    place: str | None = None
    language: str | None = None
    clc: str | None = None
    abstract: str | None = None
    series: str | None = None
    part_number: int | None = None
    place_covered: str | None = None
    time_covered: str | None = None
    rights: str | None = None
    extent: int | None = None
    duration_ms: int | None = None


NAMES = tuple(field.name for field in fields(CommonFields))
INTEGERS = ("part_number", "extent", "duration_ms")
TEXTS = tuple(name for name in NAMES if name not in {*INTEGERS, "language", "clc"})
"""The fields that hold any text, as it is written."""


def common_fields(form: object) -> dict[str, Any]:
    """Return the common fields of any form of a record by name, to make another form of."""
    return {name: getattr(form, name) for name in NAMES}
