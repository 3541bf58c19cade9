"""Finds words in the kept text of a record, chapter by chapter or page by page, as a stream.

Texts are compared in the form of `search.analysis.normalize` and without spaces: lines end within words, and justified
text has spaces where nobody typed one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache

from library_server.catalogue.dto import AssetView, RecordView
from library_server.catalogue.enums import AssetRole
from library_server.catalogue.passages.fragments import PassageFragment
from library_server.reader.texts import TextPieces
from library_server.search.analysis import normalize
from library_server.web.threadpool import run_in_search_threadpool
from storage_config.stores.base import ObjectStore

WORDS_LIMIT, PLACES_LIMIT, FORMS_LIMIT = 100, 500, 20
SECONDS = 5.0
_OVERLAP = 2 * WORDS_LIMIT  # characters of a piece that are looked at again with the next one
_AROUND = 24  # characters quoted before and after what was found
_WHITESPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class FoundPlace:
    """What was found in a passage: its `value` (the number of a page), its label, how often, and the first, quoted."""

    value: str
    label: str
    count: int
    before: str
    match: str
    after: str


@dataclass(frozen=True)
class FoundPlaces:
    """What was found in a text; `forms` are the ways in which it is written there, `is_complete` says whether all of
    the text was looked at.
    """

    places: tuple[FoundPlace, ...]
    forms: tuple[str, ...]
    is_complete: bool


def find_in_text(record: RecordView, store: ObjectStore, words: str) -> FoundPlaces:
    """Return where words stand in the text of a record; at most `PLACES_LIMIT` passages, and in `SECONDS`."""
    text_asset = next(iter(record.assets_of(AssetRole.TEXT)), None)
    if text_asset is None:
        return FoundPlaces((), (), is_complete=True)
    return run_in_search_threadpool(_find_in_kept_text, store, text_asset, words)


def _find_in_kept_text(store: ObjectStore, text_asset: AssetView, words: str) -> FoundPlaces:
    with closing(TextPieces(store, text_asset)) as pieces:
        found = find_in_pieces(pieces, words)
        return replace(found, is_complete=found.is_complete and not pieces.is_broken)


def find_in_pieces(pieces: Iterable[PassageFragment], words: str) -> FoundPlaces:
    """Return where words stand in the pieces of a text."""
    wanted = "".join(map(_fold, words[:WORDS_LIMIT]))
    if not wanted:
        return FoundPlaces((), (), is_complete=True)
    places: list[FoundPlace] = []
    forms: dict[str, None] = {}
    end = time.monotonic() + SECONDS
    index, tail, is_found = -1, "", False
    for piece in pieces:
        is_next = piece.index != index
        if time.monotonic() > end or (is_next and len(places) == PLACES_LIMIT):
            return FoundPlaces(tuple(places), tuple(forms)[:FORMS_LIMIT], is_complete=False)
        if is_next:
            index, tail, is_found = piece.index, "", False
        text = tail + piece.text
        spans = [span for span in _match(text, wanted) if span[1] > len(tail)]
        tail = text[-_OVERLAP:]
        if spans:
            forms |= dict.fromkeys(text[start:stop] for start, stop in spans[:FORMS_LIMIT])
            if is_found:  # in a piece of this passage before
                places[-1] = replace(places[-1], count=places[-1].count + len(spans))
            else:
                places.append(_quote(piece, text, spans))
            is_found = True
    return FoundPlaces(tuple(places), tuple(forms)[:FORMS_LIMIT], is_complete=True)


def _match(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return the start and the end of every place of a text that is `wanted` once it is normalized."""
    forms = [_fold(character) for character in text]
    joined = "".join(forms)
    at = joined.find(wanted)
    if at < 0:
        return []
    offsets = [offset for offset, form in enumerate(forms) for _ in form]
    spans = []
    while at >= 0:
        last = at + len(wanted)
        spans.append((offsets[at], offsets[last - 1] + 1))
        at = joined.find(wanted, last)
    return spans


@lru_cache(maxsize=1 << 16)
def _fold(character: str) -> str:
    return "".join(normalize(character).split())


def _quote(piece: PassageFragment, text: str, spans: list[tuple[int, int]]) -> FoundPlace:
    start, stop = spans[0]
    before, match, after = (
        _WHITESPACE.sub(" ", part)
        for part in (text[max(0, start - _AROUND) : start], text[start:stop], text[stop : stop + _AROUND])
    )
    return FoundPlace(piece.value, piece.label, len(spans), before, match, after)
