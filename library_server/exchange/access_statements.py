"""Statements of who may read something, as lists, front matter, MARC and file metadata write them.

A statement that is not understood is never read as public: whoever wrote it meant some restriction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from library_server.catalogue.enums import Access
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.list_values import ACCESS_OF

EXPECTED = "公开、读者证或馆内；别的说明写在“版权”一栏"
_LEVELS = list(Access)
_RESTRICTING = re.compile(
    "[不仅僅限禁勿内內]|保密|私人|未公开|restrict|private|internal|confidential|only|closed|no access"
    "|not (for|open|public)",
    re.IGNORECASE,
)


class UnknownAccess(ValueError):
    """A statement of access in words that are no access level."""


def read_access(words: str) -> str:
    """The access level that words name. Raises `UnknownAccess` for any other words."""
    access = ACCESS_OF.get(normalize(words).lower())
    if access is None:
        raise UnknownAccess(words)
    return access


def read_rights_or_access(words: str) -> str | None:
    """The access level of words that may be a statement of rights as well; None where they name no restriction.

    Raises `UnknownAccess` for a restriction that is no access level.
    """
    words = normalize(words)
    if words.lower() in ACCESS_OF or _RESTRICTING.search(words):
        return read_access(words)
    return None


def stricter(levels: Iterable[str]) -> Access:
    """The strictest of access levels; public where there are none."""
    return max((Access(level) for level in levels), key=_LEVELS.index, default=Access.PUBLIC)
