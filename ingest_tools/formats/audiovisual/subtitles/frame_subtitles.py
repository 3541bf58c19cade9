"""Subtitles that count frames or tenths of a second: MicroDVD (`{25}{75}text`) and MPL2 (`[10][30]text`)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import pysubs2

USUAL_RATE: Final = 25.0  # frames a second, of films in China and Europe
_FRAMES: Final = re.compile(r"^\{(\d{1,8})\}\{(\d{0,8})\}(.*)$", re.MULTILINE)
_TENTHS: Final = re.compile(r"^\[(\d{1,8})\]\[(\d{0,8})\](.*)$", re.MULTILINE)
_CODE: Final = re.compile(r"\{[A-Za-z]:[^{}]{0,80}\}")
_RATE: Final = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,6})?)\s*")
_RATES: Final = (1.0, 240.0)
_LAST_SECONDS: Final = 5.0


def parse(content: str, rate: float | None = None) -> pysubs2.SSAFile | None:
    """Return the cues of text in one of these forms; None where it is in none.

    `rate` is that of the film, in frames a second; one that the first cue states is believed before it.
    """
    cues = _FRAMES.findall(content)
    if cues:
        stated = _RATE.fullmatch(cues[0][2])
        stated_rate = float(stated[1].replace(",", ".")) if stated and int(cues[0][0]) <= 1 else 0.0
        if _RATES[0] <= stated_rate <= _RATES[1]:
            return _build(cues[1:], stated_rate)
        return _build(cues, rate or USUAL_RATE)
    cues = _TENTHS.findall(content)
    return _build(cues, 10.0) if cues else None


def _build(cues: list[tuple[str, str, str]], rate: float) -> pysubs2.SSAFile:
    """Return cues whose times are counted so many to a second; one without an end lasts until the next."""
    starts = sorted({int(start) for start, _, _ in cues})
    following = dict(pairwise(starts))
    built = pysubs2.SSAFile()
    for start, stop, text in cues:
        end = int(stop) if stop else following.get(int(start), int(start) + round(_LAST_SECONDS * rate))
        cue = pysubs2.SSAEvent(round(int(start) * 1000 / rate), round(end * 1000 / rate))
        lines = (_CODE.sub("", line).strip() for line in text.split("|"))
        cue.plaintext = "\n".join(line.removeprefix("/") for line in lines)
        built.append(cue)
    return built
