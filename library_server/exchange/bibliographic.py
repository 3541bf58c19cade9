"""A description between all forms: what a MARC record, a row of a list or a BibTeX entry says of one thing.

To the catalogue it becomes a draft, and what has no field there its `statements`; from the catalogue both are put
together again. Where a field was edited since, the field is believed and not the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from library_server.catalogue.common_fields import TEXTS
from library_server.catalogue.details import AgentStatement, PrintedIsbn, RecordDetails, Statements, TitleParts
from library_server.catalogue.dto import CreatorName, HoldingView, RecordDraft, RecordView
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.normalization.classification import split_classes
from library_server.catalogue.normalization.identifiers import is_own_id, normalize_isbn
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.agents import Agent, find_relator
from library_server.exchange.record_names import AGENCY


@dataclass
class Topic:
    """A subject heading: its subdivisions stand after `--`.

    `type` is `personal`, `family`, `corporate`, `meeting`, `name_title`, `title`, `topical`, `geographic`, `form` or
    `free`. `divided` says of each subdivision what it is, as CNMARC names them: x a subject, y a place, z a time, j a
    form; empty where all are subjects.
    """

    term: str
    type: str = "topical"
    divided: str = ""

    @property
    def kind(self) -> str:
        """Type and subdivisions in a word, as a record's details keep them: `topical`, `topical xy`."""
        return f"{self.type} {self.divided}".strip()

    @classmethod
    def of_kind(cls, term: str, kind: str) -> Topic:
        """Return a heading with its type and subdivisions in a word; an empty one is `topical`."""
        type_, _, divided = kind.partition(" ")
        return cls(term, type_ or "topical", divided)


@dataclass
class Isbn:
    """An ISBN as printed, with its binding and price where said."""

    value: str
    binding: str = ""
    price: str = ""


@dataclass
class HoldingStatement:
    """Printed copies at a place, with their shelf mark and barcodes."""

    place: str
    shelf_mark: str = ""
    copies: int = 1
    barcodes: list[str] = field(default_factory=list)


