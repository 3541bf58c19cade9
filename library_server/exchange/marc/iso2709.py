"""The directory of a record in ISO 2709, and records made fit to be written: what the standard has room for, and
nothing that it takes for a delimiter.

ISO 2709:2008 gives four digits to the length of a field and five to that of a record: 9,999 and 99,999 bytes. What is
longer would be written with a directory that no program reads. A note is split into repeated fields, copies are spread
over repeated holdings; anything else is cut, and the caller is told. MARCXML has no such limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pymarc import Field, Indicators, Record, Subfield

from library_server.exchange.characters import on_one_line

FIELD_BYTES, RECORD_BYTES = 9_999, 99_999
FIELDS_LIMIT = 5_000
_FIELD_END = b"\x1e"
_LEADER, _ENTRY = 24, 12
_ENTRY_MAP, _ENTRY_MAPS = 20, {b"4500", b"450 "}  # at the end of a leader that is whole
_ENTRY_FORM = re.compile(rb"[0-9A-Za-z]{3}[0-9]{9}")
_LEAST_LEADER = 20  # bytes: leaders that lost or won some stand before a directory that is whole
_AROUND = 3  # two indicators and the end of the field
_TAG = re.compile(r"[0-9A-Za-z]{3}")
_NOTES = {"marc21": "5", "cnmarc": "3"}  # the block of notes, all repeatable in practice
# of holdings: the subfield that repeats, and the number of copies, which only the first of several fields says
_HOLDINGS = {("marc21", "852"): ("p", "t"), ("cnmarc", "905"): ("b", "s")}
_KEPT = frozenset(("001", "003", "005", "008", "035", "040", "100", "101", "200", "245", "801"))
_ENDS = re.compile("[\n。；！？;!?](?!.*[\n。；！？;!?])", re.DOTALL)
_MARK = "…"


@dataclass(frozen=True)
class Fitted:
    """A record that can be written, and the tags of fields that were cut or left out for it."""

    record: Record
    cut: tuple[str, ...] = ()


def read_slices(raw: bytes) -> list[tuple[bytes, bytes]]:
    """Return tag and bytes of each field of a record, by its directory, or in their order where that does not fit.

    Raises `ValueError` where there is no directory, or it has other fields than the record.
    """
    head, end, body = raw.partition(_FIELD_END)
    directory = _find_directory(head)
    if not end or len(directory) < _ENTRY:
        raise ValueError("no directory")
    if fields := _read_by_directory(directory, body):
        return fields
    tags = _read_long_entries(head[_LEADER:], body) or [
        directory[at : at + 3] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)
    ]
    if len(tags) > FIELDS_LIMIT or not all(map(_is_tag, tags)):
        raise ValueError("directory")
    return _read_by_order(tags, body)


def _is_tag(tag: bytes) -> bool:
    return tag.isalnum() and tag.isascii()


def _find_directory(head: bytes) -> bytes:
    """Return the directory: what follows the leader, or the entries at the end where the leader is not whole."""
    directory = head[_LEADER:]
    if len(directory) % _ENTRY == 0 or head[_ENTRY_MAP:_LEADER] in _ENTRY_MAPS:
        return directory
    return head[find_entries(head) or _LEADER :]


def find_entries(head: bytes) -> int | None:
    """Return where the directory begins that ends with these bytes, whatever the length of the leader is."""
    start = len(head)
    while start - _ENTRY >= _LEAST_LEADER and _ENTRY_FORM.match(head, start - _ENTRY):
        start -= _ENTRY
    return start if start < len(head) else None


def _read_by_directory(directory: bytes, body: bytes) -> list[tuple[bytes, bytes]] | None:
    fields: list[tuple[bytes, bytes]] = []
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        tag, length, start = directory[at : at + 3], directory[at + 3 : at + 7], directory[at + 7 : at + 12]
        if not (length.isdigit() and start.isdigit() and _is_tag(tag)) or len(fields) == FIELDS_LIMIT:
            return None
        data = body[int(start) : int(start) + int(length)]
        if not data.endswith(_FIELD_END) or _FIELD_END in data[:-1]:
            return None
        fields.append((tag, data[:-1]))
    return fields


def _read_by_order(tags: list[bytes], body: bytes) -> list[tuple[bytes, bytes]]:
    fields = [part.lstrip(b"\r\n") for part in body.rstrip(b"\r\n").removesuffix(_FIELD_END).split(_FIELD_END)]
    if len(fields) != len(tags):
        raise ValueError(f"{len(tags)} tags, {len(fields)} fields")
    return list(zip(tags, fields, strict=True))


def _read_long_entries(directory: bytes, body: bytes) -> list[bytes]:
    """Return the tags of a record of more than 99,999 bytes, some of whose entries have six digits for the place of a
    field; nothing where the entries are no such ones.
    """
    tags: list[bytes] = []
    at = place = 0
    for field in body.removesuffix(_FIELD_END).split(_FIELD_END):
        written = b"%05d" % place
        tag = directory[at : at + 3]
        if directory[at + 7 : at + 7 + len(written)] != written or not _is_tag(tag):
            return []
        tags.append(tag)
        at += 7 + len(written)
        place += len(field) + 1
    return tags if at == len(directory) and len(tags) <= FIELDS_LIMIT else []


def clean_record(record: Record) -> Record:
    """Return the record without forbidden characters, and without fields and subfields whose tags or codes are none."""
    leader = "".join(character if " " <= character <= "~" else " " for character in str(record.leader))
    made = Record(leader=leader)
    for field in record.fields:
        if _TAG.fullmatch(field.tag) and (clean := _clean_field(field)) is not None:
            made.add_field(clean)
    return made


def fit_record(record: Record, family: str) -> Fitted:
    """Return the record, cleaned, within the limits of ISO 2709; `family` is cnmarc or marc21."""
    clean = clean_record(record)
    cut: list[str] = []
    fields = [part for field in clean.fields for part in _fit_field(field, family, cut)]
    fields = _fit_fields(fields, family, cut)
    made = Record(leader=str(clean.leader))
    made.add_field(*fields)
    return Fitted(made, tuple(dict.fromkeys(cut)))


def _clean_field(field: Field) -> Field | None:
    if field.is_control_field():
        return Field(tag=field.tag, data=on_one_line(field.data or ""))
    subfields = [
        Subfield(code=subfield.code, value=on_one_line(subfield.value))
        for subfield in field.subfields
        if _is_code(subfield.code)
    ]
    indicators = [
        indicator if len(indicator) == 1 and " " <= indicator <= "~" else " " for indicator in field.indicators or "  "
    ]
    return Field(tag=field.tag, indicators=Indicators(*indicators), subfields=subfields) if subfields else None


def _is_code(code: str) -> bool:
    return len(code) == 1 and "!" <= code <= "~"


def _measure_field(field: Field) -> int:
    return len(field.as_marc("utf-8"))


def _measure_subfield(subfield: Subfield) -> int:
    """Return a subfield with its delimiter and code."""
    return 2 + len(subfield.value.encode())


def _fit_field(field: Field, family: str, cut: list[str]) -> Iterator[Field]:
    if _measure_field(field) <= FIELD_BYTES:
        yield field
    elif field.tag.startswith(_NOTES[family]) and not field.is_control_field():
        yield from _repeat_field(field, [part for subfield in field.subfields for part in _split_subfield(subfield)])
    elif (family, field.tag) in _HOLDINGS:
        for part in _spread_field(field, *_HOLDINGS[family, field.tag]):
            yield _shorten_field(part, FIELD_BYTES, cut)
    else:
        yield _shorten_field(field, FIELD_BYTES, cut)


def _repeat_field(field: Field, subfields: Iterable[Subfield], head: Sequence[Subfield] = ()) -> Iterator[Field]:
    """Fields like this one, each with `head` and as many of the subfields as it has room for."""
    empty = _AROUND + sum(map(_measure_subfield, head))
    taken: list[Subfield] = []
    size = empty
    for subfield in subfields:
        if taken and size + _measure_subfield(subfield) > FIELD_BYTES:
            yield _replace_subfields(field, [*head, *taken])
            taken, size = [], empty
        taken.append(subfield)
        size += _measure_subfield(subfield)
    yield _replace_subfields(field, [*head, *taken])


def _spread_field(field: Field, repeating: str, copies: str) -> Iterator[Field]:
    head = [subfield for subfield in field.subfields if subfield.code != repeating]
    spread = _repeat_field(field, [subfield for subfield in field.subfields if subfield.code == repeating], head)
    for number, part in enumerate(spread):
        if number:
            subfields = [subfield for subfield in part.subfields if subfield.code != copies]
            part = Field(tag=part.tag, indicators=part.indicators, subfields=[*subfields, Subfield(copies, "0")])
        yield part


def _split_subfield(subfield: Subfield) -> Iterator[Subfield]:
    """Yield a subfield in pieces that fit into a field each, broken after a sentence where one ends late enough."""
    room = FIELD_BYTES - _AROUND - 2
    rest = subfield.value
    while len(rest.encode()) > room:
        piece = _first_bytes(rest, room)
        if (end := _ENDS.search(piece)) and end.end() > len(piece) * 0.8:
            piece = piece[: end.end()]
        yield Subfield(subfield.code, piece)
        rest = rest[len(piece) :]
    yield Subfield(subfield.code, rest)


def _shorten_field(field: Field, limit: int, cut: list[str]) -> Field:
    """Return the field with its longest subfields cut until it fits."""
    if _measure_field(field) <= limit:
        return field
    cut.append(field.tag)
    if field.is_control_field():
        return Field(tag=field.tag, data=_first_bytes(field.data or "", limit - 1))
    subfields = _first_subfields(field.subfields, limit)
    over = _AROUND + sum(map(_measure_subfield, subfields)) - limit
    if over > 0:
        at = max(range(len(subfields)), key=lambda place: _measure_subfield(subfields[place]))
        room = len(subfields[at].value.encode()) - over - len(_MARK.encode())
        subfields[at] = Subfield(subfields[at].code, _first_bytes(subfields[at].value, room) + _MARK)
    return _replace_subfields(field, subfields)


def _first_subfields(subfields: Sequence[Subfield], limit: int) -> list[Subfield]:
    """As many subfields as there is room for once the longest of them is cut as far as need be."""
    taken: list[Subfield] = []
    size, longest = _AROUND + 2 + len(_MARK.encode()), 0
    for subfield in subfields:
        size, longest = size + _measure_subfield(subfield), max(longest, _measure_subfield(subfield))
        if size - longest > limit:
            break
        taken.append(subfield)
    return taken


def _replace_subfields(field: Field, subfields: list[Subfield]) -> Field:
    return Field(tag=field.tag, indicators=field.indicators, subfields=list(subfields))


def _fit_fields(fields: list[Field], family: str, cut: list[str]) -> list[Field]:
    """Fields that fit into a record together: notes go first, from the last on, then all but what makes a record."""
    over = _LEADER + 2 + sum(_ENTRY + _measure_field(field) for field in fields) - RECORD_BYTES
    gone: set[int] = set()
    for at in _list_expendable(fields, family) if over > 0 else ():
        gone.add(at)
        cut.append(fields[at].tag)
        over -= _ENTRY + _measure_field(fields[at])
        if over <= 0:
            break
    return [field for at, field in enumerate(fields) if at not in gone]


def _list_expendable(fields: Sequence[Field], family: str) -> list[int]:
    """Places of fields in the order in which they may go."""
    seen: set[str] = set()
    notes, others = [], []
    for at, field in enumerate(fields):
        if field.tag.startswith(_NOTES[family]):
            notes.append(at)
        elif field.tag not in _KEPT or field.tag in seen:
            others.append(at)
        seen.add(field.tag)
    return [*reversed(notes), *reversed(others)]


def _first_bytes(text: str, count: int) -> str:
    """As many characters as fit into so many bytes of UTF-8."""
    return text.encode()[: max(0, count)].decode("utf-8", "ignore")
