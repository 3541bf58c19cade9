"""Positions in a text, in any of the notations of `notations`."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_tools.formats.photos.location_metadata.coordinates.normalization import normalize_text
from ingest_tools.formats.photos.location_metadata.coordinates.notations import NOTATIONS, Notation


def find_coordinates(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of a text that are the numbers or the code of a position. Ranges may overlap."""
    normalized = normalize_text(text)
    lower = normalized.text.lower()
    for notation in NOTATIONS:
        if not notation.signs or any(sign in lower for sign in notation.signs):
            for start, stop in _find(notation, normalized.text):
                yield normalized.original_range(start, stop)


def text_has_coordinates(text: str) -> bool:
    """Whether a title, caption or keyword has coordinates."""
    return any(True for _ in find_coordinates(text))


def without_coordinates(text: str) -> str:
    """The text, or an empty one where it has coordinates. Every text that is read from a photo passes here."""
    return "" if text_has_coordinates(text) else text


def _find(notation: Notation, text: str) -> Iterator[tuple[int, int]]:
    match = notation.pattern.search(text)
    while match:
        if notation.is_position(match):
            spans = [match.span(group) for group in range(1, notation.pattern.groups + 1)]
            yield from (span for span in spans if span[0] < span[1])
        match = notation.pattern.search(text, match.start() + 1)
