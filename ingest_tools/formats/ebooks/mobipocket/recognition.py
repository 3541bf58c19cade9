"""Recognises a Palm database with a book by its first bytes, without the parser that reads it."""

from __future__ import annotations

from typing import Final

_TYPES: Final = (b"BOOKMOBI", b"TEXtREAd")
_TYPE_AT: Final = 60


def is_palm_book(head: bytes) -> bool:
    """Return whether the type and the creator of a Palm database are those of Mobipocket or PalmDOC."""
    return head[_TYPE_AT : _TYPE_AT + 8] in _TYPES
