"""What people and programs write, and what nobody should: text with every oddity that a reader has met."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

# digits that are no decimal digits, digits of other scripts, controls, lone surrogates, marks, joiners, separators
_ODD = (
    "²①፩٣৩０９〇零十百元ﷺ👨👩🇨🇳\x00\t\n\r\x0b\x0c\x1b\x1d\x1e\x1f"
    "\x85\u2028\u200b\u200d\u202e\ufeff\ufffd\ud800\udcb8\udfff\u0301"
)
_MARKS = "年月日号世纪代春夏秋冬约民国至到—－~/%?XYSuTZ.-:：;；,，、|#《》「」()（）[]{}<>\"'“”‘’=+@*&!_ \u3000"
TOKENS = [
    "民国", "二十三年", "十", "百", "约", "1998", "1998-05", "-0220", "Y99999", "199X", "../", "第", "讲",
    "章", "ISBN", "978", "：", "；", "--", "著", "主编", "等", "zh", "chi", "中文", "x-", "S666", "CLC ",
    "￥", "元", "册", "分钟", "小时", "e308", "E+12", "inf", "nan", "0x", "\r\n", "---\n", "title: ",
    "!!int ", "&a ", "00:00:01,000 --> ", "WEBVTT", "bytes=", "W/\"", "q=0.", "*", "%00", "%ff",
    "%C0%AF", "\\", "'", "=1+1", "@",
]  # fmt: skip

texts: st.SearchStrategy[str] = st.one_of(
    st.text(max_size=120),
    st.text(st.characters(exclude_categories=()), max_size=60),  # surrogates included
    st.text(_ODD + _MARKS + "0123456789abXy书名", max_size=80),
    st.lists(st.sampled_from(TOKENS) | st.text(_ODD + _MARKS, max_size=3), max_size=14).map("".join),
    st.builds(lambda piece, count: piece * count, st.sampled_from(TOKENS) | st.characters(), st.integers(1, 6000)),
)
"""Any text: short and mixed, or one piece many times."""

clean_texts: st.SearchStrategy[str] = texts.map(lambda text: text.encode("utf-8", "replace").decode())
"""Text that a file in UTF-8 may hold."""

floats = st.floats() | st.sampled_from([float("inf"), -float("inf"), float("nan"), 1e308, 5e-324, -0.0, 1e15, 36526.0])
integers = st.integers() | st.sampled_from([0, -1, 2**31, -(2**31) - 1, 2**63, 10**30, 10**4000])
moments = st.datetimes() | st.sampled_from([dt.datetime.min, dt.datetime.max])
spans = st.timedeltas() | st.sampled_from([dt.timedelta.min, dt.timedelta.max])
cells: st.SearchStrategy[Any] = st.one_of(
    texts,
    floats,
    integers,
    st.none(),
    st.booleans(),
    moments,
    st.dates(),
    st.times(),
    spans,
    st.binary(max_size=40),
    st.builds(dict),
    st.lists(texts, max_size=2),
)
"""Whatever a reader of workbooks may find in a cell, and more."""

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
