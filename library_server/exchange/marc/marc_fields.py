"""Reading and making MARC fields without ceremony, the same for both families."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pymarc import Field, Indicators, Record, Subfield

from library_server.catalogue.normalization.dates import is_credible
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.bibliographic import Topic

_ISBD_END = re.compile(r"\s*[/:;,=]\s*$|\s*[.．]\s*$")
_DIVIDER = re.compile(r"--(?!-)")  # a time may end in a hyphen itself: `1949-`
_DIVISIONS = "xyzj"  # as CNMARC names a subject, a place, a time, a form


def get_values(record: Record, tag: str, code: str) -> list[str]:
    """Return every value of a subfield, in order, tidy and never empty."""
    return [value for field in record.get_fields(tag) for value in get_subfields(field, code)]


def get_value(record: Record, tag: str, code: str) -> str:
    """Return the first value of a subfield, or an empty string."""
    return next(iter(get_values(record, tag, code)), "")


def get_subfields(field: Field, code: str) -> list[str]:
    """Return values of one field's subfield."""
    return (
        []
        if field.is_control_field()
        else [text for subfield in field.get_subfields(code) if (text := normalize(subfield))]
    )


def get_subfield(field: Field, code: str) -> str:
    """Return the first value of one field's subfield, or an empty string."""
    return next(iter(get_subfields(field, code)), "")


def strip_punctuation(text: str) -> str:
    """Return text without the ISBD punctuation that MARC 21 puts at the end of a subfield."""
    return _ISBD_END.sub("", text)


def past_date(written: str) -> str:
    """Return a date of publication; empty where it cannot be meant, as `9999` for a date that nobody knows."""
    return written if is_credible(written, datetime.now(UTC).date()) else ""


def make_field(tag: str, indicators: str, *subfields: tuple[str, str | Iterable[str]]) -> Iterator[Field]:
    """One field with the subfields that have a value; none where no subfield has one."""
    made = [
        Subfield(code=code, value=value)
        for code, values in subfields
        for value in ([values] if isinstance(values, str) else values)
        if value
    ]
    if made:
        yield Field(tag=tag, indicators=Indicators(*indicators), subfields=made)


def make_control_field(tag: str, data: str) -> Field:
    """Return a control field."""
    return Field(tag=tag, data=data)


def read_topic(field: Field, of_type: str, codes: str) -> Topic | None:
    """Return a heading with its subdivisions: `柑橘--栽培`; `codes` are those of the family in the order of
    `_DIVISIONS`.
    """
    parts = [
        (subfield.code, text)
        for subfield in field.subfields
        if subfield.code in f"at{codes}" and (text := strip_punctuation(normalize(subfield.value)))
    ]
    if not parts:
        return None
    divided = "".join(_DIVISIONS[max(0, codes.find(code))] for code, _ in parts[1:])
    return Topic("--".join(text for _, text in parts), of_type, divided if divided.strip("x") else "")


def divide_heading(topic: Topic, codes: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the heading itself, and each subdivision with its code in the family."""
    head, *rest = _DIVIDER.split(topic.term)
    kinds = topic.divided.ljust(len(rest), "x")
    return head, [(codes[_DIVISIONS.index(kind)], part) for kind, part in zip(kinds, rest, strict=False)]
