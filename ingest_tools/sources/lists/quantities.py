"""Quantities in cells, as people write them: numbers of copies, lengths of recordings, prices."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from ingest_tools.sources.lists.cells import InvalidCell, to_halfwidth
from library_server.catalogue.normalization.numerals import read_count
from library_server.lazy_patterns import lazy_pattern
from library_server.translations.message_catalogs import gettext_noop as _

LONGEST_MILLISECONDS = 2**31 - 1  # 24 days, which is what the catalogue's column holds
_MOST_COPIES = 999_999
_CN = "〇零一二三四五六七八九十百千万两俩壹贰叁肆伍陆柒捌玖拾佰仟廿卅卌貳參陸兩萬"
_COUNT = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,2}}|\d{{1,4}}[百千万]|\d{{1,9}}|[{_CN}]{{1,12}})(?:\.0{{1,20}})?"
_VOLUMES = "册冊本"
_CASES = "函套盒箱包袋捆"  # which hold volumes or discs
_UNITS = f"{_VOLUMES}{_CASES}份部张張件盘片卷种種轴幅帧枚封碟期集辑"
_WORDS = r"copies|copy|volumes?|vols?\.?|v\.|pcs|pieces?|items?"
_THINGS = "光盘|光碟|磁带|唱片|照片|图书|书|CD|DVD|VCD"
_COPIES = lazy_pattern(rf"({_COUNT})\s*([{_UNITS}]|{_WORDS})?(?:{_THINGS})?", re.IGNORECASE)
_BEFORE = lazy_pattern(r"^(?:一共|合计|总计|共|全|计|约|約)\s*")
_COMMENT = lazy_pattern(r"\([^()]{0,40}\)|\[[^\[\]]{0,40}\]|(?<=[^\d\s])\s*[+＋].{1,20}$|[\s.;。,、]+$")
_NAMED_VOLUMES = {"上下册": 2, "上下": 2, "上中下册": 3, "上中下": 3}
_NUMBER = r"\d{1,9}(?:\.\d{1,20})?"
_CLOCK = lazy_pattern(r"^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:\.\d{1,20})?$")
_FRAMES = lazy_pattern(r"(\d{1,3}:\d{2}:\d{2})[:;]\d{2}")
_HOURS, _MINUTES = "小时|时|hours?|hrs?|hr|h", "分钟|分|minutes?|mins?|min|m|'|′"
_SAID = lazy_pattern(
    rf"^(?:({_NUMBER})\s*(?:{_HOURS}))?\s*(?:({_NUMBER})\s*(?:{_MINUTES}))?"
    r"\s*(?:(\d{1,9})\s*(?:秒钟|秒|seconds?|secs?|sec|s|\"|″|′′|''))?$"
)
_UNSAID = lazy_pattern(rf"({_HOURS}|{_MINUTES})(\d{{1,2}})$")
_ISO_8601 = lazy_pattern(r"pt(?=\d)")
_HALVES = ((lazy_pattern(r"^半个?小?时"), "30分"), (lazy_pattern(r"(\d{1,3})个?半小?时"), r"\1小时30分"))
_YUAN = lazy_pattern(
    r"(?:CNY|RMB|¥|人民币)?\s*(?:(?P<yuan>\d{1,12}(?:\.\d{1,20})?)\s*(?:元|块|圆|yuan)?)?"
    r"(?:(?P<jiao>\d{1,2}(?:\.\d)?)\s*[角毛])?(?:(?P<fen>\d{1,2})\s*分)?(?:\s*/\s*[册本套份])?\.?",
    re.IGNORECASE,
)
_GROUPED = lazy_pattern(r"(?<=\d),(?=\d{3}(?!\d))")


def read_copies(cell: Any) -> int:
    """Return a number of copies: 3, 3册, 两册, 叁, 共五本, 一千二百册, 3册(函). Raises `InvalidCell`.

    Of `两函八册` the volumes count, not the cases that hold them.
    """
    text = _BEFORE.sub("", _strip_comments(to_halfwidth(cell)))
    if text in _NAMED_VOLUMES:
        return _NAMED_VOLUMES[text]
    counts = list(_COPIES.finditer(text))
    number = None
    if counts and "".join(text.split()) == "".join("".join(count[0].split()) for count in counts):
        held = [count for count in counts if (count[2] or "") not in _CASES or not count[2]]
        counts = counts if len(counts) == 1 else held
        number = read_count(counts[0][1].replace(",", "").split(".")[0]) if len(counts) == 1 else None
    if number is None or number > _MOST_COPIES:
        raise InvalidCell(_("册数，一个整数"))
    return number


def _strip_comments(text: str) -> str:
    while (stripped := _COMMENT.sub("", text).strip()) != text:
        text = stripped
    return text


def read_duration(cell: Any) -> int:
    """Return a length in milliseconds: 1:20:30, 80分钟, 1小时20分, a time cell, or minutes. Raises `InvalidCell`."""
    milliseconds = _parse_milliseconds(cell)
    if milliseconds is None or not 0 <= milliseconds <= LONGEST_MILLISECONDS:
        raise InvalidCell(_("时长，如 1:20:30、80分钟"))
    return milliseconds


def _parse_milliseconds(cell: Any) -> int | None:
    if isinstance(cell, dt.timedelta):
        return cell // dt.timedelta(milliseconds=1)
    if isinstance(cell, dt.time):
        return ((cell.hour * 60 + cell.minute) * 60 + cell.second) * 1000
    text = _spell_plainly(to_halfwidth(cell).lower())
    if clock := _CLOCK.match(text):
        whole = [int(part or 0) for part in clock.groups()]
        return ((whole[0] * 60 + whole[1]) * 60 + whole[2]) * 1000
    if re.fullmatch(_NUMBER, text):
        number = float(text)
        return round(number * 86_400_000) if number < 1 else round(number * 60_000)
    if text and (spelled := _SAID.match(text)):
        hours, minutes, seconds = (float(part or 0) for part in spelled.groups())
        return round(((hours * 60 + minutes) * 60 + seconds) * 1000)
    return None


def _spell_plainly(text: str) -> str:
    """Return a length without words around it and with its numbers in digits: `约1个半小时` is `1小时30分`."""
    text = re.sub(r"^(?:约|大约|共)\s*|\s*(?:左右|\([^()]{0,20}\))$", "", text)
    text = _ISO_8601.sub("", text).replace("”", '"').replace("’", "'").replace("零", "").replace("個", "个")
    text = re.sub(rf"[{_CN}]{{1,6}}", lambda number: _in_digits(number[0]), text)
    for pattern, plain in _HALVES:
        text = pattern.sub(plain, text)
    if frames := _FRAMES.fullmatch(text):
        return frames[1]
    text = text.replace("个", "")
    if unsaid := _UNSAID.search(text):
        text += "分" if re.fullmatch(_HOURS, unsaid[1]) else "秒"
    return text


def _in_digits(number: str) -> str:
    value = read_count(number)
    return number if value is None else str(value)


def read_price(cell: Any) -> str:
    """Return a price with its currency: 12.5, ￥12.50元, 12元5角 and CNY12.50 give `CNY12.50`; what is no number stays
    as said.
    """
    text = to_halfwidth(cell)
    match = _YUAN.fullmatch(_GROUPED.sub("", text)) if text else None
    if match is None or not any(match.groups()):
        return text
    yuan, jiao, fen = (float(part or 0) for part in match.groups())
    return f"CNY{yuan + jiao / 10 + fen / 100:.2f}"
