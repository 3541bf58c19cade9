"""The one way that faces search: the index answers, the database fills in the cards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from library_server.catalogue import browsing
from library_server.catalogue.views import RecordCard
from library_server.search.analysis import folded, query_tokens
from library_server.search.finding import by_typing, find, in_all
from library_server.search.records_index import RecordsIndex
from library_server.search.results import Answer, Question

SUGGESTIONS = 10
TYPED_LIMIT = 50


@dataclass(frozen=True)
class Found:
    """An answer with the cards of its page."""

    answer: Answer
    cards: tuple[RecordCard, ...]


def filled(session: Session, answer: Answer) -> Found:
    """The cards of an answer's page."""
    return Found(answer, tuple(browsing.cards(session, answer.ids)))


def ask(index: RecordsIndex, question: Question) -> Answer:
    """The answer to a question; from the index alone, without the database."""
    return find(index.snapshot(), question)


def suggest(records: RecordsIndex, typed: str) -> tuple[str, ...]:
    """Ids of records whose title begins like what was typed: characters, pinyin or initials."""
    typed = typed.strip()[:60]
    if not typed:
        return ()
    index = records.snapshot()
    letters = folded(typed).replace(" ", "").replace("'", "")
    if letters.isascii() and letters.isalpha() and len(letters) > 1:
        ids = by_typing(index, typed, TYPED_LIMIT)
    elif tokens := query_tokens(typed):
        ids = in_all([index.documents("title", token) for token in tokens])
    else:
        return ()
    ids = ids[index.live[ids]]
    order = np.argsort(index.column("title_length", ids), kind="stable")[:SUGGESTIONS]
    chosen = np.sort(ids[order])
    names = index.column("id", chosen)
    return tuple(names[np.searchsorted(chosen, ids[order])].astype(str))
