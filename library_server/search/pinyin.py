"""Pinyin of titles: for sorting, and for people who type `hgx` or `huagu`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import chain

from library_server.lazy_imports import lazy_imports
from library_server.search.analysis import CJK, normalize

SORT_LENGTH = 24
_KEEP = re.compile(rf"[{CJK}0-9a-z]+")
_SUFFIXES = 12
_SUFFIX_LENGTH = 10
_PINYIN_LENGTH = 30


@cache
def _load_segmenter() -> Callable[[str], list[str]]:
    """Return what divides text into words. Its dictionary takes 50 MB, and only who indexes needs it."""
    with lazy_imports():
        from pypinyin.core import Pinyin
    segment: Callable[[str], list[str]] = Pinyin().seg
    return segment


@lru_cache(maxsize=64)  # of a title its sort key and what is typed for it are made, one after the other
def split_syllables(text: str) -> tuple[str, ...]:
    """Syllables without tones, Latin words and numbers whole, in order."""
    words = _load_segmenter()("".join(_KEEP.findall(normalize(text[:80]))))
    return tuple(chain.from_iterable(map(_syllables_of_word, words)))


@lru_cache(maxsize=20_000)  # the words of titles are few, and looking one up takes ten times as long
def _syllables_of_word(word: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(part for part in lazy_pinyin([word], style=Style.NORMAL, errors=lambda text: text) if part)


def sort_key(text: str) -> str:
    """Return what titles are sorted by: pinyin in ASCII, cut at `SORT_LENGTH`."""
    return " ".join(split_syllables(text)).encode("ascii", "ignore").decode()[:SORT_LENGTH]


def pinyin_keys(text: str) -> list[str]:
    """Strings whose beginnings people type for a title: initials from each syllable on, and the full pinyin."""
    parts = split_syllables(text)
    initials = "".join(part[0] for part in parts)
    starts = {initials[start : start + _SUFFIX_LENGTH] for start in range(min(_SUFFIXES, len(initials) - 1))}
    return sorted({*starts, "".join(parts)[:_PINYIN_LENGTH]} - {""})
