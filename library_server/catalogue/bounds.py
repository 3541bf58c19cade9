"""Limits of the fields of the catalogue, and functions that apply them.

Descriptions of records are bounded here: text is normalized, holds no NUL and no lone surrogate (neither SQLite nor
PostgreSQL takes both), and is at most so many characters; integers fit 32 bits, which is what PostgreSQL keeps; JSON
is finite.
What is cut ends in `……`, between two characters as people see them, and is reported as a `Shortening`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from library_server.catalogue.common_fields import INTEGERS, TEXTS
from library_server.catalogue.details import RecordDetails, Statements
from library_server.catalogue.dto import STATEMENTS, CreatorName, HoldingView, RecordDraft
from library_server.catalogue.enums import CreatorRole
from library_server.catalogue.normalization.text import normalize, to_storable

ELLIPSIS = "……"
LARGEST_TEXT = 1_000_000  # characters that are looked at, which takes a third of a second
LIMITS: dict[str, int] = {
    "title": 500, "other_titles": 500, "creators": 200, "subjects": 100, "publisher": 200, "place": 200, "date": 200,
    "abstract": 10_000, "series": 500, "place_covered": 500, "time_covered": 200, "rights": 2000,
    "statements": 10_000, "details": 2000, "withdrawn_reason": 2000, "collections": 200, "holding_place": 200,
    "shelf_mark": 128, "given": 32_767, "path": 4096, "reason": 2000, "label": 64, "media_type": 128,
}  # fmt: skip
"""Characters of a field, or of each item of a list."""
ITEMS: dict[str, int] = {
    "other_titles": 100,
    "creators": 200,
    "subjects": 100,
    "collections": 50,
    "statements": 500,
    "details": 500,
    "given": 16_384,
}
"""How many items a list holds."""
LARGEST_INTEGER = 2**31 - 1
JSON_CHARACTERS, JSON_DEPTH = 200_000, 10
_FULL_TITLE = "题名全文："
_LONGEST_CLUSTER = 32
_JOINER, _SELECTORS = "\u200d", range(0xFE00, 0xFE10)
_SKIN_TONES, _REGIONAL = range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)


@dataclass(frozen=True)
class Shortening:
    """A value that was cut: the field, its length, and how much of it was kept.

    Lengths are in characters; of a list that was too long in items; of a number that no column holds in digits.
    """

    field: str
    length: int
    kept: int


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters, cut before a whole grapheme and ended with `……`.

    The rules are those of UAX 29, section 3.1.1, that matter where a title ends: marks, joined emoji and flags.
    """
    if len(text) <= limit:
        return text
    cut = limit - len(ELLIPSIS)
    for start in range(cut, max(0, cut - _LONGEST_CLUSTER), -1):
        if not _extends_cluster(text, start):
            return text[:start].rstrip() + ELLIPSIS
    return text[:cut] + ELLIPSIS


def bound_text(field: str, text: str | None, cut: list[Shortening] | None = None) -> str | None:
    """Normalized text of a field within its limit; None where nothing is left. What was cut is added to `cut`."""
    if not text:
        return None
    limit = LIMITS[field]
    whole, rest = normalize(text[:LARGEST_TEXT]), text[LARGEST_TEXT:].strip()
    bounded = shorten(whole + ELLIPSIS if rest else whole, limit)
    if cut is not None and bounded != whole:
        cut.append(Shortening(field, len(text) if rest else len(whole), len(bounded)))
    return bounded or None


def bound_list(field: str, texts: Iterable[str], cut: list[Shortening] | None = None) -> list[str]:
    """Normalized items of a list within their limit, as many as the field holds."""
    given = list(texts)
    limit = ITEMS[field]
    if len(given) > limit and cut is not None:
        cut.append(Shortening(field, len(given), limit))
    return [bounded for text in given[:limit] if (bounded := bound_text(field, text, cut))]


def bound_integer(field: str, value: int | None, cut: list[Shortening] | None = None) -> int | None:
    """Return a whole number that a column of 32 bits holds; None for any other, since a number cannot be shortened."""
    if value is None or -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return value
    if cut is not None:
        cut.append(Shortening(field, max(1, round(abs(value).bit_length() * math.log10(2))), 0))
    return None


def bound_json(value: Any, cut: list[Shortening] | None = None, field: str = "statements") -> Any:
    """Return a JSON value that every database keeps: text within its limit, finite numbers, bounded lists and depth."""
    if value is None:
        return None
    walk = _JsonWalk(field)
    bounded = walk.bound(value, JSON_DEPTH)
    if walk.cut and cut is not None:
        cut.append(Shortening(field, walk.seen, walk.kept))
    return bounded


