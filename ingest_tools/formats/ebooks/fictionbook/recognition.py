"""Recognises a FictionBook by its first bytes or by the members of a ZIP, without the parser that reads it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?FictionBook[\s>]")
_BEFORE = "\ufeffï»¿ \t\r\n\0"  # byte order marks, as Latin-1 shows them too


def is_fictionbook(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a FictionBook, and not of a text about such files."""
    is_wide = head[:2] in {b"\xff\xfe", b"\xfe\xff"}
    text = head.decode("utf-16" if is_wide else "latin-1", "replace").lstrip(_BEFORE)
    return text.startswith("<") and _ROOT.search(text) is not None


def fictionbook_members(names: Iterable[str]) -> list[str]:
    """Return the members of a ZIP that are FictionBooks by their names; not what macOS puts next to them."""
    return [
        name
        for name in sorted(names)
        if name.lower().endswith(".fb2") and not posixpath.basename(name.replace("\\", "/")).startswith("._")
    ]
