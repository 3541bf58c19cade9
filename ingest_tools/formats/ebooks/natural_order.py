"""The order in which people number files: `2.jpg` before `10.jpg`, 第二回 before 第十回, 上 before 中 and 下, and the
files of a folder together.

`comic.js` sorts the pages of a comic in the same way.
"""

from __future__ import annotations

import re
import unicodedata

from library_server.catalogue.normalization.numerals import read_numeral

_CHUNKS = re.compile(r"([0-9]+)")
_NUMERAL = re.compile(
    "[〇零一二三四五六七八九十百]{1,7}(?=[话話卷回册冊集章节節部篇])|(?<=[第卷])[〇零一二三四五六七八九十百]{1,7}"
)
_PART = re.compile("^[上中下](?=[卷册冊集部篇]|$)")
_PARTS = {"上": "1", "中": "2", "下": "3"}


def natural_key(name: str) -> list[list[tuple[int, int, str]]]:
    """Return a key by which paths are sorted."""
    *folders, file = name.replace("\\", "/").lower().split("/")
    parts = (*folders, *file.rpartition(".")[::2])
    return [[_chunk_key(chunk) for chunk in _CHUNKS.split(_with_digits(part)) if chunk] for part in parts]


def _with_digits(part: str) -> str:
    """Return a name in which the numbers of parts are in digits."""
    if part.isascii():
        return part
    plain = _PART.sub(lambda match: _PARTS[match[0]], unicodedata.normalize("NFKC", part))
    return _NUMERAL.sub(_write_digits, plain)


def _write_digits(numeral: re.Match[str]) -> str:
    number = read_numeral(numeral[0])
    return numeral[0] if number is None else str(number)


def _chunk_key(chunk: str) -> tuple[int, int, str]:
    if not (chunk.isascii() and chunk.isdecimal()):
        return 1, 0, chunk
    digits = chunk.lstrip("0")
    return 0, len(digits), digits  # as numbers, however long
