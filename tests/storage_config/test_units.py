"""Amounts: TB and TiB are never mixed up, and what is ambiguous is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_config import units


@pytest.mark.parametrize(
    ("text", "size"),
    [("3TB", 3 * 10**12), ("3 TiB", 3 * 2**40), ("1.5GB", 1_500_000_000), ("512", 512), ("4kb", 4000), ("1KiB", 1024)],
)
def test_bytes(text: str, size: int) -> None:
    assert units.parse_size(text) == size


@pytest.mark.parametrize("text", ["3T", "3Ti", "TB", "-1GB", "1e9", "", "3 TB B", "三TB"])
def test_what_is_ambiguous_is_refused(text: str) -> None:
    with pytest.raises(units.InvalidAmount):
        units.parse_size(text)


def test_rates_times_and_shares() -> None:
    assert units.parse_rate("50MB/s") == 50_000_000
    assert units.parse_duration("2h") == 7200
    assert units.parse_percentage("25%") == Fraction(1, 4) == units.parse_percentage("0.25")
    assert units.parse_reserve("10%", 2000) == 200
    assert units.parse_reserve("1GB", 2000) == 1_000_000_000
    for bad, read in (("0MB/s", units.parse_rate), ("2", units.parse_duration), ("25MB", units.parse_percentage)):
        with pytest.raises(units.InvalidAmount):
            read(bad)
    with pytest.raises(units.InvalidAmount):
        units.parse_reserve("120%", 2000)


@given(st.integers(0, 10**15), st.sampled_from(list(units.BYTES)))
@pytest.mark.slow
def test_every_unit_gives_back_its_number(number: int, unit: str) -> None:
    assert units.parse_size(f"{number}{unit}") == number * units.BYTES[unit]


@given(st.integers(0, 10**17))
def test_words_are_within_half_a_percent(size: int) -> None:
    read_back = units.parse_size(units.format_bytes(size))
    assert abs(read_back - size) <= size * 0.006


def test_both_units_are_shown() -> None:
    assert units.format_tb(12 * 10**12) == "12.00 TB (10.91 TiB)"