def bound_details(details: RecordDetails, cut: list[Shortening] | None = None) -> RecordDetails:
    """Details whose values every database keeps; statements are bounded by themselves, to displace no other."""
    given = details.to_json()
    given.pop(STATEMENTS, None)
    bounded = bound_json(given, cut, "details")
    statements = bound_statements(details.statements, cut)
    if bounded != given:
        return replace(RecordDetails.from_json(bounded), statements=statements)
    return details if statements is details.statements else replace(details, statements=statements)


def bound_statements(statements: Statements, cut: list[Shortening] | None = None) -> Statements:
    """Statements whose values every database keeps; the same object where nothing has to go."""
    given = statements.to_json()
    bounded = bound_json(given, cut)
    return statements if bounded == given else Statements.from_json(bounded)


def bound_draft(draft: RecordDraft) -> tuple[RecordDraft, tuple[Shortening, ...]]:
    """Return a draft within the limits of every field, and what was cut. A second call changes nothing.

    The whole of a title that was too long goes into the notes of the record, as far as a note reaches.
    """
    cut: list[Shortening] = []
    values: dict[str, Any] = {name: bound_text(name, getattr(draft, name), cut) for name in (*TEXTS, "date")}
    values |= {name: bound_integer(name, getattr(draft, name), cut) for name in INTEGERS}
    values["title"] = bound_text("title", draft.title, cut) or "无题"
    values["other_titles"] = tuple(bound_list("other_titles", draft.other_titles, cut))
    values["subjects"] = tuple(bound_list("subjects", draft.subjects, cut))
    values["creators"] = bound_creators(draft.creators, cut)
    details = draft.details
    if any(shortening.field == "title" for shortening in cut):
        details = _with_note(details, f"{_FULL_TITLE}{draft.title}")
    values["details"] = bound_details(details, cut)
    values["source_path"] = to_storable(draft.source_path)[: LIMITS["path"]] if draft.source_path else None
    return replace(draft, **values), tuple(cut)


def bound_creators(creators: Iterable[CreatorName], cut: list[Shortening] | None = None) -> tuple[CreatorName, ...]:
    """Return names within their limit, as many as a record names, each with a known role."""
    given = list(creators)
    if len(given) > ITEMS["creators"] and cut is not None:
        cut.append(Shortening("creators", len(given), ITEMS["creators"]))
    return tuple(
        CreatorName(name, creator.role if creator.role in _ROLES else str(CreatorRole.CONTRIBUTOR))
        for creator in given[: ITEMS["creators"]]
        if (name := bound_text("creators", creator.name, cut))
    )


def bound_holding(holding: HoldingView) -> HoldingView:
    """Return a holding whose place, shelf mark and number of copies their columns hold."""
    copies = max(0, min(holding.copies, LARGEST_INTEGER))
    place = bound_text("holding_place", holding.place) or ""
    return HoldingView(place, bound_text("shelf_mark", holding.shelf_mark), copies)


_ROLES = frozenset(CreatorRole)


def _with_note(details: RecordDetails, added: str) -> RecordDetails:
    notes = (*(note for note in details.statements.notes if note != added), added)
    return replace(details, statements=replace(details.statements, notes=notes))


def _extends_cluster(text: str, at: int) -> bool:
    """Return whether the character at `at` belongs to the grapheme cluster of the one before it."""
    following, before = text[at], text[at - 1]
    if unicodedata.category(following)[0] == "M" or ord(following) in _SELECTORS or ord(following) in _SKIN_TONES:
        return True
    if _JOINER in (following, before):
        return True
    flags = 0
    while flags < at and ord(text[at - 1 - flags]) in _REGIONAL:
        flags += 1
    return ord(following) in _REGIONAL and flags % 2 == 1


class _JsonWalk:
    """One pass over a JSON value, which counts the characters that it saw and kept."""

    def __init__(self, field: str) -> None:
        self._limit, self._items = LIMITS[field], ITEMS[field]
        self.seen = self.kept = 0
        self.cut = False

    def bound(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._bound_text(value)
        if isinstance(value, dict) and depth:
            bounded = self._first_items(list(value.items()))
            return {self._bound_text(str(name)): self.bound(item, depth - 1) for name, item in bounded}
        if isinstance(value, (list, tuple)) and depth:
            return [self.bound(item, depth - 1) for item in self._first_items(value)]
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int) and value.bit_length() < 64:
            return value
        self.cut = True
        return None

    def _first_items(self, values: Any) -> Any:
        self.cut = self.cut or len(values) > self._items
        return values[: self._items]

    def _bound_text(self, text: str) -> str:
        text = to_storable(text)
        self.seen += len(text)
        bounded = shorten(text, max(len(ELLIPSIS), min(self._limit, JSON_CHARACTERS - self.kept)))
        self.cut = self.cut or len(bounded) < len(text)
        self.kept += len(bounded)
        return bounded
