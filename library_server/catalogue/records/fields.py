"""The fields of a record by name, as JSON values: what a revision keeps, a merge compares and an export writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from library_server.catalogue.bounds import bound_creators, bound_integer, bound_list, bound_statements, bound_text
from library_server.catalogue.common_fields import INTEGERS, TEXTS
from library_server.catalogue.details import Statements
from library_server.catalogue.dto import STATEMENTS, CreatorName, RecordDraft
from library_server.catalogue.enums import Access, Kind, Status
from library_server.catalogue.models import Creator, Identifier, Record, Subject
from library_server.catalogue.normalization.classification import normalize_class
from library_server.catalogue.normalization.dates import parse_date
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.normalization.text import fold_punctuation, normalize_language, to_storable

_NUMERAL = "[0-9〇一二三四五六七八九十百]{1,4}"
# in brackets behind a title: which part of a work it is of, which other brackets there do not say
_PART = re.compile(
    rf"第{_NUMERAL}[部卷册集辑编篇季]|[卷部册集]?{_NUMERAL}|[上中下][部卷册集编篇]?|(?:vol(?:ume)?|part|book)\.?\s?\d{{1,3}}"
)
LONGEST_COMPARED = 500
LONGEST_IDENTIFIER = 255
_TEXTS = (*TEXTS, "withdrawn_reason")
_PLAIN = (*INTEGERS, "downloadable")


def values_of_draft(draft: RecordDraft) -> dict[str, Any]:
    """Return the fields that a draft has a value for, by name."""
    stated: dict[str, Any] = {
        "kind": str(draft.kind),
        "title": draft.title,
        "other_titles": list(draft.other_titles),
        "creators": [[creator.name, creator.role] for creator in draft.creators],
        "date": draft.date,
        "language": draft.language,
        "isbn": list(find_isbns(draft).values()) or ([draft.isbn] if draft.isbn else []),
        "clc": draft.clc,
        "subjects": list(draft.subjects),
        "access": str(draft.access) if draft.access != Access.PUBLIC else None,
        STATEMENTS: draft.details.statements.to_json(),
        **{name: getattr(draft, name) for name in (*TEXTS, "part_number")},
    }
    return {name: value for name, value in stated.items() if value not in (None, "", [], {})}


def values_of_record(record: Record) -> dict[str, Any]:
    """Return every field of a record by name."""
    return {name: get_field(record, name) for name in NAMES}


def get_field(record: Record, name: str) -> Any:
    """Return one field. Raises `KeyError` for a name that is no field."""
    if name in _READ:
        return _READ[name](record)
    if name not in NAMES:
        raise KeyError(name)
    return getattr(record, name)


def set_field(record: Record, name: str, value: Any) -> None:
    """Set one field, normalized and bounded as in a new record. Raises `KeyError` for a name that is no field."""
    if name in _PUT:
        _PUT[name](record, value)
    elif name in _TEXTS:
        setattr(record, name, bound_text(name, value))
    elif name in _PLAIN:
        setattr(record, name, value if name == "downloadable" else bound_integer(name, value))
    else:
        raise KeyError(name)


def format_value(value: Any) -> str:
    """Return the value of a field in one line, items separated by `；`; empty for None."""
    if isinstance(value, dict):
        return "；".join(f"{name} {text}" for name, text in value.items())
    if isinstance(value, (list, tuple)):
        return "；".join(" ".join(map(str, part)) if isinstance(part, (list, tuple)) else str(part) for part in value)
    return "" if value is None else str(value)


def match_key_of(draft: RecordDraft) -> str | None:
    """Return the `match_key` of a draft."""
    creators = [[draft.creators[0].name]] if draft.creators else []
    key_fields = {"kind": str(draft.kind), "title": draft.title, "creators": creators, "publisher": draft.publisher}
    return match_key(key_fields | {"date": draft.date})


def match_key(fields: Mapping[str, Any]) -> str | None:
    """Return a key that is equal for two descriptions of what may be one book.

    It is a hash of kind, title, first creator, publisher and year, normalized.

    None for what has too little to be compared by: a title without a creator or a publisher.
    """
    creators = fields.get("creators") or []
    creator = _to_comparable(creators[0][0]) if creators else ""
    publisher = re.sub(
        r"(出版社|出版公司|出版集团|书局|有限责任公司|股份有限公司|有限公司)+$",
        "",
        _to_comparable(fields.get("publisher")),
    )
    title = _to_comparable(fields.get("title"))
    if not title or not (creator or publisher):
        return None
    year = parse_date(str(fields["date"])).year if fields.get("date") else None
    joined = "\x1f".join((str(fields.get("kind")), title, creator, publisher, str(year or "")))
    return hashlib.sha256(to_storable(joined).encode()).hexdigest()[:32]


def bare_title(title: str) -> str:
    """Return a title as titles are compared, no longer than an identifier is."""
    return _to_comparable(title)[:LONGEST_IDENTIFIER]


def _to_comparable(text: Any) -> str:
    """Return letters, digits and characters alone, width and case folded, without roles written after a name."""
    folded = fold_punctuation(str(text or "")[:LONGEST_COMPARED]).casefold()
    folded = re.sub(r"[(\[〔【]([^)\]〕】]*)[)\]〕】]", _keep_part, folded)
    folded = re.sub(r"\s*(主编|编著|编写|等著|等编|著|编|撰|译)$", "", folded)
    return "".join(character for character in folded if character.isalnum())


def _keep_part(brackets: re.Match[str]) -> str:
    """Return what stands in brackets where it says which part of a work a title is of: `（第二部）`, `（上）`."""
    return brackets[1] if _PART.fullmatch(brackets[1].strip()) else ""


def _put_kind(record: Record, value: Any) -> None:
    record.kind = Kind(value)


def _put_title(record: Record, value: Any) -> None:
    record.title = bound_text("title", value) or "无题"


def _put_other_titles(record: Record, value: Any) -> None:
    record.other_titles = bound_list("other_titles", value or [])


def _put_creators(record: Record, value: Any) -> None:
    creators = [(creator.name, creator.role) for creator in bound_creators(CreatorName(*pair) for pair in value or [])]
    rows = list(record.creators)
    for position, (name, role) in enumerate(creators):
        if position < len(rows):
            rows[position].name, rows[position].role = name, role
        else:
            record.creators.append(Creator(position=position, name=name, role=role))
    for extra in rows[len(creators) :]:
        record.creators.remove(extra)


def _put_subjects(record: Record, value: Any) -> None:
    terms = bound_list("subjects", value or [])
    rows = list(record.subjects)
    for position, term in enumerate(terms):
        if position < len(rows):
            rows[position].term = term
        else:
            record.subjects.append(Subject(position=position, term=term))
    for extra in rows[len(terms) :]:
        record.subjects.remove(extra)


def find_isbns(draft: RecordDraft) -> dict[str, str]:
    """Return the valid ISBNs of a draft as they are written, by their 13 digits: that of the book, then those of its
    other bindings and volumes.
    """
    isbns: dict[str, str] = {}
    for text in (draft.isbn, *(isbn.value for isbn in draft.details.statements.isbns)):
        if text and (isbn := normalize_isbn(text)):
            isbns.setdefault(isbn, text)
    return isbns


def _put_isbn(record: Record, value: Any) -> None:
    isbns = {isbn for written in value or [] if (isbn := normalize_isbn(written))}
    stored = [identifier for identifier in record.identifiers if identifier.scheme == "isbn"]
    for identifier in stored:
        if identifier.value not in isbns:
            record.identifiers.remove(identifier)
    there = {identifier.value for identifier in stored}
    record.identifiers.extend(Identifier(scheme="isbn", value=isbn) for isbn in sorted(isbns - there))


def _put_date(record: Record, value: Any) -> None:
    date = parse_date(value) if value else None
    record.date_written = bound_text("date", value)
    record.date_edtf = date.edtf if date else None
    record.date_earliest = date.earliest if date else None
    record.date_latest = date.latest if date else None


def _put_language(record: Record, value: Any) -> None:
    record.language = normalize_language(value)


def _put_clc(record: Record, value: Any) -> None:
    record.clc = normalize_class(value) if value else None


def _put_access(record: Record, value: Any) -> None:
    record.access = Access(value or Access.PUBLIC)


def _put_status(record: Record, value: Any) -> None:
    record.status = Status(value)


def _put_statements(record: Record, value: Any) -> None:
    record.details = replace(record.details, statements=bound_statements(Statements.from_json(value)))


_READ: dict[str, Callable[[Record], Any]] = {
    "creators": lambda record: [[creator.name, creator.role] for creator in record.creators],
    "subjects": lambda record: [subject.term for subject in record.subjects],
    "isbn": lambda record: sorted(identifier.value for identifier in record.identifiers if identifier.scheme == "isbn"),
    "date": lambda record: record.date_written,
    STATEMENTS: lambda record: record.details.statements.to_json(),
}
_PUT: dict[str, Callable[[Record, Any], None]] = {
    "kind": _put_kind,
    "title": _put_title,
    "other_titles": _put_other_titles,
    "creators": _put_creators,
    "subjects": _put_subjects,
    "isbn": _put_isbn,
    "date": _put_date,
    "language": _put_language,
    "clc": _put_clc,
    "access": _put_access,
    "status": _put_status,
    STATEMENTS: _put_statements,
}
NAMES = (*_PUT, *_TEXTS, *_PLAIN)
