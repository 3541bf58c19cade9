"""Which segments of an index are merged with a commit: many small ones, never so many that a commit takes long.

Segments of about one size (a factor of eight) are merged when there are eight of them. A commit of few documents
leaves large segments alone until there are many: a change by hand is found within seconds, and a large backlog, which
is committed in large pieces, pays for the merging of large ones.
"""

from __future__ import annotations

from typing import Any

from whoosh.reading import SegmentReader

FACTOR = 8
ALWAYS_MERGED = 2_000
TOO_MANY = 4 * FACTOR


def merge_alike(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge segments into the one that `writer` is writing; returns those that stay. Empty ones go."""
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        if count := segment.doc_count():
            tiers.setdefault((count.bit_length() - 1) // (FACTOR.bit_length() - 1), []).append(segment)
    most = max(ALWAYS_MERGED, 2 * FACTOR * writer.doc_count())
    unmerged: list[Any] = []
    for tier in tiers.values():
        is_small = sum(segment.doc_count() for segment in tier) <= most
        if len(tier) >= (FACTOR if is_small else TOO_MANY):
            merge(writer, tier)
        else:
            unmerged += tier
    return unmerged


def merge_all(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge all segments into the one that `writer` is writing."""
    merge(writer, segments)
    return []


def merge(writer: Any, segments: list[Any]) -> None:
    """Add the documents of segments to a writer."""
    reader: Any = SegmentReader
    for segment in segments:
        writer.add_reader(reader(writer.storage, writer.schema, segment))
