"""What those who pass files on add to names: `【精校版】`, `(完结)`, `(Z-Library)`, addresses of websites."""

from __future__ import annotations

import re
from collections.abc import Sequence

from library_server.lazy_patterns import lazy_pattern

_FINISHED = (
    r"(?:精校|校对|精排|精修|超清|高清|蓝光|标清|无损|完结|完本|已完结|全文完|全本|未删减?|无删减?|无水印|去水印|无广告)"
    r"(?:全?版|全?本)?"
)
_MADE = (
    rf"(?:{_FINISHED}|(?:高清)?扫描(?:版|件)|文字版|精编版|整理版|最新版|电子[书版]|txt|epub|mobi|azw3|pdf|mp[34]"
    r"|(?:免费|网盘|百度云|全集|打包|txt){0,3}下载|在线阅读|全文阅读)(?:全?版|全?本|全集|格式)?"
)
TOP_LEVEL = r"\.(?:com|net|org|cn|cc|info|me|tv|la|top|xyz)(?:\.cn)?"
ADDRESS = rf"(?:https?://|www\.)[\w.-]{{2,60}}{TOP_LEVEL}(?:/[\w./-]{{0,60}})?"
_PASSED_ON = (
    rf"[\u4e00-\u9fffA-Za-z]{{0,10}}(?:{ADDRESS}|[a-z0-9-]{{2,30}}{TOP_LEVEL})|[\u4e00-\u9fffA-Za-z]{{1,10}}"
    r"(?:论坛|书屋|书吧|书库|小说网|文学网|小说下载网?|字幕组|下载站|电影天堂|影视)(?:首发|出品|整理|制作|提供|下载|转载)?"
    r"|(?:(?:z-?lib|\dlib)[\w.-]{0,20}[\s,，]{0,3}){1,5}|anna['’]?s archive|libgen[\w.]{0,5}"
)
# each of these is matched in one way only: many addresses could be divided in more ways than can be tried
_IN_BRACKETS = (
    rf"[\s_-]*[【\[（(〔]\s*(?>{_PASSED_ON}|(?:{_MADE})[\s+＋、,，&/·|-]*){{1,8}}(?:番外)?\s*[】\]）)〕][\s_-]*"
)
_AT_THE_END = (
    r"(?<=[\u4e00-\u9fff》】)）\w])[\s_.-]*(?:全本|全集|全文|完整版)?[\s_-]*txt(?:全集|全本|免费)*(?:下载|电子书)"
    rf"|[\s_.·-]+(?:{_FINISHED}|txt|\d{{3,4}}p|[48]k)|(?<=[\u4e00-\u9fff]{{2}})(?:全本|精校版|精校全本|高清版|完结版)"
    r"|[\s_.-]+z-?library"
    r"|[\s_.-]*(?:(?:bd|hd|web-?dl|dvdrip|bdrip|hdtv|webrip|x26[45]|h\.?26[45]|hevc|\d{3,4}p)[\s_.-]*){2,6}"
    r"(?:国语|粤语|中英)?(?:中字|双字)?"
)
_OF_ADDRESS = rf"(?:^|(?<=[\s_.-]))(?:[\u4e00-\u9fff]{{0,10}})(?:{ADDRESS})[\s_.-]*"
_OF_SITE = (
    r"\s*[-_—–|]+\s*(?:百度(?:文库|百科|网盘|知道|贴吧)|豆丁网?|道客巴巴|原创力文档|人人文库|知乎|(?:360doc)?个人图书馆|360doc\S{0,8}"
    r"|爱问(?:共享资料|文库)|文档之家|淘豆网|金锄头文库|装配图网|文库大全|新浪(?:博客|爱问|网)|搜狐\S{0,2}|网易\S{0,2}|豆瓣\S{0,2})$"
)
_OF_NOBODY = (
    r"\s*(?:[-_—–]+\s*(?:未知作者|作者不详|佚名|无名氏|unknown(?: author)?)"
    r"|[(（\[【](?:未知作者|作者不详|unknown author)[)）\]】])$"
)
_INNER = (
    (lazy_pattern(_OF_SITE, re.IGNORECASE), ""),
    (lazy_pattern(_OF_NOBODY, re.IGNORECASE), ""),
    *((lazy_pattern(_IN_BRACKETS, re.IGNORECASE), " "), (lazy_pattern(_OF_ADDRESS, re.IGNORECASE), "")),
)
_MARKERS = (*_INNER, (lazy_pattern(rf"(?:{_AT_THE_END})$", re.IGNORECASE), ""))


def without_markers(name: str) -> str:
    """Return the name of a file without what was added to it when it was passed on; one that is nothing else stays."""
    return _without(name, _MARKERS)


def without_inner_markers(title: str) -> str:
    """Return a title without what was added in brackets, and without addresses; one that is nothing else stays."""
    return _without(title, _INNER) if any(pattern.search(title) for pattern, _ in _INNER) else title


def _without(name: str, markers: Sequence[tuple[re.Pattern[str], str]]) -> str:
    bare = name
    for pattern, instead in markers:
        before = ""
        while bare != before:
            before, bare = bare, pattern.sub(instead, bare).strip(" _.-·")
    return bare if re.search(r"\w", bare) else name
