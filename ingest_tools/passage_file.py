"""Writes the passages of a text into a scratch folder.

Parsers in child processes import this module: it must not import SQLAlchemy, which would double their start-up time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest_tools.description import Derived
from ingest_tools.glyphs import with_usual_characters
from library_server.catalogue.passages.serialization import MEDIA_TYPE, Passage, parse_passages, serialize_passages

PASSAGES_FILE = "text.json.gz"
_LONGEST_HEADING = 40
_OURS = re.compile(r"卷首|正文|第 \d+ 部分|\d+|")  # labels that no document has written in it
_END_OF_SENTENCE = tuple("。，；：！,;")


def write_passages(passages: Sequence[Passage], scratch: Path) -> Derived:
    """Write passages into the scratch folder, in the characters that people type."""
    usual = [
        replace(passage, label=with_usual_characters(passage.label), text=with_usual_characters(passage.text))
        for passage in passages
    ]
    (scratch / PASSAGES_FILE).write_bytes(serialize_passages(usual))
    return Derived("text", "", MEDIA_TYPE, PASSAGES_FILE)


def read_first_heading(scratch: Path) -> str | None:
    """Return the first heading of the text that was written into a scratch folder, or a first line as short as one;
    None where there is none.
    """
    if not (scratch / PASSAGES_FILE).exists():
        return None
    passages = parse_passages((scratch / PASSAGES_FILE).read_bytes())
    if not passages or passages[0].type != "chapter":
        return None
    label, text = passages[0].label.strip(), passages[0].text.strip()
    heading = text.partition("\n")[0].strip(" \u3000#") if _OURS.fullmatch(label) else label
    is_heading = 0 < len(heading) <= _LONGEST_HEADING and not heading.endswith(_END_OF_SENTENCE)
    return heading if is_heading else None
