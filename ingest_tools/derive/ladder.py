"""Which renditions a film gets: at most 1080, 720, 480, 240 and the sound alone, never above the source.

The source itself is the top rung where it plays. All rungs together cost less than the original; where it does
not play, that holds for those below the first, which stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from library_server.catalogue.details import Media

HEIGHTS = {1080: 3_200_000, 720: 1_600_000, 480: 750_000, 240: 260_000}
SOUND_BITS, RUNG_SOUND_BITS = 64_000, 96_000
LEAST_BITS = 90_000
SHARE = 0.85
MOST_FRAMES = 30.0


@dataclass(frozen=True)
class Rung:
    """One rendition: `name` is its label, `short` and `width`/`height` in pixels, `bits` the most a second of video."""

    name: str
    width: int
    height: int
    bits: int


def rungs(media: Media, *, plays: bool) -> list[Rung]:
    """The rungs of a source, highest first; none for a recording without pictures."""
    short = min(media.width, media.height)
    if short < 2:
        return []
    heights = [one for one in HEIGHTS if (one < short if plays else one <= short)]
    if not heights and not plays:
        heights = [short]
    wanted = [_bits(one, short, media) for one in heights]
    budget = (media.bits or 0) * SHARE - len(heights) * RUNG_SOUND_BITS - SOUND_BITS
    if media.bits:
        kept = wanted[:1] if not plays else []
        wanted = kept + _within(wanted[len(kept) :], budget)
    return [_rung(one, short, media, bits) for one, bits in zip(heights, wanted, strict=True)]


def frames_a_second(media: Media) -> float:
    """The rate of every rung, so that their key frames fall together; 50 and 60 are halved."""
    rate = float(media.rate or 25.0)
    while rate > MOST_FRAMES:
        rate /= 2
    return round(rate, 3)


def _bits(height: int, short: int, media: Media) -> int:
    most = next((bits for least, bits in HEIGHTS.items() if height >= least), HEIGHTS[240])
    source = media.bits or 0
    return min(most, max(LEAST_BITS, round(source * (height / short) ** 1.5))) if source else most


def _within(wanted: list[int], budget: float) -> list[int]:
    total = sum(wanted)
    if total <= budget or not total:
        return wanted
    return [max(LEAST_BITS, round(bits * max(budget, 0) / total)) for bits in wanted]


def _rung(height: int, short: int, media: Media, bits: int) -> Rung:
    scale = height / short
    return Rung(f"{height}p", _even(media.width * scale), _even(media.height * scale), bits)


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
