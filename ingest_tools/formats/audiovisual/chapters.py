"""Chapters of films and recordings, as ffprobe lists them and as sheets next to a recording name them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from library_server.catalogue.details import Chapter
from library_server.catalogue.normalization.encodings import repair_text
from library_server.catalogue.normalization.text import normalize

CHAPTERS_LIMIT = 2_000
TITLE_CHARACTERS = 200
_SHORTEST_MS = 100  # books that were split keep the chapter before and after, each without a length


def chapters_of_probe(probed: dict[str, Any], duration_ms: int) -> tuple[Chapter, ...]:
    """Return the chapters inside a probed file: of MP4 and Matroska, of ID3 and of Vorbis comments."""
    listed = []
    for chapter in probed.get("chapters", []):
        start, end = _to_milliseconds(chapter.get("start_time")), _to_milliseconds(chapter.get("end_time"))
        if start is None or (end is not None and end - start < _SHORTEST_MS):
            continue
        tags = {key.lower(): str(value) for key, value in chapter.get("tags", {}).items()}
        listed.append(Chapter(start, repair_text(tags.get("title", ""))))
    return arrange_chapters(listed, duration_ms)


def arrange_chapters(chapters: Iterable[Chapter], duration_ms: int) -> tuple[Chapter, ...]:
    """Chapters in the order of time, without those that have no length; none where there is only one."""
    ordered = sorted(chapters, key=lambda chapter: chapter.start_ms)
    ends = [later.start_ms for _, later in pairwise(ordered)] + [duration_ms] * bool(ordered)
    with_length = [
        Chapter(chapter.start_ms, normalize(chapter.title)[:TITLE_CHARACTERS])
        for chapter, end in zip(ordered, ends, strict=True)
        if min(end, duration_ms) - chapter.start_ms >= _SHORTEST_MS
    ]
    return tuple(with_length[:CHAPTERS_LIMIT]) if len(with_length) > 1 else ()


def _to_milliseconds(seconds: object) -> int | None:
    try:
        return max(0, round(float(str(seconds)) * 1000))
    except (ValueError, OverflowError):
        return None
