"""The sections of a file in which the table of contents names several places, as in books of one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from lxml import etree

from ingest_tools.formats import markup
from ingest_tools.formats.markup import local_name

# a noncharacter (Unicode 23.7), which no text should hold, around the number of a place
_MARK: Final = "\ufdd0"
_MARKED: Final = re.compile(rf"{_MARK}(\d{{1,6}}){_MARK}")


def split_sections(root: Any, places: Mapping[str, str]) -> list[tuple[str | None, str]]:
    """Return label and text of each section of a document, of which `places` are the labels by identifier.

    The first section, which may be empty, has no label: it is what stands before the first place.
    """
    _remove_marks(root)
    labels = _mark_places(root, {**{unquote(key): label for key, label in places.items()}, **places})
    first, *rest = _MARKED.split(markup.text_of(root)[0])
    sections: list[tuple[str | None, str]] = [(None, first.strip())]
    sections += [(labels[int(number)], text.strip()) for number, text in zip(rest[::2], rest[1::2], strict=True)]
    return sections


def _remove_marks(root: Any) -> None:
    """Remove the sign of our marks from a document, which anybody may have written there."""
    for element in root.iter():
        if _MARK in (element.text or ""):
            element.text = element.text.replace(_MARK, "")
        if _MARK in (element.tail or ""):
            element.tail = element.tail.replace(_MARK, "")


def _mark_places(root: Any, places: Mapping[str, str]) -> list[str]:
    """Put a mark before the block that begins with each place; return the label of each mark."""
    marked: dict[Any, str] = {}
    for element in root.iter(etree.Element):
        label = next((places[key] for name in ("id", "name") if (key := element.get(name)) in places), None)
        if label is not None:
            marked.setdefault(_find_block(element), label)
    for number, element in enumerate(marked):
        if element.getparent() is not None:
            mark = etree.Element("p")
            mark.text = f"{_MARK}{number}{_MARK}"
            element.addprevious(mark)
    return list(marked.values())


def _find_block(element: Any) -> Any:
    """Return the outermost element that begins with this one, below the body: the heading around an anchor."""
    while (parent := element.getparent()) is not None and local_name(parent.tag) not in {"body", "html"}:
        if (parent.text or "").strip() or any(
            isinstance(child.tag, str) for child in element.itersiblings(preceding=True)
        ):
            break
        element = parent
    return element
