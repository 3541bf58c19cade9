"""Whether a text may be the name of a person or body, where nothing states it: in file names and below titles."""

from __future__ import annotations

import re

from library_server.lazy_patterns import lazy_pattern

_NOT_A_NAME = lazy_pattern(
    r"(?:[版稿册卷页章节回讲课集期辑]|[全抄写刻修改订节]本)$|^(?:全文|封面|封底|图片?|照片?|高清|超清|标清|完整|副本|备份|最终|修订|修改|打印|附件"
    r"|目录|压缩|扫描|彩色|黑白|清晰|文字|正文|横排|竖排|繁体|简体|电子书?|作业|答案|资料|题库|课件|未知|佚名)"
    r"|\b(?:final|draft|version|copy|page|scan|edition|volume|part|vol|chapter|report|burst|hdr|pano|edited|compressed"
    r"|backup|cover|index|contents|notes|new|old)\b",
    re.IGNORECASE,
)
_LEGAL_FORM = lazy_pattern(r"(?:inc|ltd|llc|corp|co|gmbh|s\.a|jr|sr|ph\.?d|m\.?d|i{2,3}|iv)\.?", re.IGNORECASE)
_CHINESE_NAME = lazy_pattern(
    r"(?:[\[(（〔【][^\])）〕】]{1,6}[\])）〕】])?[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af·•・、，,\s]{2,20}"
)
_LATIN_WORD = r"(?:[A-ZÀ-ÞА-Я](?:[^\W\d_]|['’.-])*)"
_LATIN_NAME = lazy_pattern(
    rf"{_LATIN_WORD}(?:,? (?:(?:de|da|van|von|der|la|le|del|di|bin|al|y) )*{_LATIN_WORD}){{0,4}}"
)
# the surnames of all but a few in a hundred people, by how many bear them
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷"
    "施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳"
    "盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕"
    "晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽"
    "井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥保和蔺楼肖闫佘麦庾巴宣"
)
_LONG_SURNAMES = (
    "欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "令狐", "夏侯", "尉迟", "公孙", "慕容", "长孙", "端木",
    "轩辕", "宇文", "独孤", "南宫", "东郭", "百里", "呼延", "闻人",
)  # fmt: skip


def is_chinese_person(text: str) -> bool:
    """Return whether two or three characters, four behind a surname of two, may be the name of a Chinese person."""
    given = 2 if text.startswith(_LONG_SURNAMES) else 1
    return (given == 2 or text[:1] in _SURNAMES) and 1 <= len(text) - given <= 2


def is_name(text: str, *, one_word: bool) -> bool:
    """Return whether a text may be the name of a person or body, and says no version, part or kind of a file.

    A Latin name of one word may be any word; it is accepted with `one_word`.
    """
    if _NOT_A_NAME.search(text):
        return False
    return bool(_CHINESE_NAME.fullmatch(text) or (_LATIN_NAME.fullmatch(text) and (one_word or " " in text)))


_BETWEEN = lazy_pattern(r"\s*[;；]\s*")
_JOINED = lazy_pattern(r"\s*&\s*|\s+and\s+")
_COMMA = lazy_pattern(r"\s*[,，]\s*(?:and\s+)?")
_PARTICLES = frozenset(("de", "da", "van", "von", "der", "la", "le", "del", "di", "bin", "al", "y", "st.", "mac", "mc"))
_MOST_GIVEN = 3  # words of a given name


def split_latin_names(text: str) -> list[str]:
    """Return the names in one value, where they are not in Chinese: `Knuth, Donald E.` is one, with the family first.

    Semicolons stand between names, commas and `and` where what is on their sides are names.
    """
    names: list[str] = []
    for piece in _BETWEEN.split(text):
        joined = _JOINED.split(piece)
        if not all(is_name(part, one_word=False) for part in joined):
            joined = [piece]  # `Department of Trade and Industry`
        for part in joined:
            names += [part] if _is_inverted(part) else _COMMA.split(part)
    return list(dict.fromkeys(name for part in names if (name := part.strip(" ,，;；"))))


def _is_inverted(text: str) -> bool:
    """Return whether a text is one name whose family name comes first, or a body with its legal form."""
    parts = _COMMA.split(text.strip())
    if len(parts) != 2:
        return False
    family, given = (part.split() for part in parts)
    is_family = len([word for word in family if word.lower() not in _PARTICLES]) == 1
    return (is_family and 0 < len(given) <= _MOST_GIVEN) or _LEGAL_FORM.fullmatch(parts[1]) is not None
