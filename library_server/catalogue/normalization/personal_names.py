"""Whether a text may be the name of a person or body, where nothing states it: in file names and below titles."""

from __future__ import annotations

import re

_NOT_A_NAME = re.compile(
    r"(?:[版稿册卷页章节回讲课集期辑]|[全抄写刻修改订节]本)$|^(?:全文|封面|封底|图片?|照片?|高清|超清|标清|完整|副本|备份|最终|修订|修改|打印|附件"
    r"|目录|压缩|扫描|彩色|黑白|清晰|文字|正文|横排|竖排|繁体|简体|电子书?|作业|答案|资料|题库|课件|未知|佚名)"
    r"|\b(?:final|draft|version|copy|page|scan|edition|volume|part|vol|chapter|report|burst|hdr|pano|edited|compressed"
    r"|backup|cover|index|contents|notes|new|old)\b",
    re.IGNORECASE,
)
_CHINESE_NAME = re.compile(
    r"(?:[\[(（〔【][^\])）〕】]{1,6}[\])）〕】])?[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af·•・、，,\s]{2,20}"
)
_LATIN_WORD = r"(?:[A-ZÀ-ÞА-Я](?:[^\W\d_]|['’.-])*)"
_LATIN_NAME = re.compile(rf"{_LATIN_WORD}(?:,? (?:(?:de|da|van|von|der|la|le|del|di|bin|al|y) )*{_LATIN_WORD}){{0,4}}")


def is_name(text: str, *, one_word: bool) -> bool:
    """Return whether a text may be the name of a person or body, and says no version, part or kind of a file.

    A Latin name of one word may be any word; it is accepted with `one_word`.
    """
    if _NOT_A_NAME.search(text):
        return False
    return bool(_CHINESE_NAME.fullmatch(text) or (_LATIN_NAME.fullmatch(text) and (one_word or " " in text)))
