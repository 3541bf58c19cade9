"""Names of files as different systems write them."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """A name without case, width and composition of characters."""
    return unicodedata.normalize("NFKC", name).casefold()
