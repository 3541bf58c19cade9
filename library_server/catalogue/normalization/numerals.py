"""Numbers as people write them in Chinese text: 23, ２３, 二三, 二十三, 一百零五, 一千二百. No function raises."""

from __future__ import annotations

import re

DIGITS = "〇零一二三四五六七八九"
LONGEST = 9
_TO_WESTERN = str.maketrans(DIGITS, "00123456789")
_FORMAL = str.maketrans(
    "壹贰叁肆伍陆柒捌玖拾佰仟貳參陸兩两俩萬弍貮", "一二三四五六七八九十百千二三六二二二万二二"
) | str.maketrans({"廿": "二十", "卅": "三十", "卌": "四十"})
_UNITS = "十百千万"
_THOUSANDS = re.compile(r"(?:([1-9])千)?(?:0?([1-9])百)?(?:0?([1-9]?)(十))?0?([0-9]?)")
_ZERO = "〇零○◯OoΟοОо0０"  # the circle, and the letters of three alphabets that people type for it
_FORMAL_DIGITS = "壹贰叁肆伍陆柒捌玖貳參陸"
_RUN_OF_DIGITS = re.compile(rf"(?<![0-9A-Za-z])[{DIGITS[2:]}{_FORMAL_DIGITS}{_ZERO}]{{2,9}}(?![0-9A-Za-z])")


def western_digits(text: str) -> str:
    """Return text in which every decimal digit of any script is an ASCII one, so that `int` and `[0-9]` take it.

    `²`, `①` and `፩` are digits to `str.isdigit` and not to `int`: they are no decimal digits and stay.
    """
    if text.isascii():
        return text
    return "".join(
        str(int(character)) if character.isdecimal() and not character.isascii() else character for character in text
    )


def read_integer(text: str, longest: int = LONGEST) -> int | None:
    """Return a whole number in ASCII digits, at most `longest` of them; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= longest else None


def plain_digits(text: str) -> str:
    """Return text in which numbers written digit by digit, 二○○八 or 贰零零捌, have 〇 for zeros and plain digits.

    Only runs of Chinese digits change, in which a letter or a circle can stand for nothing else.
    """
    return _RUN_OF_DIGITS.sub(_plain_run, text)


def _plain_run(run: re.Match[str]) -> str:
    plain = run[0].translate(_FORMAL)
    if not any(character in DIGITS[2:] for character in plain):
        return run[0]
    return "".join(DIGITS[0] if character in _ZERO else character for character in plain)


def formal_to_plain(text: str) -> str:
    """Return text with the plain form of numerals that are written formally or joined: 叁 is 三, 廿 is 二十."""
    return text.translate(_FORMAL)


def read_count(text: str) -> int | None:
    """Return a number of things as people write it: also 两, 叁, 拾贰, 壹佰零伍 and 廿; None for anything else."""
    return read_numeral(formal_to_plain(text))


def read_numeral(text: str) -> int | None:
    """Return a whole number with 十, 百, 千 and 万, or in plain digits of up to nine places; None for anything else.

    `二十十` and `十一十二` are no numbers.
    """
    text = western_digits(text).translate(_TO_WESTERN)
    if not any(unit in text for unit in _UNITS):
        return read_integer(text)
    head, ten_thousand, rest = text.rpartition("万")
    if not ten_thousand:
        return _read_thousands(text)
    first, last = _read_thousands(head), _read_thousands(rest) if rest else 0
    return None if first is None or last is None else first * 10_000 + last


def _read_thousands(text: str) -> int | None:
    if text and text.isdigit():
        return read_integer(text, 4)
    match = _THOUSANDS.fullmatch(text)
    if match is None or not text:
        return None
    thousands, hundreds, tens, ten, ones = match.groups()
    ten_times = int(tens or 1) * 10 if ten else 0
    return int(thousands or 0) * 1000 + int(hundreds or 0) * 100 + ten_times + int(ones or 0)
