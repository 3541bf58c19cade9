"""Sets a title on a cover: down columns from the right, or in lines where it is mostly Latin.

Every glyph gets a place of its own, so that no renderer's vertical writing is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from library_server.search.analysis import CJK

_TOKENS = re.compile(r"[A-Za-z][A-Za-z'’.\-]*|\d+|[^\s]|\s+")
_TURNED = "《》〈〉（）()「」『』【】—–-…~～“”‘’"
_HANGING = "，。、"
_BREAKS = "：:—，, "
COLUMN_TOP, COLUMN_HEIGHT = 26.0, 196.0
_SIZES = ((34, 1), (30, 1), (26, 1), (27, 2), (24, 2), (20, 3), (17, 3))
_LINE_WIDTH, _LINE_SIZES = 190.0, (30, 26, 22, 19, 16)


@dataclass(frozen=True)
class Glyph:
    """A piece of text with the centre of its cell, its size, and whether it lies on its side."""

    text: str
    x: float
    y: float
    size: float
    turned: bool = False


def set_title(title: str) -> list[Glyph]:
    """Return the glyphs of a title on the sheet; what cannot fit ends in an ellipsis."""
    if _is_latin(title):
        return _in_lines(title)
    for size, columns in _SIZES:
        set_ = _fill_columns(title, size, columns)
        if set_ is not None:
            return _place_glyphs(_even_columns(title, size, set_), size)
    size, columns = _SIZES[-1]
    return _place_glyphs(_shorten(title, size, columns), size)


def set_author(title: str, author: str) -> list[Glyph]:
    """Return the author, small: down the left side, or along the foot of a title that is set in lines."""
    if _is_latin(title):
        return [Glyph(author, 120, 214, 12)] if author else []
    glyphs, y = [], 32.0
    for token in _split_tokens(author):
        length = _measure_length(token, 12)
        if token != " ":
            glyphs.append(Glyph(token, 26, y + length / 2, 12, _is_turned(token)))
        y += length
    return glyphs


def _is_latin(title: str) -> bool:
    letters = sum(character.isascii() and character.isalpha() for character in title)
    return letters > len(title) * 0.55


def _split_tokens(text: str) -> list[str]:
    lines = []
    for token in _TOKENS.findall(text):
        if token.isdigit() and len(token) > 2 and len(token) != 4:
            lines.extend(token)
        else:
            lines.append(" " if token.isspace() else token)
    return lines


def _measure_length(token: str, size: float) -> float:
    if token == " ":
        return size * 0.4
    if len(token) == 1 or (token.isdigit() and len(token) == 2):
        return size * (0.6 if token in _HANGING else 1.06)
    return size * 0.56 * len(token) + size * 0.2


def _is_turned(token: str) -> bool:
    return token in _TURNED or (len(token) > 1 and not (token.isdigit() and len(token) == 2))


def _even_columns(title: str, size: float, columns: list[list[str]]) -> list[list[str]]:
    """Return the same number of columns, as near to one length as the title allows: no character stands alone."""
    height = COLUMN_HEIGHT
    while height > size and (shorter := _fill_columns(title, size, len(columns), height)) is not None:
        columns, height = shorter, height - size / 2
    return columns


def _fill_columns(title: str, size: float, most: int, height: float = COLUMN_HEIGHT) -> list[list[str]] | None:
    """Tokens by column, broken where the title itself pauses when that fits; None where it does not fit."""
    columns: list[list[str]] = [[]]
    used = 0.0
    for token in _split_tokens(title):
        length = _measure_length(token, size)
        if used + length > height:
            if len(columns) == most:
                return None
            carried = _after_pause(columns[-1])
            columns.append(carried)
            used = sum(_measure_length(cell, size) for cell in carried)
        if not columns[-1] and token in _BREAKS:
            continue
        columns[-1].append(token)
        used += length
    return columns


def _after_pause(column: list[str]) -> list[str]:
    """Takes what follows the last pause off the end of a column, where that is less than half of it."""
    pauses = [number for number, token in enumerate(column) if token in _BREAKS]
    if not pauses or len(column) - pauses[-1] > len(column) / 2 + 1:
        return []
    carried = column[pauses[-1] + 1 :]
    del column[pauses[-1] + 1 :]
    return carried


def _shorten(title: str, size: float, most: int) -> list[list[str]]:
    for end in range(len(title) - 1, 0, -1):
        set_ = _fill_columns(title[:end] + "…", size, most)
        if set_ is not None:
            return set_
    return [["…"]]


def _place_glyphs(columns: list[list[str]], size: float) -> list[Glyph]:
    glyphs = []
    x = 240 - 24 - size / 2 - 4
    for column in columns:
        y = COLUMN_TOP
        for token in column:
            length = _measure_length(token, size)
            if token != " ":
                shift = size * 0.3 if token in _HANGING else 0
                glyphs.append(Glyph(token, x + shift, y + length / 2 - shift / 2, size, _is_turned(token)))
            y += length
        x -= size * 1.35
    return glyphs


def _in_lines(title: str) -> list[Glyph]:
    words = title.split()
    for size in _LINE_SIZES:
        lines = _wrap_words(words, size)
        if len(lines) * size * 1.3 <= COLUMN_HEIGHT - 30 and all(
            _measure_advance(line, size) <= _LINE_WIDTH for line in lines
        ):
            break
    lines = lines[: int((COLUMN_HEIGHT - 30) / (size * 1.3))]
    return [Glyph(line, 120, 60 + number * size * 1.3, size) for number, line in enumerate(lines)]


def _wrap_words(words: list[str], size: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and _measure_advance(f"{lines[-1]} {word}", size) <= _LINE_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _measure_advance(text: str, size: float) -> float:
    return sum(size if re.match(f"[{CJK}]", character) else size * 0.54 for character in text)
