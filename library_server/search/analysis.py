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
# marks that are part of words, of Tibetan, Thai and the scripts of India, and the selectors of Mongolian
_MARKS = (
    "\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0f18-\u0f19\u0f71-\u0f84\u0f8d-\u0fbc\u180b-\u180d"
)
_RUNS = re.compile(rf"(?P<cjk>[{CJK}]+)|(?P<word>[^\W_{CJK}](?:[^\W_{CJK}]|[{_MARKS}])*)")
# accents, and the vowel points of Hebrew and Arabic, which are seldom written
_POINTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_APART = re.compile(rf"(?<=[{CJK}])[\s·•・‧]+(?=[{CJK}])")
_MAY_HAVE_ACCENTS = re.compile(r"[^\x00-\x7f\u3000-\u303f\u3400-\u9fff]")  # neither ASCII nor characters of Chinese
_WORD_LIMIT = 64


def normalize(text: str) -> str:
    """Return the form in which texts are compared: NFKC, simplified, lower case, without accents and vowel points.

    There is one apostrophe and one hyphen in it.
    """
    text = fold_punctuation(text).translate(load_simplified_characters()).lower()
    if _MAY_HAVE_ACCENTS.search(text) is None:
        return text
    return unicodedata.normalize("NFC", _POINTS.sub("", unicodedata.normalize("NFD", text)))


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
