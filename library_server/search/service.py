"""The one way that faces search: the index finds, the database fills in the cards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from library_server.catalogue import outbox
from library_server.catalogue.dto import RecordCard
from library_server.catalogue.outbox import NO_WITHDRAWALS, PendingWithdrawals
from library_server.catalogue.records import queries
from library_server.database.engine import Database
from library_server.search.analysis import query_tokens
from library_server.search.records.query_engine import execute, intersect, match_pinyin, pinyin_letters
from library_server.search.records.snapshots import RecordIndex, Snapshot
from library_server.search.results import SearchQuery, SearchResults

SUGGESTIONS = 10
SUGGESTED_PREFIXES = 50


@dataclass(frozen=True)
class SearchPage:
    """The results of a query with the cards of their page."""

    results: SearchResults
    cards: tuple[RecordCard, ...]


def load_cards(session: Session, results: SearchResults) -> SearchPage:
    """Return the cards of a page of results."""
    return SearchPage(results, tuple(queries.load_cards(session, results.ids)))


def search_page(database: Database, index: RecordIndex, query: SearchQuery) -> SearchPage:
    """Return the results of a query with their cards. What was withdrawn is left out of hits, counts and facets at
    once.

    The withdrawals that wait for the index are read before the snapshot: one that waits no longer is in the snapshot.
    """
    with database.reading() as session:
        results = search(index, query, outbox.pending_withdrawals(session))
        return load_cards(session, results)


def search(index: RecordIndex, query: SearchQuery, withdrawals: PendingWithdrawals = NO_WITHDRAWALS) -> SearchResults:
    """Return the results of a query, from the index alone."""
    with index.reading() as snapshot:
        return execute(snapshot, query, withdrawals)


def suggest(records: RecordIndex, typed: str) -> tuple[str, ...]:
    """Return ids of records whose title begins like what was typed: characters, pinyin or initials."""
    typed = typed.strip()[:60]
    if not typed:
        return ()
    with records.reading() as snapshot:
        return _suggest(snapshot, typed)


def _suggest(index: Snapshot, typed: str) -> tuple[str, ...]:
    letters = pinyin_letters(typed)
    if letters.isascii() and letters.isalpha() and len(letters) > 1:
        ids = match_pinyin(index, typed, SUGGESTED_PREFIXES)
    elif tokens := query_tokens(typed):
        ids = intersect([index.find_documents("title", token) for token in tokens])
    else:
        return ()
    ids = ids[index.live[ids]]
    order = np.argsort(index.read_column("title_length", ids), kind="stable")[:SUGGESTIONS]
    chosen = np.sort(ids[order])
    names = index.read_column("id", chosen)
    return tuple(names[np.searchsorted(chosen, ids[order])].astype(str))
