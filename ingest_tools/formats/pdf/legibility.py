"""Whether the text layer of a page is text: fonts without a right table of characters give signs in place of words.

Founder's typesetting, common in Chinese books, numbers its glyphs in the private use area or from the first sign on.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_NO_WORDS: Final = frozenset(("Co", "Cc", "Cn", "Cs", "No", "So"))  # of Unicode; U+FFFD is `So`
_WORDS: Final = frozenset("LNM")
_SAMPLE: Final = 4000
_FEWEST: Final = 10


def is_legible(text: str) -> bool:
    """Return whether a text has more letters and digits than signs that stand in no words."""
    signs = words = 0
    for character in text[:_SAMPLE]:
        category = "Zs" if character.isspace() else unicodedata.category(character)
        signs += category in _NO_WORDS
        words += category not in _NO_WORDS and category[0] in _WORDS
    return signs < _FEWEST or signs <= words
