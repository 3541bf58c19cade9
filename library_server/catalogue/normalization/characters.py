"""Folding of characters for comparison: width, traditional forms, case, and invisible characters."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import opencc

from library_server.catalogue.normalization.text import fold_punctuation

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn"})
_FILLERS = "\u115f\u1160\u3164\uffa0"  # letters of Hangul that are drawn as nothing


@cache
def load_simplified_characters() -> dict[int, str]:
    """OpenCC's table of traditional to simplified characters, one to one so that offsets stay right."""
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {ord(old): new.split(" ")[0] for old, new in pairs if len(old) == 1}


def fold_characters(text: str) -> str:
    """NFKC, simplified, case folded, without characters that are not drawn; white space is kept as it is."""
    if text.isascii() and text.isprintable():
        return text.casefold()
    drawn = "".join(
        character
        for character in text
        if character.isspace() or (character not in _FILLERS and not _is_invisible(character))
    )
    return fold_punctuation(drawn).translate(load_simplified_characters()).casefold()


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE
