"""A record cited after GB/T 7714-2015: 责任者. 题名[类型/OL]. 地: 社, 年[引用日期]. 地址."""

from __future__ import annotations

from datetime import date

from library_server.catalogue.dto import RecordView
from library_server.catalogue.enums import Kind

AUTHORS = 3
_TYPES = {Kind.BOOK: "M", Kind.STORY: "EB"}


def format_gbt7714(record: RecordView, address: str, today: date) -> str:
    """Return the citation of a record that was read online."""
    names = list(record.creators[:AUTHORS])
    if len(record.creators) > AUTHORS:
        names.append("等")
    who = f"{', '.join(names)}. " if names else ""
    where = ": ".join(part for part in (record.place, record.publisher) if part)
    when = str(record.year) if record.year else ""
    made = ", ".join(part for part in (where, when) if part)
    kind = _TYPES.get(record.kind, "Z")
    return f"{who}{record.title}[{kind}/OL]. {made}[{today.isoformat()}]. {address}."
