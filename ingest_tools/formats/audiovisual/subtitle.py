"""Subtitles (SubRip, SubStation Alpha, WebVTT, SAMI, TTML) and lyrics (LRC) to WebVTT and to passages by the second."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pysubs2

from ingest_tools.description import Derived, Description
from ingest_tools.formats import text
from ingest_tools.formats.audiovisual import timed_text
from ingest_tools.formats.audiovisual.subtitles.names import languages_of, purpose_of
from ingest_tools.formats.language import detect_language
from ingest_tools.passage_file import write_passages
from ingest_tools.rejections import RejectedError
from library_server.catalogue.normalization.text import to_storable
from library_server.catalogue.passages.serialization import Passage

LIMIT = 16 * 1024 * 1024
CUES_LIMIT = 50_000
_SHORTEST_MS, _UNENDED_MS = 20, 4_000
_PICTURES = b"\x00\x00\x01\xba"  # of a DVD, in an MPEG program stream
# ASS draws shapes between \\p1 (any scale but 0) and \\p0 or the end of the line
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?=\{[^{}]*\\p0[^{}]*\}|$)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def describe(path: Path, named: Path, stem: str, description: Description, out: Path) -> Description:
    """Return a description with the subtitles in `path`, which are called `named`, of a film whose name is `stem`.

    Where their name says no language, their words do; else they are in Chinese. Raises `RejectedError`.
    """
    stated, purpose = languages_of(named, stem), purpose_of(named, stem)
    file = f"subtitle-{len(description.derived)}.vtt"
    media = description.details.media
    passages = to_vtt(path, out / file, stated[0] if stated else "zh", media.rate if media else None)
    languages = stated or (detect_language(passage.text for passage in passages) or "zh",)
    label = ".".join(filter(None, ("+".join(languages), purpose)))
    made = [Derived("subtitle", label, "text/vtt", file, languages[0])]
    if not any(derived.role == "text" for derived in description.derived):
        made.append(write_passages(passages, out))
    others = [derived for derived in description.derived if (derived.role, derived.label) != ("subtitle", label)]
    return replace(description, derived=others + made)  # in the place of lyrics inside the recording


def read(path: Path, language: str | None = None, rate: float | None = None) -> pysubs2.SSAFile:
    """Return the cues of a subtitle file in any encoding we read, in the order of time; a language helps to find it.

    `rate` is that of the film in frames a second, for subtitles that count frames.
    Drawings, syllables and repetitions are left out. Raises `RejectedError`.
    """
    if path.stat().st_size > LIMIT:
        raise RejectedError("too_large")
    data = path.read_bytes()
    if data.startswith(_PICTURES):
        raise RejectedError("picture_subtitles", "VobSub")
    content, _ = text.decode(data, language)
    try:
        cues = timed_text.parse(content, rate)
    except pysubs2.exceptions.Pysubs2Error as error:
        raise RejectedError("untimed") from error
    except Exception as error:  # pysubs2 reads eight formats, each of which fails in its own way on broken text
        raise RejectedError("damaged") from error
    cues.events = _without_effects(cues.events)
    for cue in cues.events:
        cue.text = _DRAWING.sub("", _remove_unclosed_braces(cue.text))
    shown = {(cue.start, cue.end, cue.plaintext): cue for cue in cues.events if cue.plaintext.strip()}
    cues.events = list(shown.values())  # a line with an outline of its own is written twice
    if not 0 < len(cues.events) <= CUES_LIMIT:
        raise RejectedError("empty_file" if not cues.events else "too_large")
    cues.sort()
    _lengthen(cues.events)
    return cues


def to_vtt(path: Path, target: Path, language: str | None = None, rate: float | None = None) -> list[Passage]:
    """Write WebVTT of plain text (no styles, no positions) and give the cues as passages; see `read`."""
    cues = read(path, language, rate)
    lines = ["WEBVTT", ""]
    passages = []
    for cue in cues.events:
        words = to_storable(_ENTITY.sub(lambda entity: html.unescape(entity[0]), cue.plaintext)).replace("\xa0", " ")
        words = "\n".join(line.strip() for line in words.splitlines() if line.strip()).replace("-->", "→")
        if not words:
            continue
        shown = words.replace("&", "&amp;").replace("<", "&lt;")
        lines += [f"{_format_vtt_time(cue.start)} --> {_format_vtt_time(max(cue.end, cue.start + 1))}", shown, ""]
        passages.append(Passage("time", f"{cue.start / 1000:.3f}", _format_clock(cue.start), words.replace("\n", " ")))
    target.write_text("\n".join(lines), encoding="utf-8")
    return passages


def _lengthen(events: list[pysubs2.SSAEvent]) -> None:
    """Let cues that end when they begin, or before, last until the next: programs write so, and nobody could read
    them.
    """
    later: int | None = None
    for start, group in groupby(reversed(events), key=lambda cue: cue.start):
        cues = list(group)
        end = max(cue.end for cue in cues)  # SAMI has two languages as two cues, the first of no length
        if end - start < _SHORTEST_MS:
            end = start + _UNENDED_MS if later is None else min(later, start + _UNENDED_MS)
        for cue in cues:
            cue.end = end if cue.end - start < _SHORTEST_MS else cue.end
        later = start


def _without_effects(events: list[pysubs2.SSAEvent]) -> list[pysubs2.SSAEvent]:
    """Return the lines to read: karaoke programs keep a line as a comment and write its syllables as lines of their
    own.
    """
    if not any(cue.effect.strip().lower() == "karaoke" for cue in events):
        return [cue for cue in events if not cue.is_comment]
    for cue in events:
        if cue.effect.strip().lower() == "karaoke":
            cue.type = "Dialogue"
    return [cue for cue in events if not cue.is_comment and cue.effect.strip().lower() != "fx"]


def _remove_unclosed_braces(text: str) -> str:
    """Return text without the braces that nothing closes: pysubs2 looks for the end of each through all that
    follows.
    """
    closed, brace, rest = text.rpartition("}")
    return closed + brace + rest.replace("{", "")


def _format_vtt_time(milliseconds: int) -> str:
    seconds, rest = divmod(max(milliseconds, 0), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _format_clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}"
