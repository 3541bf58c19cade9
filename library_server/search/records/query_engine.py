"""Answers a `SearchQuery`: records with all words, or with most where none has all; then filters, facets and order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from library_server.catalogue.normalization.classification import main_class, normalize_class
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.outbox import PendingWithdrawals
from library_server.search.analysis import normalize, query_tokens
from library_server.search.records.columns import KINDS, NO_VALUE, ROW, prefix_number
from library_server.search.records.documents import FIELD_WEIGHTS
from library_server.search.records.postings import DocNumbers
from library_server.search.records.snapshots import Snapshot
from library_server.search.results import FACET_VALUES, FACETS, QUERY_LIMIT, FacetValue, SearchQuery, SearchResults

RELAXED_SHARE = 0.6  # of the words, where no record has all
UNDATED_LAST = np.int32(2**31 - 1)
TOKENS_LIMIT = 40
PREFIX_LIMIT = 200
BITMAP_FROM = 1000  # documents: more are looked up in an array of all, fewer by bisection
_SHORT_TITLE = 6.0
_LETTERS = re.compile(r"[a-z]{2,30}\Z")
_CLASS = re.compile(r"[A-Za-z]{1,2}\d")
_YEAR = re.compile(r"-?[0-9]{1,4}\Z")
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Matches:
    """Document numbers found, ascending, each with a score."""

    ids: DocNumbers
    scores: Scores
    relaxed: bool = False


def execute(index: Snapshot, query: SearchQuery, withdrawals: PendingWithdrawals) -> SearchResults:
    """Return the page of records that a query finds, without what was withdrawn since the index was written.

    Where too much was withdrawn to leave it all out, there are no facets: they would name what nobody may see.
    """
    matches = _find_matches(index, query.words.strip()[:QUERY_LIMIT])
    keep = _find_visible(index, withdrawals)[matches.ids]
    for facet, value in query.filters.items():
        keep &= _matches_facet(index, matches.ids, facet, value)
    ids, scores = matches.ids[keep], matches.scores[keep]
    page = _take_page(index, ids, scores, query)
    return SearchResults(
        total=len(ids),
        ids=tuple(name.decode() for name in index.read_column("id", np.sort(page))[np.argsort(np.argsort(page))]),
        facets={facet: _count_values(index, ids, facet) if withdrawals.is_complete else () for facet in FACETS},
        relaxed=matches.relaxed,
    )


def _find_visible(index: Snapshot, withdrawals: PendingWithdrawals) -> npt.NDArray[np.bool_]:
    """Return which documents are those of records that may be shown now."""
    if not withdrawals.record_ids:
        return index.live
    names = np.array([record_id.encode() for record_id in withdrawals.record_ids], ROW["id"])
    heads = np.unique(np.array([prefix_number(record_id) for record_id in withdrawals.record_ids], ROW["newest"]))
    newest = index.read_column("newest")
    places = np.minimum(np.searchsorted(heads, newest), len(heads) - 1)
    similar = np.flatnonzero(heads[places] == newest).astype(np.int32)
    visible = index.live.copy()
    visible[similar[np.isin(index.read_column("id", similar), names)]] = False
    return visible


def _find_matches(index: Snapshot, words: str) -> Matches:
    if not words:
        everything = np.arange(index.size, dtype=np.int32)
        return Matches(everything, np.zeros(index.size, np.float32))
    numbered = _by_number(index, words)
    if len(numbered):
        return Matches(numbered, np.ones(len(numbered), np.float32))
    tokens = query_tokens(words)[:TOKENS_LIMIT]
    documents, relaxed = _combine_postings(index, _load_postings(index, words))
    typed = match_pinyin(index, words)
    if len(typed) and (relaxed or not len(documents)):
        documents, relaxed = typed, False
    return Matches(documents, _compute_scores(index, documents, tokens), relaxed and len(documents) > 0)


def _load_postings(index: Snapshot, words: str) -> list[DocNumbers]:
    """Return the documents of each token; a class number or ISBN among the words finds what has it, or has it in its
    text.
    """
    numbers = {word: numbered for word in words.split() if len(numbered := _by_number(index, word))}
    others = query_tokens(" ".join(word for word in words.split() if word not in numbers))[:TOKENS_LIMIT]
    postings = [index.find_documents("every", token) for token in others]
    for word, numbered in numbers.items():
        texts = [index.find_documents("every", token) for token in query_tokens(word)]
        postings.append(np.union1d(numbered, intersect(texts)))
    return postings


def _by_number(index: Snapshot, words: str) -> DocNumbers:
    """Return the documents of an ISBN or class number; none for other words."""
    isbn = normalize_isbn(words)
    if isbn:
        return index.find_documents("number", isbn)
    number = normalize_class(words) if _CLASS.match(words.strip()) else None
    return index.find_documents("number", normalize(number)) if number else np.empty(0, np.int32)


def pinyin_letters(words: str) -> str:
    """Return what was typed as one run of letters: pinyin may be typed with spaces and apostrophes."""
    return normalize(words).replace(" ", "").replace("'", "")


def match_pinyin(index: Snapshot, words: str, limit: int = PREFIX_LIMIT) -> DocNumbers:
    """Return the documents whose title's initials or pinyin begin with what was typed (`hgx`, `huagu`)."""
    letters = pinyin_letters(words)
    if not _LETTERS.match(letters):
        return np.empty(0, np.int32)
    documents = [index.find_documents("typed", token) for token in index.expand("typed", letters, limit)]
    return np.unique(np.concatenate(documents)) if documents else np.empty(0, np.int32)


