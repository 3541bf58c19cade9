"""Names that systems give to a copy of a file: `副本 x`, `x - 副本 (2)`, `Copy of x`, `x (1)`."""

from __future__ import annotations

import re
from pathlib import PurePath

from library_server.lazy_patterns import lazy_pattern

_WORD = r"(?:副本|复件|複本|拷贝|拷貝|copy)"
_NUMBER = r"(?:\s?[(（]\d{1,3}[)）])?"
_MARKS = (
    lazy_pattern(rf"(?:{_WORD}{_NUMBER}\s?(?:of\s|[-_]\s?|(?<!y)\s))(?=\S)", re.IGNORECASE),
    lazy_pattern(
        rf"(?:\s?[-_]\s?{_WORD}|的(?:副本|拷贝)|\s(?:副本|拷贝))(?:{_NUMBER}|\s\d{{1,3}})$|\scopy\s\d{{1,3}}$",
        re.IGNORECASE,
    ),
)
_NUMBERED = lazy_pattern(r".*\S\s?[(（]\d{1,3}[)）]")


def without_copy_mark(stem: str) -> str:
    """Return a name without what says that it is a copy. A number in brackets stays: it may be that of a volume."""
    before, behind = _MARKS
    begun = before.match(stem)
    bare = stem[begun.end() :] if begun else behind.sub("", stem)
    return bare if re.search(r"\w", bare) else stem


def copies_last(name: str) -> tuple[bool, str]:
    """Return a key that sorts the names of copies behind the others: the file itself gives a record its name."""
    stem = PurePath(name).stem
    return without_copy_mark(stem) != stem or bool(_NUMBERED.fullmatch(stem)), name
