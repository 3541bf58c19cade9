"""Plain text whose lines were cut at one width, as old programs and e-mail did, in paragraphs again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

_FEWEST_LINES = 8
_WIDTHS = range(40, 161)  # columns; a Chinese character takes two, so that no poem is as wide
_WRAPPED_SHARE = 0.5
_BLANK_SHARE = 0.1  # of lines, from which on paragraphs have blank lines between them
_SLACK, _LATIN_SLACK = 4, 16  # columns that a line may be shorter: a word in Latin letters moves as a whole
_FINAL = tuple('。！？…”」』】》）!?.:：;；"—')
_BEGINS = re.compile(r"[\s\u3000#>*\-•·|+=]|\d{1,3}[.、)）]|[一二三四五六七八九十]{1,3}[、.]")


def join_wrapped_lines(text: str, is_heading: Callable[[str], bool]) -> str:
    """Return the text with the lines of a paragraph joined, where most lines end at nearly one width and in
    mid-sentence.
    """
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    if len(filled) < _FEWEST_LINES:
        return text
    widths = sorted(_measure_width(line) for line in filled)
    limit = widths[len(widths) * 9 // 10]
    slack = _SLACK if sum(not line.isascii() for line in filled) * 2 > len(filled) else _LATIN_SLACK
    full = sum(width >= limit - slack for width in widths)
    open_ended = sum(_measure_width(line) >= limit - slack and not line.rstrip().endswith(_FINAL) for line in filled)
    if limit not in _WIDTHS or widths[-1] > limit + slack or open_ended < _WRAPPED_SHARE * len(filled):
        return text
    has_blanks = (len(lines) - len(filled)) >= _BLANK_SHARE * len(lines) and full < len(filled)
    paragraphs = [[lines[0]]]
    for before, line in pairwise(lines):
        is_full = _measure_width(before) >= limit - slack and (has_blanks or not before.rstrip().endswith(_FINAL))
        if is_full and line.strip() and not _BEGINS.match(line) and not is_heading(line) and not is_heading(before):
            space = " " if before.rstrip()[-1:].isascii() and line[:1].isascii() else ""
            paragraphs[-1][-1] = paragraphs[-1][-1].rstrip()
            paragraphs[-1].append(space + line)
        else:
            paragraphs.append([line])
    return "\n".join("".join(paragraph) for paragraph in paragraphs)


def _measure_width(line: str) -> int:
    line = line.rstrip()
    return (
        len(line)
        if line.isascii()
        else sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in line)
    )
