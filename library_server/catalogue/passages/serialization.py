"""The text of a work in passages, stored as one compressed derived file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass

MEDIA_TYPE = "application/json+gzip"


@dataclass(frozen=True)
class Passage:
    """A piece of text with its locator: type `page`, `chapter` or `time`, a value, and a label for people."""

    type: str
    value: str
    label: str
    text: str


def serialize_passages(passages: Sequence[Passage]) -> bytes:
    """Return the passages as gzipped JSON."""
    body = json.dumps({"passages": [vars(passage) for passage in passages]}, ensure_ascii=False)
    return gzip.compress(body.encode("utf-8", "replace"), 1, mtime=0)


def parse_passages(data: bytes) -> list[Passage]:
    """Return the passages of a stored file."""
    return [Passage(**passage) for passage in json.loads(gzip.decompress(data))["passages"]]
