"""RTF that LibreOffice refuses or misreads, mended in a copy.

Groups are closed, pictures and embedded objects left out; Chinese whose code page is not stated is written in escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from ingest_tools.formats.documents.split_pairs import join_pairs
from ingest_tools.formats.text import BROKEN_OFF
from library_server.catalogue.normalization.encodings import repair_text

_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1000}(?=\{\\rtf)")
_TOKEN: Final = re.compile(rb"[{}]|\\bin(\d{1,9}) ?|\\[a-z]{1,32}-?\d{0,10} ?|\\[^a-z]|[^{}\\]+", re.DOTALL)
_EMBEDDED: Final = re.compile(rb"\{\s*(?:\\\*\s*)?\\(?:pict|shppict|nonshppict|object|objdata)\b")
_EAST_ASIAN: Final = re.compile(rb"\\ansicpg(?:9\d\d|1361|54936|65001)\b|\\fcharset(?:12[89]|13[046])\b|\\bin\d")
_HIGH_RUN: Final = re.compile(rb"(?:\\'[89a-fA-F][0-9a-fA-F]|[\x80-\xff]){2,}")
# characters of GBK: the second byte may be ASCII, but no sign of RTF
_PAIRS: Final = re.compile(
    rb"(?:(?:\\'[89a-fA-F][0-9a-fA-F]|[\x80-\xff])(?:\\'[4-9a-fA-F][0-9a-fA-F]|[\x40-\x5b\x5d-\x7a\x7e\x80-\xff]))+"
)
_ESCAPED: Final = re.compile(rb"\\'([0-9a-fA-F]{2})")
_FEWEST_BYTES, _MOST_RUNS = 8, 2000  # that are looked at to tell an encoding
_LONGEST_START: Final = 64
_EMBEDDED_LOST: Final = "（文件里的图片没有读出。）"


def find_start(head: bytes) -> int | None:
    """Return where RTF begins: some programs put a byte order mark or blank lines before it. None where it is none."""
    match = _BEFORE.match(head)
    return match.end() if match else None


def repair(data: bytes) -> bytes:
    """Return a document with its groups closed and without what is embedded; both are said at its end.

    A brace too many ends the document, as Word has it.
    """
    kept: list[bytes] = []
    depth = 0
    embedded_at = 0  # depth of the open group that is left out
    has_lost = False
    for start, token in _iter_tokens(data):
        if token == b"{":
            depth += 1
            if not embedded_at and _EMBEDDED.match(data, start, start + _LONGEST_START):
                embedded_at, has_lost = depth, True
        if not embedded_at and not (token == b"}" and depth <= 1):
            kept.append(token)
        if token == b"}":
            embedded_at = 0 if depth == embedded_at else embedded_at
            depth -= 1
            if depth <= 0:
                break
    notes = [_EMBEDDED_LOST] * has_lost + [BROKEN_OFF] * (depth > 0)
    kept_depth = embedded_at - 1 if embedded_at else depth
    return b"".join(kept) + b"}" * (kept_depth - 1) + b"".join(map(_write_note, notes)) + b"}"


def _iter_tokens(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where each token starts, and the token; what `\\bin` announces is left out (RTF 1.9.1, page 15)."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end() + (int(match[1]) if match[1] else 0)
        if match[1] is None:
            yield match.start(), match[0]


def _write_note(note: str) -> bytes:
    return b"\\par\\pard\\plain" + _escape(note)


def _escape(text: str) -> bytes:
    """Return text in a group of its own, in escapes of UTF-16 with one character each for old programs."""
    data = text.encode("utf-16-be", "replace")
    units = (int.from_bytes(data[at : at + 2], "big", signed=True) for at in range(0, len(data), 2))
    return b"{\\uc1" + b"".join(b"\\u%d?" % unit for unit in units) + b"}"


def escape_unstated_chinese(data: bytes) -> bytes | None:
    """Return a document whose Chinese is in escapes, where it is GBK or UTF-8 and no code page says so; else None.

    Word reads such a document by the code page of its computer, in China GBK; on others it is accented letters.
    """
    if _EAST_ASIAN.search(data):
        return None
    sample = _sample_bytes(data)
    joined = join_pairs(data, "gb18030")
    if not _is_repairable(sample) and joined is not data:
        data, sample = joined, _sample_bytes(joined)
    if not _is_repairable(sample):
        return None
    is_utf8 = repair_text(sample.decode("latin-1")).encode() == sample
    pattern, encoding, data = (_HIGH_RUN, "utf-8", data) if is_utf8 else (_PAIRS, "gb18030", joined)
    return pattern.sub(lambda match: _escape(_unescape(match[0]).decode(encoding, "replace")), data)


def _sample_bytes(data: bytes) -> bytes:
    return b"".join(_unescape(match[0]) for match in islice(_HIGH_RUN.finditer(data), _MOST_RUNS))


def _is_repairable(sample: bytes) -> bool:
    """Return whether bytes that a program took for Latin letters are Chinese."""
    latin = sample.decode("latin-1")
    return len(sample) >= _FEWEST_BYTES and repair_text(latin) != latin


def _unescape(run: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), run)
