"""Statements of who may read something, as lists, front matter, MARC and file metadata write them.

A statement that is not understood is never read as public: whoever wrote it meant some restriction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from library_server.catalogue.enums import Access, strictest
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.list_values import ACCESS_OF
from library_server.translations.catalogues import mark as _

EXPECTED = _("公开、读者证或馆内；别的说明写在“版权”一栏")
_RESTRICTING = re.compile(
    "[不仅僅限禁勿内內]|保密|私人|未公开|restrict|private|internal|confidential|only|closed|no access"
    "|not (for|open|public)",
    re.IGNORECASE,
)
_OPEN = re.compile("unrestricted|no restrictions?|open access|无限制|不受限制", re.IGNORECASE)
_STATED = re.compile("使用范围[:：](?P<words>.*)")
_NOT_FOR_ALL = re.compile("内部(资料|发行|使用|参考|读物|刊物)|保密|机密|不公开|不对外|仅限|限馆内|限本馆")
# terms of the standard for statements of access that MARC 21 calls `star` (506 $2)
_STAR = {
    "unrestricted online access": Access.PUBLIC, "online access with authorization": Access.MEMBERS,
    "no online access": Access.PREMISES,
}  # fmt: skip
STAR_OF = {str(level): term.capitalize() for term, level in _STAR.items()}
NAME_OF = {"public": "公开", "members": "读者证", "premises": "馆内"}
assert set(NAME_OF.values()) <= set(ACCESS_OF)


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


def read_restriction(words: Iterable[str], *, says_open: bool, says_restricted: bool) -> str:
    """The access level of one note that is there to say who may read; a restriction in other words is 馆内.

    `says_open` and `says_restricted` are what a code beside the words says (MARC 21, 506, first indicator).
    """
    said = [word for word in words if word]
    levels = [level for word in said if (level := ACCESS_OF.get(word.lower()) or _STAR.get(word.lower().rstrip(".")))]
    if levels:
        level = strictest(*levels)
        return str(Access.PREMISES if level == Access.PUBLIC and says_restricted else level)
    if any(_OPEN.search(word) for word in said) and not says_restricted:
        return str(Access.PUBLIC)
    is_open = says_open and not any(_RESTRICTING.search(word) for word in said)
    return str(Access.PUBLIC if is_open else Access.PREMISES)


def is_own_note(note: str) -> bool:
    """Whether a note on availability is an access level as `own_note` writes it."""
    return _STATED.fullmatch(note) is not None


def own_note(access: str) -> str:
    """A note on availability that says an access level."""
    return f"使用范围：{NAME_OF[access]}"


def read_availability(note: str) -> str:
    """The access level that a note on binding and availability names; empty where it names none.

    `精装` and `限国内发行` are no restriction on readers, `内部资料` is one.
    """
    stated = _STATED.fullmatch(note)
    if stated:
        return read_restriction([normalize(stated["words"])], says_open=False, says_restricted=False)
    return str(Access.PREMISES) if _NOT_FOR_ALL.search(note) else ""
