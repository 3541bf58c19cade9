"""Labels at the beginning of values: `作者：孔子及弟子`, `书名：论语`, `Author: Ada Lovelace`."""

from __future__ import annotations

import re

from library_server.catalogue.enums import CreatorRole
from library_server.lazy_patterns import lazy_pattern

_LABELS = {
    "title": "书名|題名|题名|正题名|标题|標題|名称|片名|歌名|曲名|篇名|(?:book )?title",
    "publisher": "出版社|出版者|出版单位|出版發行|出版发行|出版|publisher|published by",
    "abstract": "内容简介|內容簡介|内容提要|简介|簡介|摘要|提要|abstract|summary|description",
    "subject": "关键词|關鍵詞|关键字|主题词|主题|标签|keywords?|subjects?|tags?",
}
_CREATORS = {
    CreatorRole.AUTHOR: "作者|著者|原著|撰文|撰稿|责任者|文|authors?|written by|by",
    CreatorRole.COMPOSER: "作曲|曲|谱曲|composers?|(?:music|composed) by",
    CreatorRole.LYRICIST: "作词|填词|词(?![/／]曲)|lyricists?|(?:lyrics|words) by",
    CreatorRole.EDITOR: "主编|副主编|编者|编著|编辑|编写|整理|editors?|edited by",
    CreatorRole.TRANSLATOR: "译者|翻译|译|translators?|translated by",
    CreatorRole.LECTURER: "主讲人?|讲师|授课|lecturer|speaker",
    CreatorRole.DIRECTOR: "导演|编导|director|directed by",
    CreatorRole.PERFORMER: "主演|演员|演唱|表演|歌手|演出|artist|performer|performed by",
    CreatorRole.NARRATOR: "播讲|朗读|演播|讲述人?|口述|narrator|read by",
    CreatorRole.CONTRIBUTOR: "绘图者?|绘画|绘者|绘|插图|插画|配图|配画|编绘|校对|校|审校|审订|编曲|题字"
    "|illustrators?|illustrated by",
    CreatorRole.PHOTOGRAPHER: "摄影师?|拍摄者?|图|photo(?:grapher| by)?",
}
_WORDS_AND_MUSIC = (
    "作?词[/／、&]?(?:作曲|曲)(?:作者)?|songwriters?"
    "|(?:words|lyrics) (?:and|&) music by|music (?:and|&) (?:words|lyrics) by"
)
LABELLED = ("title", "publisher", "abstract")
"""The fields of a description that hold one value each and may have a label before it."""


def _compile_label(words: str, ends: str = "[:：∶︰]") -> re.Pattern[str]:
    spaced = re.sub(r"([\u4e00-\u9fff])(?=[\u4e00-\u9fff])", r"\1[ \\u3000]{0,4}", words)
    return lazy_pattern(rf"[【\[]?(?:{spaced})[】\]]?\s{{0,4}}{ends}\s*", re.IGNORECASE)


_FIELDS = {name: _compile_label(words) for name, words in _LABELS.items()}
_ROLES: dict[tuple[CreatorRole, ...], re.Pattern[str]] = {
    (CreatorRole.LYRICIST, CreatorRole.COMPOSER): _compile_label(_WORDS_AND_MUSIC, "[:：∶︰/／]"),
    **{(role,): _compile_label(words, "[:：∶︰/／]") for role, words in _CREATORS.items()},
}


def without_label(text: str, field: str) -> str:
    """Return a value of this field (`title`, `publisher`, `abstract`, `subject`) without the label before it."""
    label = _FIELDS[field].match(text)
    return text[label.end() :].strip() if label else text


def creator_without_label(text: str) -> tuple[str, CreatorRole | None]:
    """Return a name without the label before it, and the role that the label says; the music of words and music."""
    name, roles = roles_without_label(text)
    return name, roles[-1] if roles else None


def roles_without_label(text: str) -> tuple[str, tuple[CreatorRole, ...]]:
    """Return a name without the label before it, and the roles that the label says: two for words and music."""
    for roles, pattern in _ROLES.items():
        if label := pattern.match(text):
            return text[label.end() :].strip(), roles
    return text, ()
