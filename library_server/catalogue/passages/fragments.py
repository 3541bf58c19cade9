"""A streaming reader of stored passages: a text of 60 MB needs a few hundred kilobytes of memory.

The stored form is gzipped JSON as `serialize_passages` writes it: every value is a string and `text` comes last. So the
strings come in turn, a key and its value, and all that stands between them can be passed over.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

CHUNK_CHARACTERS = 64 * 1024
VALUE_CHARACTERS = 1000
ESCAPE_CHARACTERS = 6
_CHARACTERS = re.compile(r'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+')


@dataclass(frozen=True)
class PassageFragment:
    """A piece of the text of passage number `index` (from 0); `value` and `label` are those of `Passage`, cut short."""

    index: int
    value: str
    label: str
    text: str


def read_fragments(file: BinaryIO) -> Iterator[PassageFragment]:
    """Yield the texts of a stored file in order, each in one or more pieces.

    Raises `OSError`, `EOFError`, `zlib.error` or `ValueError` where the file is damaged.
    """
    with gzip.GzipFile(fileobj=file) as unpacked, io.TextIOWrapper(unpacked, "utf-8", newline="") as text:
        strings = _JsonStrings(text)
        index, values = -1, {"value": "", "label": ""}
        while (key := strings.next_string()) is not None:
            if key == "passages":
                continue
            if key == "type":
                index, values = index + 1, {"value": "", "label": ""}
            if not strings.open_string():
                return
            if key == "text":
                yield from (
                    PassageFragment(index, values["value"], values["label"], piece) for piece in strings.read_pieces()
                )
            else:
                values[key] = "".join(strings.read_pieces(VALUE_CHARACTERS))


class _JsonStrings:
    """The JSON strings of a text stream, in order."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._offset = 0

    def next_string(self) -> str | None:
        """Return the next string, cut short; None at the end."""
        return "".join(self.read_pieces(VALUE_CHARACTERS)) if self.open_string() else None

    def open_string(self) -> bool:
        """Go on to the beginning of the next string; False where there is none."""
        while True:
            quote_at = self._buffer.find('"', self._offset)
            if quote_at >= 0:
                self._offset = quote_at + 1
                return True
            if not self._fill(""):
                return False

    def read_pieces(self, at_most: int | None = None) -> Iterator[str]:
        """Yield the opened string, decoded, in pieces; at least one. Characters beyond `at_most` are passed over."""
        given = 0
        while True:
            match = _CHARACTERS.match(self._buffer, self._offset)
            assert match is not None  # it matches nothing at all, too
            is_complete = match.end() < len(self._buffer) and self._buffer[match.end()] == '"'
            self._offset = match.end() + is_complete
            decoded = _decode(match[0])
            if at_most is not None:
                decoded = decoded[: max(0, at_most - given)]
            given += len(decoded)
            if decoded or is_complete:
                yield decoded
            if is_complete:
                return
            rest = self._buffer[self._offset :]
            if len(rest) > ESCAPE_CHARACTERS or not self._fill(rest):
                raise ValueError("the kept text ends in the middle of a string, or an escape in it is no JSON")

    def _fill(self, rest: str) -> bool:
        chunk = self._stream.read(CHUNK_CHARACTERS)
        self._buffer, self._offset = rest + chunk, 0
        return bool(chunk)


def _decode(raw: str) -> str:
    return str(json.loads(f'"{raw}"', strict=False)) if "\\" in raw else raw
