"""Cues of Timed Text Markup Language (W3C TTML2; DFXP and iTunes Timed Text are forms of it).

Elements are found by their local names, since drafts have namespaces of their own. Styles and regions are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pysubs2

from ingest_tools.formats import markup
from ingest_tools.formats.markup import local_name

_ROOT = re.compile(r"<(?:[\w.-]{1,20}:)?tt[\s>]")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:\.(\d{1,9})|:(\d{1,3})(?:\.\d{1,3})?)?")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t|)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "": 1.0, "ms": 0.001}
_LYRICS = "music.apple.com"  # whose times are not relative to those of the element around them
_DEEPEST = 40


@dataclass(frozen=True)
class _Clock:
    """What times are counted in."""

    frames: float
    ticks: float
    is_nested: bool

    def parse_seconds(self, written: str | None) -> float | None:
        """Return a time expression (TTML2, section 12.3.1); None where there is none that can be read."""
        text = (written or "").strip()
        if clock := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = clock.groups()
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            return whole + float(f"0.{fraction or 0}") + int(frames or 0) / self.frames
        if offset := _OFFSET.fullmatch(text):
            units = _SECONDS | {"f": 1 / self.frames, "t": 1 / self.ticks}
            return float(offset[1]) * units[offset[2]]
        return None


def is_ttml(content: str) -> bool:
    """Return whether a text is a document of timed text."""
    start = content.lstrip()[:4000]
    return start.startswith("<") and _ROOT.search(start) is not None


def parse(content: str) -> pysubs2.SSAFile:
    """Return the cues of a document. Raises `ValueError` where it is no XML that can be read."""
    root = markup.parse_xml(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", content).encode())
    if root is None:
        raise ValueError("no timed text")
    cues = pysubs2.SSAFile()
    _read(root, 0.0, None, _read_clock(root, content), cues, 0)
    return cues


def _read_clock(root: Any, content: str) -> _Clock:
    attributes = {local_name(name): value for name, value in root.attrib.items()}
    frames = _parse_number(attributes.get("framerate"), 30.0)
    factors = [
        _parse_number(part, 1.0) for part in re.split(r"[\s:]+", attributes.get("frameratemultiplier", "").strip())
    ]
    if len(factors) == 2:
        frames *= factors[0] / factors[1]
    ticks = _parse_number(attributes.get("tickrate"), frames if "framerate" in attributes else 1.0)
    return _Clock(frames, ticks, _LYRICS not in content[:4000])


def _parse_number(written: str | None, otherwise: float) -> float:
    number = float(written) if written and re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", written.strip()) else 0.0
    return number or otherwise


def _read(element: Any, start: float, end: float | None, clock: _Clock, cues: pysubs2.SSAFile, depth: int) -> None:
    """Add the cues of an element whose time container begins and ends at these seconds."""
    begin, until = _read_times(element, start, end, clock)
    if local_name(element.tag) == "p":
        spans = [_read_times(span, begin, until, clock) for span in element.iter() if local_name(span.tag) == "span"]
        timed = [times for times in spans if times != (begin, until)]
        if element.get("begin") is None and timed:
            begin, until = min(first for first, _ in timed), max((last or 0.0) for _, last in timed)
        if until is not None and until > begin:
            cue = pysubs2.SSAEvent(round(begin * 1000), round(until * 1000))
            cue.plaintext = _read_text(element)
            cues.append(cue)
        return
    if depth < _DEEPEST:
        for child in element:
            if isinstance(child.tag, str):
                _read(child, begin, until, clock, cues, depth + 1)


def _read_times(element: Any, start: float, end: float | None, clock: _Clock) -> tuple[float, float | None]:
    origin = start if clock.is_nested else 0.0
    begin, until, lasting = (clock.parse_seconds(element.get(name)) for name in ("begin", "end", "dur"))
    first = start if begin is None else origin + begin
    ends = [time for time in (None if until is None else origin + until,
                              None if lasting is None else first + lasting) if time is not None]  # fmt: skip
    return first, min(ends, default=end)


def _read_text(element: Any, depth: int = 0) -> str:
    """Return the words of an element, with the breaks that it has and no others."""
    pieces = [_collapse_spaces(element.text)]
    for child in element:
        name = local_name(child.tag)
        if name == "br":
            pieces.append("\n")
        elif name not in {"", "metadata"} and depth < _DEEPEST:
            pieces.append(_read_text(child, depth + 1))
        pieces.append(_collapse_spaces(child.tail))
    return "".join(pieces)


def _collapse_spaces(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