def _combine_postings(index: Snapshot, postings: Sequence[DocNumbers]) -> tuple[DocNumbers, bool]:
    if not postings:
        return np.empty(0, np.int32), False
    documents = intersect(postings)
    if len(documents) or len(postings) == 1:
        return documents, False
    counts = np.bincount(np.concatenate(postings), minlength=index.size)
    return np.flatnonzero(counts >= max(1, math.ceil(RELAXED_SHARE * len(postings)))).astype(np.int32), True


def intersect(postings: Sequence[DocNumbers]) -> DocNumbers:
    """Return the documents in every one of these (ascending) lists: the shortest is looked up in the others."""
    documents, *others = sorted(postings, key=len)
    for other in others:
        documents = documents[_is_in(documents, other)]
    return documents


def _is_in(ids: DocNumbers, filed: DocNumbers) -> npt.NDArray[np.bool_]:
    """Return which of `ids` (ascending) are in `filed` (ascending)."""
    if not len(filed):
        return np.zeros(len(ids), dtype=bool)
    if len(ids) > BITMAP_FROM:
        filed_here = np.zeros(max(ids[-1], filed[-1]) + 1, dtype=bool)
        filed_here[filed] = True
        return filed_here[ids]
    places = np.minimum(np.searchsorted(filed, ids), len(filed) - 1)
    return np.asarray(filed[places] == ids)


def _compute_scores(index: Snapshot, ids: DocNumbers, tokens: Sequence[str]) -> Scores:
    """Return scores: rarity of each token times the weight of the fields that have it; a short title weighs more."""
    scores = np.zeros(len(ids), np.float32)
    if not len(ids):
        return scores
    brevity = 1.0 / (1.0 + index.read_column("title_length", ids).astype(np.float32) / _SHORT_TITLE)
    for token in tokens:
        rarity = math.log(1.0 + index.size / (1.0 + len(index.find_documents("every", token))))
        scores += FIELD_WEIGHTS["abstract"] * rarity * _has_token(index, "every", token, ids)
        scores += FIELD_WEIGHTS["title"] * rarity * _has_token(index, "title", token, ids) * (0.5 + brevity)
        for field in ("creator", "subject"):
            scores += FIELD_WEIGHTS[field] * rarity * _has_token(index, field, token, ids)
    return scores


def _has_token(index: Snapshot, field: str, token: str, ids: DocNumbers) -> npt.NDArray[np.bool_]:
    return _is_in(ids, index.find_documents(field, token))


