"""One spelling for a text before positions are looked for, with the way back to the text as it was written.

Full-width and foreign digits become ASCII (NFKC, UAX 15), signs of degrees and minutes become one of a kind, escapes of
URLs, XML and JSON are resolved, and characters without width are left out.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

_ESCAPE = re.compile(
    r"(?:%(?:25)*[0-9A-Fa-f]{2})+"
    r"|&(?:amp;)*(?:#x[0-9A-Fa-f]{1,6}|#\d{1,7}|quot|apos|deg|nbsp|prime|Prime|comma|period|plus|colon|sol|num);"
    r"|\\u[0-9A-Fa-f]{4}"
    r"|<!--(?:[^>-]|-(?!->)){0,200}-->|<!\[CDATA\[|\]\]>"
    r"|[^\x01-\x7e]"
)
_ENTITIES = {"quot": '"', "apos": "'", "deg": "°", "nbsp": " ", "prime": "'", "Prime": '"', "comma": ",", "period": ".",
             "plus": "+", "colon": ":", "sol": "/", "num": "#"}  # fmt: skip
_SPELLINGS = {
    **dict.fromkeys("º˚∘⁰", "°"),
    **dict.fromkeys("′‵´ʹʼ‘’‛`＇", "'"),
    **dict.fromkeys("″‶ʺ“”〃", '"'),
    **dict.fromkeys("−–—‐‑‒﹣", "-"),
    "⁄": "/",
    "٫": ".",
    "\0": " ",
}
_SINGLE_BYTES = range(0xDC80, 0xDD00)  # what `surrogateescape` makes of bytes: Latin-1 among text in UTF-8


@dataclass(frozen=True)
class NormalizedText:
    """A text in one spelling; `starts` gives for each character, and for the end, where it stood in the original."""

    text: str
    starts: list[int] | None

    def original_range(self, start: int, stop: int) -> tuple[int, int]:
        """Return the range of the original text that became a range of this one."""
        if self.starts is None:
            return start, stop
        first, last = self.starts[start], self.starts[stop - 1]
        while stop < len(self.starts) - 1 and self.starts[stop] == last:
            stop += 1  # in the middle of an escape or of a character that became several
        return first, self.starts[stop]


def normalize_text(text: str) -> NormalizedText:
    """Return a text in one spelling."""
    pieces: list[str] = []
    starts: list[int] = []
    end = 0
    for match in _ESCAPE.finditer(text):
        replacement = _resolve(match[0])
        pieces += text[end : match.start()], replacement
        starts += range(end, match.start())
        starts += [match.start()] * len(replacement)
        end = match.end()
    if not end:
        return NormalizedText(text, None)
    pieces.append(text[end:])
    starts += range(end, len(text) + 1)
    return NormalizedText("".join(pieces), starts)


@functools.lru_cache(maxsize=1 << 14)
def _resolve(escape: str) -> str:
    if len(escape) == 1:
        return _normalize_character(escape)
    if escape.startswith("%"):
        characters = unquote(re.sub(r"%(?:25)+(?=[0-9A-Fa-f]{2})", "%", escape), errors="surrogateescape")
    elif escape.startswith(("<", "]")):
        return ""  # a comment or a mark of XML that no reader shows
    elif escape.startswith("&"):
        characters = _resolve_entity(escape.rstrip(";").rpartition(";")[2].lstrip("&"))
    else:
        characters = chr(int(escape[2:], 16))
    return "".join(_normalize_character(character) for character in characters)


def _resolve_entity(name: str) -> str:
    if not name.startswith("#"):
        return _ENTITIES[name]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else " "


def _normalize_character(character: str) -> str:
    if ord(character) in _SINGLE_BYTES:
        character = chr(ord(character) - 0xDC00)
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    if unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return "".join(_SPELLINGS.get(part) or _ascii_digit(part) for part in plain)


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
