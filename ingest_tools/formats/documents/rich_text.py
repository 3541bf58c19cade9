"""RTF that LibreOffice refuses: a copy in which groups are closed, without pictures and embedded objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

START: Final = b"{\\rtf"
_BEFORE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1000}(?=\{\\rtf)")
_TOKEN: Final = re.compile(rb"[{}]|\\bin(\d{1,9}) ?|\\[a-z]{1,32}-?\d{0,10} ?|\\[^a-z]|[^{}\\]+", re.DOTALL)
_EMBEDDED: Final = re.compile(rb"\{\s*(?:\\\*\s*)?\\(?:pict|shppict|nonshppict|object|objdata)\b")
_LONGEST_START: Final = 64
_BROKEN_OFF: Final = "（文件在这里断了，后面的读不出。）"
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
    notes = [_EMBEDDED_LOST] * has_lost + [_BROKEN_OFF] * (depth > 0)
    return b"".join(kept) + b"}" * (depth - 1) + b"".join(map(_write_note, notes)) + b"}"


def _iter_tokens(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield where each token starts, and the token; what `\\bin` announces is left out (RTF 1.9.1, page 15)."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end() + (int(match[1]) if match[1] else 0)
        if match[1] is None:
            yield match.start(), match[0]


def _write_note(note: str) -> bytes:
    escapes = "".join(f"\\u{ord(character)}?" for character in note)
    return f"\\par\\pard\\plain {escapes}".encode("ascii")
