"""Characters of text that look like another one, or like nothing, and keep words from being found.

Fonts have one glyph for an ideograph and for the radical that it is, so that PDFs name the radical (⽔ for 水). Books
break words with soft hyphens and with spaces of no width.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from library_server.lazy_patterns import lazy_pattern

_KANGXI: Final = range(0x2F00, 0x2FD6)
# of the CJK Radicals Supplement, those that are whole characters (Unicode: EquivalentUnifiedIdeograph)
_RADICALS: Final = (
    "⺟母 ⺠民 ⻁虎 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻑長 ⻓长 ⻔门 ⻘青 ⻙韦 ⻚页 "
    "⻛风 ⻜飞 ⻝食 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻬齐 ⻮齿 ⻰龙 ⻳龟"
)
_INVISIBLE: Final = "\u00ad\u200b\u2060\ufeff"
_ANY: Final = lazy_pattern(f"[{_INVISIBLE}\u2e80-\u2fd5]")


def with_usual_characters(text: str) -> str:
    """Return text in which radicals are the ideographs that they stand for, without characters of no width."""
    return text.translate(_load_table()) if _ANY.search(text) else text


@cache
def _load_table() -> dict[int, str]:
    kangxi = {code: unicodedata.normalize("NFKC", chr(code)) for code in _KANGXI}
    return kangxi | {ord(pair[0]): pair[1] for pair in _RADICALS.split()} | dict.fromkeys(map(ord, _INVISIBLE), "")
