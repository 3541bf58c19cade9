"""Headings of Markdown (CommonMark 0.31.2, 4.2, 4.3 and 4.5): not those in code, and without marks of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest_tools.formats.text import Heading, find_line_ranges, match_heading

_LONGEST: Final = 200
_ATX: Final = re.compile(r" {0,3}(#{1,3})[ \t]+(.{1,200})")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
# what may not stand underlined: other blocks, and the last line of a paragraph before a rule
_NO_TITLE: Final = re.compile(r" {4}|\t|\s*(?:[-*+>|#<=]|\d{1,9}[.)]\s)|.*[。，；！？,;|]\s*$")
_CLOSING: Final = re.compile(r"(?:^|[ \t]+)#+$")
_ATTRIBUTES: Final = re.compile(r"[ \t]*\{[#.:][^{}]{0,80}\}$")
_INLINE: Final = (
    (re.compile(r"!\[([^\[\]]{0,100})\]\([^()]{0,200}\)"), r"\1"),
    (re.compile(r"\[([^\[\]]{1,100})\](?:\([^()]{0,200}\)|\[[^\[\]]{0,100}\])"), r"\1"),
    (re.compile(r"(?<!\\)(\*{1,3}|__|`{1,3})(?=\S)(.{1,200}?)(?<=[^\s\\])\1"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def find_headings(text: str) -> Iterator[Heading]:
    """Yield the headings of the first three levels, and lines that name chapters in plain text (第三章 …)."""
    fence = ""
    is_comment, is_after_blank = False, True
    before: tuple[int, int] | None = None  # a line that is a heading if it is underlined
    for start, stop in find_line_ranges(text):
        line = text[start : min(stop, start + _LONGEST)]
        is_inside, is_comment = is_comment, not fence and _is_comment_open(text[start:stop], is_open=is_comment)
        if is_inside:
            before, is_after_blank = None, True
            continue
        mark = _FENCE.match(line)
        if fence:
            is_closing = mark is not None and mark[1].startswith(fence) and not line[mark.end() :].strip()
            fence = "" if is_closing else fence
            before, is_after_blank = None, True
            continue
        if before is not None and _UNDERLINE.fullmatch(line):
            yield Heading(read_label(text[slice(*before)]), before[0], stop)
            before, is_after_blank = None, True
            continue
        if before is not None and (label := _match_plain(text[slice(*before)])):
            yield Heading(label, *before)
        before = None
        if mark is not None:
            fence = mark[1]
        elif match := _ATX.fullmatch(line):
            if label := read_label(match[2]):
                yield Heading(label, start, stop)
        elif is_after_blank and line.strip() and len(line) < _LONGEST and not _NO_TITLE.match(line):
            before = start, stop
        elif label := _match_plain(line):
            yield Heading(label, start, stop)
        is_after_blank = not line.strip()
    if before is not None and (label := _match_plain(text[slice(*before)])):
        yield Heading(label, *before)


def _is_comment_open(line: str, *, is_open: bool) -> bool:
    """Return whether a comment of HTML (4.6, kind 2) goes on behind a line."""
    if not is_open and not line.lstrip().startswith("<!--"):
        return False
    return line.rfind("-->") <= line.rfind("<!--") if not is_open else "-->" not in line


def read_title(text: str) -> str | None:
    """Return the heading of the first level that a document begins with."""
    first = next(find_headings(text), None)
    if first is None or text[: first.start].strip():
        return None
    lines = text[first.start : first.stop].strip().split("\n")
    is_first_level = lines[0].startswith("# ") or lines[0].startswith("#\t") or lines[-1].lstrip().startswith("=")
    return first.label if is_first_level else None


def read_label(heading: str) -> str:
    """Return the words of a heading, without closing signs, links, emphasis and escapes."""
    words = _ATTRIBUTES.sub("", _CLOSING.sub("", heading.strip()))
    for pattern, plain in _INLINE:
        words = pattern.sub(plain, words)
    return " ".join(words.split())


def _match_plain(line: str) -> str | None:
    """Return the label of a line that names a chapter without marks of Markdown."""
    return None if line.lstrip().startswith("#") else match_heading(line)
