r"""Chinese in RTF whose two bytes stand apart: in two groups, with formatting between, or one escaped and one not.

A character of GBK or Big5 is two bytes, and programs that write byte by byte put `\'d6}{\b\'d0` for one. LibreOffice
reads each alone, as no character.
"""

from __future__ import annotations

import re
from typing import Final

_STATED: Final = re.compile(rb"\\ansicpg(?P<page>\d{3,5})\b|\\fcharset(?P<set>12[89]|13[46])\b")
_ENCODINGS: Final = {
    b"936": "gb18030", b"54936": "gb18030", b"134": "gb18030", b"950": "big5hkscs", b"136": "big5hkscs",
    b"932": "cp932", b"128": "cp932", b"949": "cp949", b"129": "cp949",
}  # fmt: skip
_BYTE: Final = rb"(?:\\'[0-9a-fA-F]{2}|[\x80-\xff])"
_APART: Final = re.compile(
    rb"(?:\\'[89a-fA-F][0-9a-fA-F]|[\x80-\xff])(?:[{}\r\n]|\\[a-z]{1,32}-?\d{0,10} ?){1,40}" + _BYTE
    + rb"|[\x80-\xff]\\'"
)  # fmt: skip
_TOKEN: Final = re.compile(
    rb"\\'(?P<hex>[0-9a-fA-F]{2})|(?P<high>[\x80-\xff])|\\bin(?P<count>\d{1,9}) ?"
    rb"|(?P<between>[{}\r\n]+|\\(?P<word>[a-z]{1,32})-?\d{0,10} ?)|\\.|(?P<ascii>[^\\{}\r\n\x80-\xff]+)",
    re.DOTALL,
)
# what stands between characters and not inside one
_ENDS: Final = frozenset(
    (b"par", b"line", b"tab", b"cell", b"row", b"page", b"sect", b"u", b"pict", b"fonttbl", b"field")
)
_FIRST_LEAD, _LAST_LEAD = 0x81, 0xFE
_TRAILS: Final = range(0x40, 0x7F)  # ASCII, raw behind a first byte
_FARTHEST: Final = 40  # tokens between two bytes


def encoding_stated(data: bytes) -> str | None:
    """Return the encoding of two bytes a character that RTF says it is in; None where it says none."""
    stated = (match["page"] or match["set"] for match in _STATED.finditer(data))
    return next((_ENCODINGS[name] for name in stated if name in _ENCODINGS), None)


def join_pairs(data: bytes, encoding: str) -> bytes:
    """Return RTF with the second byte of each character right behind the first, both escaped; the same where none is
    apart.
    """
    if not _APART.search(data):
        return data
    kept: list[bytes] = []
    lead, place, distance = 0, 0, 0  # the first byte that waits for its second, where it stands, how far behind we are
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end() + int(match["count"] or 0)
        token = data[match.start() : at]
        byte = int(match["hex"], 16) if match["hex"] else token[0] if match["high"] else None
        if match["ascii"] and lead and not distance and token[0] in _TRAILS and _is_character(lead, token[0], encoding):
            kept.append(b"\\'%02x" % token[0] + token[1:])
            lead = 0
        elif byte is None:
            distance += 1
            is_between = match["between"] is not None and match["word"] not in _ENDS and distance <= _FARTHEST
            lead = lead if is_between else 0
            kept.append(token)
        elif lead and (not distance or byte >= _FIRST_LEAD - 1 or match["hex"]) and _is_character(lead, byte, encoding):
            kept[place] += b"\\'%02x" % byte
            lead = 0
        elif _FIRST_LEAD <= byte <= _LAST_LEAD:
            lead, place, distance = byte, len(kept), 0
            kept.append(b"\\'%02x" % byte)
        else:
            kept.append(token)
            lead = 0
    return b"".join(kept)


def _is_character(lead: int, trail: int, encoding: str) -> bool:
    try:
        return len(bytes((lead, trail)).decode(encoding)) == 1
    except UnicodeDecodeError:
        return False
