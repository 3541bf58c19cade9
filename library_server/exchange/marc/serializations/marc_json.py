"""MARC-in-JSON, as pymarc, Koha, VuFind and yaz-marcdump write it: one record, an array of them, or one a line.

Records are cut out of the text where an object begins with `leader` or `fields`, so that one which is damaged harms no
other, and whatever stands around them does not matter.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pymarc import Field, Indicators, Record

from library_server.exchange.marc.marc_fields import make_data_field

RECORD_LIMIT: Final = 4_000_000
"""The longest record, in characters of its text."""
_PIECE: Final = 1 << 20
_LEADER: Final = 24
_START: Final = re.compile(r'\{\s*"(?:leader|fields)"\s*:')
_HEAD: Final = re.compile(r'^[\ufeff\s]*[\[{](?:\s*[\[{"\w:]){0,40}')
_BOTH: Final = re.compile(r'"leader"\s*:\s*"[^"]{5,40}"|"fields"\s*:\s*\[\s*\{\s*"[0-9A-Z]{3}"\s*:')
_TAG: Final = re.compile(r"[0-9A-Za-z]{3}")


def is_marc_json(head: bytes) -> bool:
    """Return whether a file with these first bytes holds records in JSON."""
    text = head.decode("utf-8", "replace")
    return _HEAD.match(text) is not None and len(_BOTH.findall(text)) > 1 and _START.search(text) is not None


def read_texts(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the text of every record in a file, with what follows it, and whether another record follows."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    rest = ""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            rest += decoder.decode(piece)
            starts = [match.start() for match in _START.finditer(rest)]
            for start, end in pairwise(starts):
                yield rest[start:end], True
            rest = rest[starts[-1] :] if starts else rest[-_LEADER:]
            if len(rest) > RECORD_LIMIT + _PIECE:
                break
    if _START.match(rest):
        yield rest[:RECORD_LIMIT], False


def parse(text: str) -> Record:
    """Return the record that a text begins with. Raises `ValueError` where it is none."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except RecursionError as error:
        raise ValueError("too deep") from error
    return _make_record(value)


def to_json(record: Record) -> str:
    """MARC-in-JSON."""
    return str(record.as_json(ensure_ascii=False))


def from_json(text: str) -> Record:
    """From MARC-in-JSON, as `to_json` writes it."""
    return _make_record(json.loads(text))


def _make_record(value: dict[str, Any]) -> Record:
    """Return a record with the fields that are understood; a field may be an object or several."""
    fields = value.get("fields")
    if not isinstance(fields, list):
        raise ValueError("no fields")
    record = Record(leader=str(value.get("leader") or "").ljust(_LEADER)[:_LEADER])
    for holder in fields:
        for tag, content in holder.items() if isinstance(holder, dict) else ():
            if _TAG.fullmatch(tag) and (field := _make_field(tag, content)):
                record.add_field(field)
    return record


def _make_field(tag: str, content: Any) -> Field | None:
    if isinstance(content, str):
        return Field(tag=tag, data=content)
    subfields = content.get("subfields") if isinstance(content, dict) else None
    if not isinstance(subfields, list):
        return None
    indicators = (f"{content.get(name) or ' '}"[:1] for name in ("ind1", "ind2"))
    pairs = [pair for item in subfields if isinstance(item, dict) for pair in item.items()]
    parts = [(code, text) for code, text in pairs if len(code) == 1 and isinstance(text, str)]
    return make_data_field(tag, Indicators(*indicators), parts)