@dataclass
class Bibliographic:
    """One description. `title` is the title proper; `date` as written; `language` BCP 47 or a MARC code.

    `whole` is what it is part of: the title, which part or place in it, who made it, then each further level or work
    in one text. A component part is inside it, as an article is; any other is a volume of it.

    `record_names` are the ids of records of the catalogue that an export named, each with the version exported.
    """

    title: str = ""
    kind: str = ""
    other_title: list[str] = field(default_factory=list)
    part_number: str = ""
    part_name: str = ""
    parallel_titles: list[str] = field(default_factory=list)
    variant_titles: list[str] = field(default_factory=list)
    responsibility: list[str] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    edition: str = ""
    place: str = ""
    publisher: str = ""
    date: str = ""
    pages: str = ""
    illustrations: str = ""
    size: str = ""
    accompanying: str = ""
    series: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    abstract: str = ""
    whole: list[str] = field(default_factory=list)
    is_component_part: bool = False
    topics: list[Topic] = field(default_factory=list)
    clc: list[str] = field(default_factory=list)
    isbns: list[Isbn] = field(default_factory=list)
    language: str = ""
    original_language: str = ""
    country: str = ""
    agency: str = ""
    control_number: str = ""
    urls: list[str] = field(default_factory=list)
    holdings: list[HoldingStatement] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    place_covered: str = ""
    time_covered: str = ""
    rights: str = ""
    access: str = ""
    number: int | None = None
    duration_ms: int | None = None
    record_names: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Bibliographic:
        """From the JSON values of `asdict`."""
        values: dict[str, Any] = {
            field: [_PARTS[field](**item) for item in items] if field in _PARTS else items
            for field, items in value.items()
        }
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, what is empty left out."""
        values = {
            name: value for name, value in vars(self).items() if value not in ("", [], {}, None) and value is not False
        }
        return {
            name: [dict(vars(item)) for item in value] if name in _PARTS else value for name, value in values.items()
        }


def with_classes_apart(described: Bibliographic) -> Bibliographic:
    """Return a description whose class numbers among the topics (`I247.5` in MARC 606) are class numbers."""
    classes, terms = split_classes((topic.term for topic in described.topics), described.clc)
    if classes == described.clc:
        return described
    return replace(described, clc=classes, topics=[topic for topic in described.topics if topic.term in set(terms)])


_PARTS: dict[str, type[Any]] = {"agents": Agent, "topics": Topic, "isbns": Isbn, "holdings": HoldingStatement}


def shown_title(described: Bibliographic) -> str:
    """Return the title as readers see it: proper title, part, and other title information after a colon."""
    title = described.title
    part = "，".join(piece for piece in (described.part_number, described.part_name) if piece)
    if part:
        title = f"{title}．{part}"
    return normalize("：".join((title, *described.other_title)))


def to_draft(described: Bibliographic, *, kind: str | None = None, source_path: str | None = None) -> RecordDraft:
    """Return the draft that a description makes."""
    same: dict[str, Any] = {name: getattr(described, name) or None for name in _TEXTS}
    return RecordDraft(
        **same,
        kind=Kind(kind or described.kind or "book"),
        title=shown_title(described) or "无题",
        other_titles=tuple(dict.fromkeys((*described.parallel_titles, *described.variant_titles))),
        creators=tuple(CreatorName(agent.name, agent.role) for agent in described.agents),
        date=described.date or None,
        isbn=next((isbn.value for isbn in described.isbns if isbn.value), None),
        clc=described.clc[0] if described.clc else None,
        subjects=tuple(dict.fromkeys(topic.term for topic in described.topics)),
        series=format_series(described.series) or None,
        part_number=described.number,
        access=Access(described.access) if described.access else Access.PUBLIC,
        duration_ms=described.duration_ms,
        details=RecordDetails(statements=build_statements(described)),
        source_path=source_path,
        local_id=_local_id(described),
    )


def _local_id(described: Bibliographic) -> str | None:
    """Return what tells a description again: its control number, or the record of another library that it was
    exported of.
    """
    if described.control_number:
        return f"marc:{described.agency}:{described.control_number}"
    name = next(filter(is_own_id, described.record_names), None)
    return f"marc:{AGENCY}:{name}" if name else None


_TEXTS = tuple(name for name in (*TEXTS, "language") if name != "series")  # empty here where a record has None
_SIMPLE = ("edition", "pages", "illustrations", "size", "accompanying", "original_language", "country", "agency",
           "control_number", "is_component_part")  # fmt: skip
_LISTS = ("notes", "contents", "whole", "urls", "responsibility", "parallel_titles")


def build_statements(described: Bibliographic) -> Statements:
    """Return what a card says that has no field in the catalogue."""
    agents, isbns, series = described.agents, described.isbns, described.series
    has_title_parts = described.other_title or described.part_number or described.part_name
    title = TitleParts(described.title, tuple(described.other_title), described.part_number, described.part_name)
    has_relators = any(agent.corporate or agent.relator for agent in agents)
    has_volumes = len(series) > 1 or any(len(parts) > 1 and parts[1] for parts in series)
    has_prices = len(isbns) > 1 or any(isbn.binding or isbn.price for isbn in isbns)
    same: dict[str, Any] = {name: getattr(described, name) for name in _SIMPLE}
    return Statements(
        **same | {name: tuple(getattr(described, name)) for name in _LISTS},
        title=title if has_title_parts else None,
        agents=tuple(AgentStatement(agent.name, agent.relator, agent.corporate) for agent in agents if has_relators),
        topics={topic.term: topic.kind for topic in described.topics if topic.kind != "topical"},
        series=tuple(tuple(parts) for parts in series if has_volumes),
        isbns=tuple(PrintedIsbn(isbn.value, isbn.binding, isbn.price) for isbn in isbns if has_prices),
        clc=tuple(described.clc) if len(described.clc) > 1 else (),
        barcodes={holding.place: tuple(holding.barcodes) for holding in described.holdings if holding.barcodes},
    )


def from_record(record: RecordView) -> Bibliographic:
    """Return the description of a record in the catalogue."""
    stated = record.details.statements
    same: dict[str, Any] = {name: getattr(stated, name) for name in _SIMPLE}
    same |= {name: getattr(record, name) or "" for name in _TEXTS}
    description = Bibliographic(
        kind=str(record.kind),
        date=record.date_written or "",
        access=str(record.access),
        number=record.part_number,
        duration_ms=record.duration_ms,
        **same | {name: list(getattr(stated, name)) for name in _LISTS},
    )
    _set_title(description, record.title, stated.title)
    description.parallel_titles = [title for title in description.parallel_titles if title in record.other_titles]
    description.variant_titles = [title for title in record.other_titles if title not in description.parallel_titles]
    bodies = {agent.name for agent in stated.agents if agent.corporate}
    description.agents = [
        Agent(credit.name, credit.role, find_relator(stated.agents, credit.name, credit.role), credit.name in bodies)
        for credit in record.credits
    ]
    description.topics = [Topic.of_kind(term, stated.topics.get(term, "")) for term in record.subjects]
    description.series = (
        [list(parts) for parts in stated.series] if format_series(stated.series) == record.series else []
    )
    if record.series and not description.series:
        description.series = [[record.series, ""]]
    printed = {normalize_isbn(isbn.value): Isbn(*isbn) for isbn in stated.isbns}
    description.isbns = [Isbn(isbn) for isbn in record.isbns if isbn not in printed] + list(printed.values())
    description.clc = [record.clc, *stated.clc[1:]] if record.clc else []
    description.holdings = [
        HoldingStatement(
            holding.place, holding.shelf_mark or "", holding.copies, list(stated.barcodes.get(holding.place, ()))
        )
        for holding in record.holdings
    ]
    return description


def build_holdings(described: Bibliographic) -> list[HoldingView]:
    """Return the printed copies, as the catalogue takes them; the same place and mark twice is counted together."""
    counted: dict[tuple[str, str], int] = {}
    for holding in described.holdings:
        key = normalize(holding.place), normalize(holding.shelf_mark)
        counted[key] = counted.get(key, 0) + holding.copies
    return [HoldingView(place, mark or None, copies) for (place, mark), copies in counted.items()]


def format_series(series: Sequence[Sequence[str]]) -> str:
    """Series statements in one line, as the catalogue keeps them."""
    return normalize("；".join(" ".join(filter(None, parts)) for parts in series))


def split_terms(text: str, pattern: str = r"[;；,，、|\n]") -> list[str]:
    """Terms in one cell; `--` keeps subdivisions together."""
    return list(dict.fromkeys(term for part in re.split(pattern, text) if (term := normalize(part))))


def deduplicate(values: Iterable[str]) -> list[str]:
    """Return values that say something, each once, in their order."""
    return list(dict.fromkeys(value for value in values if value))


def _set_title(described: Bibliographic, shown: str, parts: TitleParts | None) -> None:
    if parts:
        described.title, described.other_title, described.part_number, described.part_name = (
            parts.title, list(parts.other_titles), parts.part_number, parts.part_name
        )  # fmt: skip
        if shown_title(described) == shown:
            return
        described.part_number = described.part_name = ""
    main, *other = shown.split("：")
    # a colon at either end, or two together, divide no title from another
    described.title, described.other_title = (main, other) if main and all(other) else (shown, [])
