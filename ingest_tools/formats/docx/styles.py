"""What the styles of paragraphs mean: which are headings, titles, entries of a table of contents, and their numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ingest_tools.formats.markup import get_attribute, local_name

LEVELS: Final = 3  # of the outline that begin chapters
_LONGEST_CHAIN: Final = 20
_HEADING: Final = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_TITLE: Final = re.compile(r"title|标题|標題", re.IGNORECASE)
_CONTENTS: Final = re.compile(r"(?:toc|目录)\s*(?:[1-9]|heading|标题)", re.IGNORECASE)
_OF_CHINESE_WORD: Final = frozenset("123")  # identifiers of headings, where no part says what styles are called


@dataclass(frozen=True)
class ParagraphStyle:
    """A style: its name, the level of its heading from 0, and its list (`numId`) and level in that."""

    name: str = ""
    outline: int | None = None
    list_number: str | None = None
    list_level: int | None = None

    @property
    def is_title(self) -> bool:
        """Whether it is that of the title of the document."""
        return _TITLE.fullmatch(self.name) is not None

    @property
    def is_contents(self) -> bool:
        """Whether it is that of entries of a table of contents, which say again what headings say."""
        return _CONTENTS.fullmatch(self.name) is not None


def find_child(element: Any, *path: str) -> Any:
    """Return the first descendant by the local names of the children that lead to it; None where there is none."""
    for name in path:
        element = next((child for child in element if local_name(child.tag) == name), None)
        if element is None:
            return None
    return element


def get_value(element: Any, *path: str) -> str | None:
    """Return `w:val` of a descendant; None where there is none."""
    child = find_child(element, *path)
    return get_attribute(child, "val").strip() if child is not None else None


def read_number(value: str | None) -> int | None:
    """Return a small number; None where it is none."""
    return int(value) if value is not None and re.fullmatch(r"[0-9]{1,9}", value) else None


class Styles:
    """The styles of a document, from the root of their part; of a document without one, by their identifiers."""

    def __init__(self, root: Any) -> None:
        elements = (child for child in root if local_name(child.tag) == "style") if root is not None else ()
        self._elements = {get_attribute(element, "styleid"): element for element in elements}
        self._styles: dict[str, ParagraphStyle] = {}

    def get(self, identifier: str) -> ParagraphStyle:
        """Return a style with what it has from those that it is based on."""
        if identifier not in self._styles:
            self._styles[identifier] = self._build_style(identifier)
        return self._styles[identifier]

    def _build_style(self, identifier: str) -> ParagraphStyle:
        chain = list(self._follow(identifier))
        if not chain:
            is_heading = not self._elements and identifier in _OF_CHINESE_WORD
            name = f"heading {identifier}" if is_heading else re.sub(r"(?<=\D)(?=\d)", " ", identifier)
            return ParagraphStyle(name, _level_of_name(name))
        names = [get_value(element, "name") or "" for element in chain]
        outlines = [
            read_number(get_value(element, "ppr", "outlinelvl")) if level is None else level
            for element, level in ((element, _level_of_name(name)) for element, name in zip(chain, names, strict=True))
        ]
        lists = [get_value(element, "ppr", "numpr", "numid") for element in chain]
        levels = [read_number(get_value(element, "ppr", "numpr", "ilvl")) for element in chain]
        return ParagraphStyle(
            names[0],
            next((level for level in outlines if level is not None), None),
            next(filter(None, lists), None),
            next((level for level in levels if level is not None), None),
        )

    def _follow(self, identifier: str) -> Any:
        """Yield a style and those that it is based on."""
        for _ in range(_LONGEST_CHAIN):
            element = self._elements.get(identifier)
            if element is None:
                return
            yield element
            identifier = get_value(element, "basedon") or ""


def _level_of_name(name: str) -> int | None:
    match = _HEADING.fullmatch(name.strip())
    return int(match[1]) - 1 if match else None
