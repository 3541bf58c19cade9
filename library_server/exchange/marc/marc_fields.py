"""Reading and making MARC fields without ceremony, the same for both families."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pymarc import Field, Indicators, Record, Subfield

from library_server.catalogue.normalization.character_references import decode_references, without_markup
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.bibliographic import HoldingStatement, Isbn, Topic

_ISBD_END = re.compile(r"\s*[/:;,=]\s*$|\s*[.．]\s*$")
_ISBN = re.compile(
    r"(?:ISBN(?:-1[03])?[:：\s]*)?(?P<number>[0-9][0-9\s\-]{8,15}[0-9Xx])(?![0-9A-Za-z])(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = 3  # letters of the code of a language (ISO 639-2)
_DIVIDER = re.compile(r"--(?!-)")  # a time may end in a hyphen itself: `1949-`
_DIVISIONS = "xyzj"  # as CNMARC names a subject, a place, a time, a form


class IndexedRecord(Record):
    """A record whose fields are found by their tag without looking at all of them; it is not to be changed."""

    def __init__(self, record: Record) -> None:
        super().__init__(leader=str(record.leader))
        self.fields = record.fields
        self._by_tag: dict[str, list[Field]] = {}
        for field in record.fields:
            self._by_tag.setdefault(field.tag, []).append(field)

    def get_fields(self, *tags: str) -> list[Field]:  # type: ignore[override]  # pymarc types it as lists of tags
        """Return the fields of a tag, or of several in the order of the record."""
        known = [tag for tag in tags if tag in self._by_tag]
        if not known:
            return []
        if len(known) == 1:
            return self._by_tag[known[0]]
        return super().get_fields(*known)


def get_values(record: Record, tag: str, code: str) -> list[str]:
    """Return every value of a subfield, in order, tidy and never empty."""
    return [value for field in record.get_fields(tag) for value in get_subfields(field, code)]


def get_value(record: Record, tag: str, code: str) -> str:
    """Return the first value of a subfield, or an empty string."""
    return next(iter(get_values(record, tag, code)), "")


def get_subfields(field: Field, code: str) -> list[str]:
    """Return values of one field's subfield."""
    if field.control_field:
        return []
    values = [subfield.value for subfield in field.subfields if subfield.code == code]
    texts = (normalize(decode_references(value)) for value in values)
    return [text for text in texts if text]


def get_subfield(field: Field, code: str) -> str:
    """Return the first value of one field's subfield, or an empty string."""
    return next(iter(get_subfields(field, code)), "")


def get_all_subfields(field: Field) -> dict[str, list[str]]:
    """Return every value of a field by its code, of each code in order, tidy and never empty."""
    values: dict[str, list[str]] = {}
    for subfield in field.subfields:
        if text := normalize(decode_references(subfield.value)):
            values.setdefault(subfield.code, []).append(text)
    return values


def get_prose(record: Record, tag: str) -> list[str]:
    """Return every subfield $a of notes and abstracts, without the tags of HTML that were copied into it."""
    values = (normalize(without_markup(value)) for field in record.get_fields(tag) for value in _raw_values(field, "a"))
    return [value for value in values if value]


def _raw_values(field: Field, code: str) -> list[str]:
    return [] if field.is_control_field() else field.get_subfields(code)


def read_body(field: Field) -> str:
    """Return the name of a body with the units below it: `天元区图书馆`, `Hunan. Library`; $a and each $b."""
    names = [*get_subfields(field, "a")[:1], *get_subfields(field, "b")]
    if len(names) < 2:
        return "".join(names).strip(" ,，")
    parts = [part for name in names if (part := strip_punctuation(name).strip(" ,，.．"))]
    return ". ".join(parts) if "".join(parts).isascii() else "".join(parts)


def read_isbns(record: Record) -> Iterator[Isbn]:
    """Yield the numbers of field 020, in which binding and price may stand behind: `7101003044 (精装) : CNY12.00`."""
    for field in record.get_fields("020"):
        yield from make_isbns(get_subfields(field, "a"), get_subfield(field, "q"), get_subfield(field, "c"))


def make_isbns(stated: Sequence[str], binding: str, price: str) -> Iterator[Isbn]:
    """Yield the ISBNs of a field with their binding and price; a price of a book without one, too."""
    for text in stated:
        number, after = _divide_isbn(text)
        own_binding, _, own_price = (part.strip(" ():;（）：") for part in after.partition(":"))
        if number:
            yield Isbn(number, binding or own_binding, price or own_price)
    if not stated and price:
        yield Isbn("", binding, price)


def _divide_isbn(text: str) -> tuple[str, str]:
    if found := _ISBN.match(text):
        return found["number"].strip(), found["after"].replace("：", ":")
    number, _, after = text.partition(" ")
    return number, after


def read_koha_items(record: Record, tag: str, codes: tuple[str, str, str]) -> Iterator[HoldingStatement]:
    """Yield the copies of an export of Koha, each a field; `codes` are those of place, shelf mark and barcode."""
    for field in record.get_fields(tag):
        place, mark, barcode = (get_subfield(field, code) for code in codes)
        if place:
            yield HoldingStatement(place, mark, 1, [barcode] if barcode else [])


def first_language(codes: str) -> str:
    """Return the first code of a subfield in which several stand without a space: `chieng`, as was the rule once."""
    is_joined = len(codes) > _CODE and len(codes) % _CODE == 0 and codes.isascii() and codes.isalpha()
    return codes[:_CODE] if is_joined else codes


def strip_punctuation(text: str) -> str:
    """Return text without the ISBD punctuation that MARC 21 puts at the end of a subfield."""
    return _ISBD_END.sub("", text)


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


def make_data_field(tag: str, indicators: Indicators, parts: Sequence[tuple[str, str]]) -> Field:
    """Return a field; what has no code, or a character of the text in its place, belongs to the subfield before."""
    if all("!" <= code <= "~" for code, _ in parts):
        return Field(tag=tag, indicators=indicators, subfields=list(map(Subfield._make, parts)))
    subfields: list[Subfield] = []
    for code, value in parts:
        if "!" <= code <= "~":
            subfields.append(Subfield(code, value))
        elif text := (code + value).strip():
            before = subfields.pop() if subfields else Subfield("a", "")
            subfields.append(Subfield(before.code, before.value + text))
    return Field(tag=tag, indicators=indicators, subfields=subfields)


def read_topic(field: Field, of_type: str, codes: str) -> Topic | None:
    """Return a heading with its subdivisions: `柑橘--栽培`; `codes` are those of the family in the order of
    `_DIVISIONS`.
    """
    parts = [
        (subfield.code, text)
        for subfield in field.subfields
        if subfield.code in f"at{codes}" and (text := strip_punctuation(normalize(decode_references(subfield.value))))
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
