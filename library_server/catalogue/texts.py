"""Text as the catalogue keeps it: tidy, and languages as BCP 47 tags."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import langcodes
from langcodes.tag_parser import LanguageTagError


def tidy(text: str) -> str:
    """NFC, without control characters, white space folded: what may be shown and compared."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split())  # nearly all text: nothing in it that must go
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn"}
    )
    return " ".join(kept.split())


def tidy_or_none(text: str | None) -> str | None:
    """Tidy text; None where nothing is left."""
    return (tidy(text) or None) if text else None


@lru_cache(maxsize=1024)
def normalised_language(text: str | None) -> str | None:
    """A BCP 47 tag (`chi` and `zh_CN` become `zh` and `zh-CN`); None where it is no language."""
    if not text:
        return None
    try:
        tag = langcodes.standardize_tag(text.strip())
    except LanguageTagError:
        return None
    return tag if langcodes.tag_is_valid(tag) and tag != "und" else None
