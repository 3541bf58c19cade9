"""Marks the words that were searched for in a text, as pieces, so that no markup is ever cut or made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from library_server.catalogue.bounds import shorten
from library_server.search.analysis import normalize, query_tokens
from library_server.search.records.query_engine import TOKENS_LIMIT
from library_server.search.results import QUERY_LIMIT

SNIPPET = 90
MARKED, SEARCHED = 1000, 5000
_LEAD = 24


@dataclass(frozen=True)
class Fragment:
    """A piece of text, and whether it was searched for. Escape it before it becomes markup."""

    text: str
    marked: bool


def mark_matches(text: str, words: str) -> tuple[Fragment, ...]:
    """Return the first `MARKED` characters of the text in pieces, those marked that match a token of the words."""
    text = shorten(text, MARKED)
    flags = _flag_matches(text, _split_tokens(words))
    pieces: list[Fragment] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or flags[end] != flags[start]:
            pieces.append(Fragment(text[start:end], flags[start]))
            start = end
    return tuple(pieces)


def make_snippet(text: str, words: str) -> tuple[Fragment, ...]:
    """About 90 characters around the first match in `SEARCHED` characters, marked; nothing where nothing matches."""
    text = text[:SEARCHED]
    flags = _flag_matches(text, _split_tokens(words))
    if True not in flags:
        return ()
    start = max(0, flags.index(True) - _LEAD)
    cut = ("……" if start else "") + text[start : start + SNIPPET] + ("……" if len(text) > start + SNIPPET else "")
    return mark_matches(cut, words)


def _split_tokens(words: str) -> list[str]:
    """As many tokens as the search itself looks at."""
    return query_tokens(words[:QUERY_LIMIT])[:TOKENS_LIMIT]


def _flag_matches(text: str, tokens: list[str]) -> list[bool]:
    plain, places = _folded_with_places(text)
    flags = [False] * len(text)
    for token in tokens:
        at = plain.find(token)
        while at >= 0:
            for place in places[at : at + len(token)]:
                flags[place] = True
            at = plain.find(token, at + 1)
    return flags


_folded_character = lru_cache(maxsize=32_768)(normalize)  # texts repeat a few thousand characters


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters the place it came from."""
    plain: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in _folded_character(character):
            plain.append(folded)
            places.append(place)
    return "".join(plain), places
