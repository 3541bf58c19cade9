"""One record as the index files it: tokens by field, and the values of its facets and sort orders."""

from __future__ import annotations

from typing import Any

from whoosh.fields import ID, KEYWORD, STORED, Schema

from library_server.catalogue.enums import Kind
from library_server.catalogue.indexed_records import IndexedRecord
from library_server.catalogue.normalization.classification import main_class
from library_server.search.analysis import index_tokens, join_names, normalize
from library_server.search.pinyin import pinyin_keys, sort_key

FIELD_WEIGHTS = {"title": 8.0, "creator": 5.0, "subject": 3.0, "abstract": 1.0}

SCHEMA = Schema(
    id=ID(unique=True),
    title=KEYWORD(scorable=False),
    creator=KEYWORD(scorable=False),
    subject=KEYWORD(scorable=False),
    every=KEYWORD(scorable=False),
    number=KEYWORD(scorable=False),
    typed=KEYWORD(scorable=False),
    values=STORED,
)


def build_document(record: IndexedRecord) -> dict[str, Any]:
    """Return the Whoosh document of a record."""
    names = [record.title, *record.other_titles] if record.kind == Kind.PERSON else []
    title = index_tokens(" ".join((record.title, *record.other_titles, *join_names(names))))
    creator = index_tokens(" ".join((*record.creators, *join_names(record.creators), record.publisher or "")))
    coverage = record.place_covered or "", record.time_covered or ""
    subject = index_tokens(" ".join((*record.subjects, record.series or "", *record.whole, *coverage)))
    abstract = index_tokens(record.abstract or "")
    return {
        "id": record.id,
        "title": _join_tokens(title),
        "creator": _join_tokens(creator),
        "subject": _join_tokens(subject),
        "every": _join_tokens([*title, *creator, *subject, *abstract]),
        "number": " ".join([*record.isbns, *_class_prefixes(record.clc)]),
        "typed": " ".join(pinyin_keys(record.title)),
        "values": column_values(record, len(title)),
    }


def column_values(record: IndexedRecord, title_length: int) -> tuple[Any, ...]:
    """Return facet and sort values, in the order that `columns.make_columns` takes; part of the index's own format."""
    return (
        record.id,
        str(record.kind),
        record.date_earliest or 0,
        main_class(record.clc) or "",
        (record.language or "").split("-")[0],
        tuple(dict.fromkeys(record.creators)),
        record.collections,
        sort_key(record.title),
        title_length,
    )


def _join_tokens(tokens: list[str]) -> str:
    return " ".join(dict.fromkeys(tokens))


def _class_prefixes(number: str | None) -> list[str]:
    """Return the beginnings of a class number: `S666.1` is found as S6, S66, S666, S666. and S666.1."""
    if not number:
        return []
    number = normalize(number).replace(" ", "")
    return [number[:end] for end in range(2, len(number) + 1)]
