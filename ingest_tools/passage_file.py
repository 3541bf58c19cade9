"""Writes the passages of a text into a scratch folder.

Parsers in child processes import this module: it must not import SQLAlchemy, which would double their start-up time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest_tools.description import Derived
from library_server.catalogue.passages.serialization import MEDIA_TYPE, Passage, serialize_passages

PASSAGES_FILE = "text.json.gz"


def write_passages(passages: Sequence[Passage], scratch: Path) -> Derived:
    """Write passages into the scratch folder."""
    (scratch / PASSAGES_FILE).write_bytes(serialize_passages(passages))
    return Derived("text", "", MEDIA_TYPE, PASSAGES_FILE)