def _matches_facet(index: Snapshot, ids: DocNumbers, facet: str, value: str) -> npt.NDArray[np.bool_]:
    """Return which of `ids` have this value of a facet; none of them where no record can have it."""
    if facet not in FACETS:
        raise ValueError(f"no such facet: {facet}")
    column = index.read_column(facet, ids)
    column_value = _column_value(index, facet, value)
    if column_value is None:
        return np.zeros(len(ids), dtype=bool)
    has_value: npt.NDArray[np.bool_] = column == column_value
    return np.asarray(has_value.any(axis=1)) if has_value.ndim > 1 else has_value


def _column_value(index: Snapshot, facet: str, value: str) -> int | bytes | None:
    """Return a facet value as its column holds it; None for what no column holds. Defined for every text."""
    if facet == "kind":
        return KINDS.index(value) if value in KINDS else None
    if facet == "year":
        return int(value) or None if _YEAR.match(value) else None
    if facet == "class":
        letter = main_class(normalize_class(value)) if value.isascii() else None
        return letter.encode() if letter else None
    number = index.names.find(facet, value)
    return number if number > NO_VALUE else None


def _count_values(index: Snapshot, ids: DocNumbers, facet: str) -> tuple[FacetValue, ...]:
    column = index.read_column(facet, ids)
    names: Callable[[int], str]
    if facet == "class":
        numbers = np.bincount(column.view(np.uint8), minlength=1)
        names = chr
    elif facet == "kind":
        numbers = np.bincount(column, minlength=1)
        return _take_top(numbers, KINDS.__getitem__)
    elif facet == "year":
        numbers = np.bincount(np.maximum(column, NO_VALUE), minlength=1)
        names = str
    else:
        numbers = np.bincount(column.reshape(-1), minlength=1)
        names = index.names.lists[facet].__getitem__
    numbers[NO_VALUE] = 0
    return _take_top(numbers, names)


def _take_top(numbers: npt.NDArray[np.intp], name: Callable[[int], str]) -> tuple[FacetValue, ...]:
    count = min(FACET_VALUES, len(numbers))
    best = np.argpartition(-numbers, count - 1)[:count]
    ordered = sorted((-int(numbers[number]), name(int(number))) for number in best if numbers[number])
    return tuple(FacetValue(name, -count) for count, name in ordered)


def _take_page(index: Snapshot, ids: DocNumbers, scores: Scores, query: SearchQuery) -> DocNumbers:
    """Return the document numbers of the page in order. Every order is total: ties fall to the newer record."""
    start, stop = (query.page - 1) * query.per_page, query.page * query.per_page
    if start >= len(ids):
        return np.empty(0, np.int32)
    keys = _order_keys(index, ids, scores, query)
    candidates = _find_smallest(keys, stop)
    newest = index.read_column("id", ids[candidates])
    newer_first = np.argsort(np.argsort(newest)[::-1])
    exact = index.read_column("title_key", ids[candidates]) if query.sort == "title" else keys[candidates]
    order = np.lexsort((newer_first, newer_first if _by_newest(query) else exact))
    return ids[candidates[order][start:stop]]


def _by_newest(query: SearchQuery) -> bool:
    return query.sort == "newest" or (query.sort == "relevance" and not query.words.strip())


def _order_keys(index: Snapshot, ids: DocNumbers, scores: Scores, query: SearchQuery) -> npt.NDArray[np.generic]:
    """Return ascending sort keys; of ids and titles the first eight characters, which bound the rest."""
    keys: npt.NDArray[np.generic]
    if _by_newest(query):
        keys = np.uint64(2**64 - 1) - index.read_column("newest", ids)
    elif query.sort == "title":
        keys = index.read_column("title_head", ids)
    elif query.sort == "date":
        days = index.read_column("date", ids)
        keys = np.where(days == NO_VALUE, UNDATED_LAST, -days)
    else:
        keys = -scores
    return keys


def _find_smallest(keys: npt.NDArray[np.generic], count: int) -> npt.NDArray[np.intp]:
    """Return the positions of the `count` smallest keys and of all that tie with the last of them."""
    if count >= len(keys):
        return np.arange(len(keys))
    limit = np.partition(keys, count - 1)[count - 1]
    return np.flatnonzero(keys <= limit)
