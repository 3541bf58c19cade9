"""Part numbers of works in several seasons or on several discs: one number says both."""

from __future__ import annotations

NUMBERS_PER_DISC = 100
"""Parts on the second of several discs, and of season 2, are numbered from 201."""
PART_NUMBERS = {"上": 1, "前": 1, "中": 2, "下": 3, "后": 3, "後": 3}
"""Numbers of parts that are told by a word, in works of two or three."""
SPECIALS = 1_000_000
"""Specials, which media centres call season 0, are numbered from 1,000,001: behind all others."""


def number_in_season(season: int | None, episode: int) -> int:
    """Return the part number of an episode; that of the first season, or of none, is its own."""
    if season == 0:
        return SPECIALS + episode
    return season * NUMBERS_PER_DISC + episode if season and season > 1 and episode < NUMBERS_PER_DISC else episode


def number_of_special(part_number: int | None) -> int | None:
    """Return the number of a special among the specials; None for any other part."""
    return part_number - SPECIALS if part_number is not None and part_number > SPECIALS else None
