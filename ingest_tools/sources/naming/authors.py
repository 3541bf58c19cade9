"""Authors as they stand in names of books: `水乡旧事 作者：柳青青`, `水乡旧事（柳青青 著）`, `水乡旧事 by 陈水生`."""

from __future__ import annotations

from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.lazy_patterns import lazy_pattern

_LABELLED = lazy_pattern(
    r"(?P<title>.*?[^\s_,，(（【\[\-])[\s_,，\-]*[(（【\[]?(?:作者|著者)\s*[:：]\s*(?P<name>[^()（）【】\[\]:：]{2,40}?)\s*[)）】\]]?"
)
_IN_BRACKETS = lazy_pattern(
    r"(?P<title>.*\S)\s*[(（【\[](?P<name>[^()（）【】\[\]:：]{2,30}?)\s*(?:编著|原著|[著撰])[)）】\]]"
)
_BY = lazy_pattern(r"(?P<title>.*\S)[\s_]+by[\s_]+(?P<name>\S{2,20})")
_BEFORE = lazy_pattern(r"[【\[](?P<name>[\u4e00-\u9fff]{3,4})[\]】]\s*(?P<title>\S.*)")
_GENRES = lazy_pattern(r".*[机学书类版文史部集篇语游戏经法卷册典谱志话诗词曲剧]$")


def split_author(stem: str) -> tuple[str, str] | None:
    """Return the title and the author that a name states; None where it states none.

    What stands in brackets before the title is an author only where it can hardly be anything else.
    """
    for pattern in (_LABELLED, _IN_BRACKETS):
        if (match := pattern.fullmatch(stem)) and is_name(name := match["name"].strip(), one_word=True):
            return match["title"].strip(), name
    if (match := _BY.fullmatch(stem)) and is_chinese_person(match["name"]):
        return match["title"].strip(), match["name"]
    match = _BEFORE.fullmatch(stem)
    if match and is_chinese_person(match["name"]) and not _GENRES.fullmatch(match["name"]):
        return match["title"].strip(), match["name"]
    return None
