"""Pinyin of titles: for sorting, and for people who type `hgx` or `huagu`."""

from __future__ import annotations

import re
from functools import lru_cache

from library_server.search.analysis import CJK, normalize
from library_server.search.pinyin_table import load_pinyin_table

SORT_LENGTH = 24
_KEEP = re.compile(rf"[{CJK}0-9a-z]+")
_SUFFIXES = 12
_SUFFIX_LENGTH = 10
_PINYIN_LENGTH = 30


@lru_cache(maxsize=64)  # of a title its sort key and what is typed for it are made, one after the other
def split_syllables(text: str) -> tuple[str, ...]:
    """Syllables without tones, Latin words and numbers whole, in order."""
    return tuple(load_pinyin_table().split("".join(_KEEP.findall(normalize(text[:80])))))


def sort_key(text: str) -> str:
    """Return what titles are sorted by: pinyin in ASCII, cut at `SORT_LENGTH`."""
    return " ".join(split_syllables(text)).encode("ascii", "ignore").decode()[:SORT_LENGTH]


def pinyin_keys(text: str) -> list[str]:
    """Strings whose beginnings people type for a title: initials from each syllable on, and the full pinyin."""
    parts = split_syllables(text)
    initials = "".join(part[0] for part in parts)
    starts = {initials[start : start + _SUFFIX_LENGTH] for start in range(min(_SUFFIXES, len(initials) - 1))}
    return sorted({*starts, "".join(parts)[:_PINYIN_LENGTH]} - {""})
