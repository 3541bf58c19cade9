"""Amounts as people write them. TB is 10^12 bytes and TiB is 2^40 (IEC 80000-13); a bare "T" is neither."""

from __future__ import annotations

import re
from fractions import Fraction

from storage_config.messages import CodedError

_SI, _IEC = ("kB", "MB", "GB", "TB", "PB"), ("KiB", "MiB", "GiB", "TiB", "PiB")
BYTES = {
    "B": 1,
    **{name: 1000**n for n, name in enumerate(_SI, 1)},
    **{name: 1024**n for n, name in enumerate(_IEC, 1)},
}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_557_600}
_FOLDED = {name.lower(): size for name, size in BYTES.items()}
_NUMBER_AND_UNIT = re.compile(r"\s*(\d{1,18}(?:\.\d{1,6})?)\s*([A-Za-z]*)\s*\Z")


class InvalidAmount(CodedError, ValueError):
    """Not a number with a unit that is known; the message lists the known units."""

    code = "bad_amount"


def parse_size(text: str) -> int:
    """Bytes: `3TB`, `1.5 TiB`, `4096`. Raises `InvalidAmount`."""
    number, unit = _split(text, "not_a_size", units=", ".join(BYTES))
    size = _FOLDED.get((unit or "B").lower())
    if size is None:
        raise InvalidAmount("unknown_unit", text=text, units=", ".join(BYTES))
    return int(number * size)


def parse_rate(text: str) -> int:
    """Return bytes a second: `50MB/s`. Raises `InvalidAmount`; zero is no rate."""
    rate = parse_size(text.strip().removesuffix("/s"))
    if rate < 1:
        raise InvalidAmount("rate_too_low", text=text)
    return rate


def parse_duration(text: str) -> float:
    """Seconds: `90s`, `30m`, `2h`, `7d`, `5y` (a year has 365.25 days). Raises `InvalidAmount`."""
    number, unit = _split(text, "not_a_duration", units=", ".join(SECONDS))
    if unit not in SECONDS:
        raise InvalidAmount("not_a_duration", text=text, units=", ".join(SECONDS))
    return float(number * SECONDS[unit])


def parse_percentage(text: str) -> Fraction:
    """Return a share: `25%` or `0.25`. Raises `InvalidAmount`."""
    number, unit = _split(text.strip().removesuffix("%"), "not_a_share")
    if unit:
        raise InvalidAmount("not_a_share", text=text)
    return number / 100 if text.strip().endswith("%") else number


def parse_reserve(text: str, whole: int) -> int:
    """Bytes, or a share of `whole` bytes: `200GB`, `5%`. Raises `InvalidAmount`."""
    if text.strip().endswith("%"):
        share = parse_percentage(text)
        if share > 1:
            raise InvalidAmount("share_too_large", text=text)
        return int(share * whole)
    return parse_size(text)


def format_tb(size: float) -> str:
    """`12.00 TB (10.91 TiB)`: both, since drives are sold by the one and shown by the other."""
    return f"{size / BYTES['TB']:.2f} TB ({size / BYTES['TiB']:.2f} TiB)"


def format_bytes(size: float) -> str:
    """Return the nearest unit of thousands with three figures: `1.50 GB`."""
    for name in reversed(_SI):
        if size >= BYTES[name]:
            return (
                f"{size / BYTES[name]:.3g} {name}" if size < 999.5 * BYTES[name] else f"{size / BYTES[name]:.0f} {name}"
            )
    return f"{size:.0f} B"


def _split(text: str, reason: str, **parameters: str) -> tuple[Fraction, str]:
    match = _NUMBER_AND_UNIT.match(text)
    if not match:
        raise InvalidAmount(reason, text=text, **parameters)
    return Fraction(match[1]), match[2]
