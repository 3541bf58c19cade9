"""The message catalogs of gettext, for faces that have no request: the command line, and errors before any page."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LOCALE_DIR = Path(__file__).parent
LANGUAGES = ("zh", "en")
CAUSE = "\n"
"""Stands between a stored sentence and its cause."""


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for extraction (imported as `_`); it is translated where it is shown."""
    return sentence


def with_detail(sentence: str, detail: str) -> str:
    """Return a sentence of the source, to be stored, with a detail in brackets; `rendering.translate` reads it."""
    return f"{sentence} ({detail})" if detail else sentence


def with_cause(sentence: str, cause: str) -> str:
    """Return a sentence of the source, to be stored, with its cause in the words of a parser, for maintainers.

    `rendering.translate` leaves the cause out, `rendering.cause_of` returns it.
    """
    return f"{sentence}{CAUSE}{cause}" if cause else sentence


def split_detail(stored: str, sentence: str) -> str:
    """Return the detail or the cause that `with_detail` or `with_cause` put behind a sentence."""
    behind = stored.removeprefix(sentence)
    if behind.startswith(CAUSE):
        return behind[len(CAUSE) :]
    return behind[2:-1] if behind.startswith(" (") and behind.endswith(")") else ""


@cache
def load_translation(language: str, domain: str = "messages") -> gettext.NullTranslations:
    """Return the sentences in one of `LANGUAGES`; what is not translated stays as the source has it.

    That is Chinese for `messages`, and English for `help`, the help of the commands.
    """
    return gettext.translation(domain, LOCALE_DIR, [language], fallback=True)
