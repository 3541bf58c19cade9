"""The order in which people number files: `2.jpg` before `10.jpg`, 第二回 before 第十回, 上 before 中 and 下, and the
files of a folder together.

`comic.js` sorts the pages of a comic in the same way.
"""

from __future__ import annotations

import re
import unicodedata

from library_server.catalogue.normalization.numerals import read_numeral
from library_server.catalogue.parts.numbers import PART_NUMBERS

_CHUNKS = re.compile(r"([0-9]+)")
_NUMERAL = re.compile(
    "[〇零一二三四五六七八九十百]{1,7}(?=[话話卷回册冊集章节節部篇])|(?<=[第卷])[〇零一二三四五六七八九十百]{1,7}"
)
_PART = re.compile("^[上中下](?=[卷册冊集部篇]|$)")
# at the end of a title: `第3集上`, `渡口（中）`, `渡口 后篇`, `虫害（二）`, `虫害之三`
_PART_OF_TITLE = re.compile(
    r"(?<=[\s\d(\[【集讲課课回期章节話话部-])(?P<part>[上中下前后後])(?P<unit>[集部篇半卷册冊编編]?[)\]】]?)\Z"
)
_NUMERAL_OF_TITLE = re.compile(r"(?<=[\s(\[【之其])(?P<numeral>[〇零一二三四五六七八九十百]{1,7})(?P<end>[)\]】]?)\Z")


def natural_key(name: str) -> list[list[tuple[int, int, str]]]:
    """Return a key by which paths are sorted."""
    *folders, file = name.replace("\\", "/").lower().split("/")
    parts = (*folders, *file.rpartition(".")[::2])
    return [[_chunk_key(chunk) for chunk in _CHUNKS.split(_with_digits(part)) if chunk] for part in parts]


def part_key(number: int | None, title: str) -> tuple[bool, int, list[tuple[int, int, str]]]:
    """Return a key by which the parts of a work are sorted: by number, without one last; then by title."""
    return number is None, number or 0, part_title_key(title)


def part_title_key(title: str) -> list[tuple[int, int, str]]:
    """Return a key by which the titles of parts of one number are sorted: 上 before 中 and 下, （二） before （十）."""
    text = unicodedata.normalize("NFKC", title).strip().lower()
    text = _PART_OF_TITLE.sub(lambda match: f"{PART_NUMBERS[match['part']]}{match['unit']}", text)
    text = _NUMERAL_OF_TITLE.sub(lambda match: f"{read_numeral(match['numeral'])}{match['end']}", text)
    return [_chunk_key(chunk) for chunk in _CHUNKS.split(_with_digits(text)) if chunk]


def _with_digits(part: str) -> str:
    """Return a name in which the numbers of parts are in digits."""
    if part.isascii():
        return part
    plain = _PART.sub(lambda match: str(PART_NUMBERS[match[0]]), unicodedata.normalize("NFKC", part))
    return _NUMERAL.sub(_write_digits, plain)


def _write_digits(numeral: re.Match[str]) -> str:
    number = read_numeral(numeral[0])
    return numeral[0] if number is None else str(number)


def _chunk_key(chunk: str) -> tuple[int, int, str]:
    if not (chunk.isascii() and chunk.isdecimal()):
        return 1, 0, chunk
    digits = chunk.lstrip("0")
    return 0, len(digits), digits  # as numbers, however long
