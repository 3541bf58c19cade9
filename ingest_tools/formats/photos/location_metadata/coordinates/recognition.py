"""Positions in a text, in any of the notations of `notations`."""

from __future__ import annotations

from collections.abc import Iterator

from ingest_tools.formats.photos.location_metadata.coordinates.normalization import normalize_text
from ingest_tools.formats.photos.location_metadata.coordinates.notations import NOTATIONS


def find_coordinates(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a text that are the numbers or the code of a position. Ranges may overlap."""
    normalized = normalize_text(text)
    for notation in NOTATIONS:
        for start, stop in notation.find(normalized.text):
            yield normalized.original_range(start, stop)


def text_has_coordinates(text: str) -> bool:
    """Return whether a title, caption or keyword has coordinates."""
    return any(True for _ in find_coordinates(text))


def without_coordinates(text: str) -> str:
    """Return the text, or an empty one where it has coordinates. Every text that is read from a photo passes here."""
    return "" if text_has_coordinates(text) else text
