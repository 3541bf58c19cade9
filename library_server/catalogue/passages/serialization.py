"""The text of a work in passages, kept as one compressed derived file."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from ingest_tools.description import Derived

FILE = "text.json.gz"
MEDIA_TYPE = "application/json+gzip"


@dataclass(frozen=True)
class Passage:
    """A piece of text with its locator: type `page`, `chapter` or `time`, a value, and a label for people."""

    type: str
    value: str
    label: str
    text: str


def keep(passages: list[Passage], out: Path) -> Derived:
    """Write the passages into the scratch folder."""
    body = json.dumps({"passages": [vars(one) for one in passages]}, ensure_ascii=False).encode("utf-8", "replace")
    (out / FILE).write_bytes(gzip.compress(body, 1, mtime=0))
    return Derived("text", "", MEDIA_TYPE, FILE)


def parse_passages(data: bytes) -> list[Passage]:
    """The passages of a kept file."""
    return [Passage(**one) for one in json.loads(gzip.decompress(data))["passages"]]
