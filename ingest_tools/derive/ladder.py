"""Which renditions a film gets: at most 1080, 720, 480, 240 and the sound alone, never above the source.

The source itself is the top rung where it plays. All rungs together cost less than the original; where it does
not play, that holds for those below the first, which stands in for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from library_server.catalogue.details import Media

HEIGHTS = {1080: 3_200_000, 720: 1_600_000, 480: 750_000, 240: 260_000}
SOUND_BITS, RUNG_SOUND_BITS = 64_000, 96_000
LEAST_BITS = 90_000
SHARE = 0.85
MOST_FRAMES = 30.0
LEAST_STEP = 1.4  # between the own height of a source and the rung below


@dataclass(frozen=True)
class Rung:
    """One rendition: `name` is its label, `short` and `width`/`height` in pixels, `bits` the most a second of video."""

    name: str
    width: int
    height: int
    bits: int


def choose_rungs(media: Media, *, plays: bool) -> list[Rung]:
    """Return the rungs of a source, highest first; none for a recording without pictures."""
    short = min(media.width, media.height)
    if short < 2:
        return []
    heights = _choose_heights(short, plays=plays)
    rates = [_choose_bit_rate(height, short, media) for height in heights]
    budget = (media.bits or 0) * SHARE - len(heights) * RUNG_SOUND_BITS - SOUND_BITS
    if media.bits:
        full_rates = rates[:1] if not plays else []
        rates = full_rates + _fit_budget(rates[len(full_rates) :], budget)
    return [_make_rung(height, short, media, bits) for height, bits in zip(heights, rates, strict=True)]


def frames_a_second(media: Media) -> float:
    """Return the rate of every rung, so that their key frames fall together; 50 and 60 are halved."""
    rate = float(media.rate or 25.0)
    while rate > MOST_FRAMES:
        rate /= 2
    return round(rate, 3)


def _choose_heights(short: int, *, plays: bool) -> list[int]:
    """Heights of the rungs. A source that does not play and lies between two of them is the top one at its own height:
    576 lines of a DVD, 288 of a VCD; what is nearly as high as it is left out.
    """
    if plays:
        return [height for height in HEIGHTS if height < short]
    if short in HEIGHTS or short > max(HEIGHTS):
        return [height for height in HEIGHTS if height <= short]
    return [short, *(height for height in HEIGHTS if height * LEAST_STEP <= short)]


def _choose_bit_rate(height: int, short: int, media: Media) -> int:
    below = next((least for least in HEIGHTS if height >= least), min(HEIGHTS))
    most = round(HEIGHTS[below] * math.pow(max(1.0, height / below), 1.5))
    source = media.bits or 0
    return min(most, max(LEAST_BITS, round(source * (height / short) ** 1.5))) if source else most


def _fit_budget(rates: list[int], budget: float) -> list[int]:
    total = sum(rates)
    if total <= budget or not total:
        return rates
    return [max(LEAST_BITS, round(bits * max(budget, 0) / total)) for bits in rates]


def _make_rung(height: int, short: int, media: Media, bits: int) -> Rung:
    scale = height / short
    return Rung(f"{height}p", _round_to_even(media.width * scale), _round_to_even(media.height * scale), bits)


def _round_to_even(value: float) -> int:
    return max(2, round(value / 2) * 2)
