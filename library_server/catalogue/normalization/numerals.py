"""Numbers as people write them in Chinese text: 23, ２３, 二三, 二十三, 一百零五. No function raises."""

from __future__ import annotations

import re

DIGITS = "〇零一二三四五六七八九"
LONGEST = 9
_TO_WESTERN = str.maketrans(DIGITS, "00123456789")
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰貳參陸兩两俩", "一二三四五六七八九十百二三六二二二") | str.maketrans(
    {"廿": "二十", "卅": "三十"}
)
_TENS = re.compile(r"(?:([1-9])百)?(?:0?([1-9]?)(十))?0?([0-9]?)")


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


def read_count(text: str) -> int | None:
    """Return a number of things as people write it: also 两, 叁, 拾贰, 壹佰零伍 and 廿; None for anything else."""
    return read_numeral(text.translate(_FORMAL))


def read_numeral(text: str) -> int | None:
    """Return a whole number below 1,000 with 十 and 百, or in plain digits of up to nine places; None for anything
    else.

    `二十十` and `十一十二` are no numbers.
    """
    text = western_digits(text).translate(_TO_WESTERN)
    if "十" not in text and "百" not in text:
        return read_integer(text)
    match = _TENS.fullmatch(text)
    if match is None:
        return None
    hundreds, tens, ten, ones = match.groups()
    return int(hundreds or 0) * 100 + (int(tens or 1) * 10 if ten else 0) + int(ones or 0)
