"""What is written inside a photo, from whichever fields it is read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, fields

_DAY = re.compile(r"(\d{4})[:\-/.]\s?(\d{1,2})[:\-/.]\s?(\d{1,2})(?!\d)|(\d{4})(\d{2})(\d{2})(?!\d)")
_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass
class Captions:
    """What is written inside a photo; `date` as YYYY-MM-DD, or the month or year alone."""

    title: str = ""
    caption: str = ""
    creators: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    place: str = ""
    rights: str = ""
    date: str | None = None


def join(*sources: Captions) -> Captions:
    """Return captions with each field of the first source that says it."""
    return Captions(
        **{item.name: next(filter(None, values), values[-1]) for item in fields(Captions)
           for values in [[getattr(source, item.name) for source in sources]]}
    )  # fmt: skip


def read_day(text: str) -> str | None:
    """Return the day that a time begins with, as yyyy-mm-dd; the month or year where there is no such day.

    None where there is none, or the year 0000 for an unknown one.
    """
    if match := _DAY.match(text):
        year, month, day = (int(part) for part in match.groups() if part)
        for length, parts in ((10, (year, month, day)), (7, (year, month, 1)), (4, (year, 1, 1))):
            try:
                return dt.date(*parts).isoformat()[:length]
            except ValueError:
                continue
        return None
    if (match := _MONTH.fullmatch(text)) and match[1] != "0000":
        return text if match[2] is None or "01" <= match[2] <= "12" else match[1]
    return None
