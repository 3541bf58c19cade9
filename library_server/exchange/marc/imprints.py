"""Place, publisher and date of MARC records: UNIMARC 210 and 214, MARC 21 260 and 264."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from pymarc import Field, Record

from library_server.catalogue.normalization.dates import is_credible, parse_date
from library_server.exchange.marc.marc_fields import get_subfields, strip_punctuation

_COPYRIGHT = re.compile(r"^[©c]\s*(?=[0-9]{4})")
_UNKNOWN = re.compile(
    r"(?:出版[者地社]|出版单位|发行者|發行者)(?:不详|不詳|不明|未详)|不详|不詳"
    r"|s\.?\s?l\.?|s\.?\s?n\.?|sine (?:loco|nomine)|n\.\s?p\.?"
    r"|(?:place of publication|publisher|publisher name|place) (?:not identified|unknown)",
    re.IGNORECASE,
)
_CODED = re.compile(r"[0-9]{2}[0-9u]{2}")
_KINDS_OF_264 = "1320"  # of statements: publication, manufacture, distribution, production; 4 is the copyright


def read_unimarc(record: Record) -> tuple[str, str, str]:
    """Return place, publisher and date as written; places and publishers of one statement are all named."""
    imprint = next(iter(record.get_fields("210", "214")), Field(tag="210"))
    places, publishers = (_join_known(get_subfields(imprint, code)) for code in "ac")
    return places, publishers, next(iter(get_subfields(imprint, "d")), "")


def read_marc21(record: Record, coded: str) -> tuple[str, str, str]:
    """Return place, publisher and date; a date that cannot be read gives way to `coded`, date 1 of field 008.

    Field 260 or a statement of publication comes first, then one of manufacture, distribution or production. The date
    of copyright stands in where no other date is.
    """
    fields = record.get_fields("264", "260")
    fields.sort(key=lambda field: 0 if field.tag == "260" else _rank(field))
    imprint = next((field for field in fields if field.tag == "260" or field.indicator2 in _KINDS_OF_264), Field("264"))
    dates = (strip_punctuation(text) for field in (imprint, *fields) for text in get_subfields(field, "c")[:1])
    places, publishers = (_join_known(map(strip_punctuation, get_subfields(imprint, code))) for code in "ab")
    return places, publishers, past_date(_choose_date(past_date(next(dates, "")), coded))


def past_date(written: str) -> str:
    """Return a date of publication; empty where it cannot be meant, as `9999` for a date that nobody knows."""
    return written if is_credible(written, datetime.now(UTC).date()) else ""


def _rank(field: Field) -> int:
    return _KINDS_OF_264.find(field.indicator2) if field.indicator2 in _KINDS_OF_264 else len(_KINDS_OF_264)


def _join_known(names: Iterable[str]) -> str:
    """Return names with a semicolon between them, without those that say that none is known: `[S.l.]`."""
    known = map(_with_both_brackets, names)
    return "；".join(dict.fromkeys(name for name in known if name and not _UNKNOWN.fullmatch(name.strip("[]［］ "))))


def _with_both_brackets(text: str) -> str:
    """Return text without a bracket whose other half is in another subfield: `[长沙` and `湖南人民出版社]`."""
    return text if text.count("[") == text.count("]") else text.strip("[] ")


def _choose_date(written: str, coded: str) -> str:
    """Return the date as written where it can be read, else that of field 008, in which `u` is an unknown digit."""
    if "[" not in written[1:]:
        written = _COPYRIGHT.sub("", written.strip("[] "))
    is_coded = _CODED.fullmatch(coded) is not None
    return coded.replace("u", "X") if is_coded and parse_date(written).edtf is None else written
