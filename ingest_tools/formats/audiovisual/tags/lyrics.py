"""Title, performers and album of a recording by the lyrics (LRC) next to it: `[ti:…]`, `[ar:…]`, `[al:…]`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Description
from ingest_tools.formats import text
from ingest_tools.formats.audiovisual.tags.artists import split_artists
from ingest_tools.formats.placeholders import without_placeholders
from library_server.catalogue.normalization.character_references import decode_references
from library_server.catalogue.normalization.text import normalize

SUFFIX = ".lrc"
_LIMIT = 64 * 1024  # bytes, in which the tags stand
_TAG = re.compile(
    r"[\[［【][ \t]{0,9}(?P<name>ti|ar|al)[ \t]{0,9}[:：]"
    r"(?P<value>(?:[^\[\]［］【】\r\n]|\[[^\[\]\r\n]{0,60}\]|【[^【】\r\n]{0,60}】){1,200})[\]］】]",
    re.IGNORECASE,
)


def describe(path: Path, description: Description) -> Description:
    """Return a description with what the tags of lyrics say and those of the recording do not.

    Raises `RejectedError` where the text is in no known encoding.
    """
    with path.open("rb") as file:
        head = file.read(_LIMIT)
    content, _ = text.decode(head[: head.rfind(b"\n") + 1] if len(head) == _LIMIT else head)
    tags: dict[str, str] = {}
    for tag in _TAG.finditer(content):
        tags.setdefault(tag["name"].lower(), normalize(decode_references(tag["value"])))
    stated = without_placeholders(
        replace(
            description,
            title=tags.get("ti") or None,
            series=tags.get("al") or None,
            creators=[(name, "performer") for name in split_artists(tags.get("ar"))],
        )
    )
    return replace(
        description,
        title=description.title or stated.title,
        series=description.series or stated.series,
        creators=description.creators or stated.creators,
    )
