"""Writes the passages of a text into a scratch folder.

Parsers in child processes import this module: it must not import SQLAlchemy, which would double their start-up time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Derived
from ingest_tools.glyphs import with_usual_characters
from library_server.catalogue.passages.serialization import MEDIA_TYPE, Passage, serialize_passages

PASSAGES_FILE = "text.json.gz"


def write_passages(passages: Sequence[Passage], scratch: Path) -> Derived:
    """Write passages into the scratch folder, in the characters that people type."""
    usual = [
        replace(passage, label=with_usual_characters(passage.label), text=with_usual_characters(passage.text))
        for passage in passages
    ]
    (scratch / PASSAGES_FILE).write_bytes(serialize_passages(usual))
    return Derived("text", "", MEDIA_TYPE, PASSAGES_FILE)
