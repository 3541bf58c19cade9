"""Fields of records and their values in the words of a reader, whichever face shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from library_server.translations.catalogues import mark as _
from library_server.translations.rendering import Gettext

_FIELD_NAMES = {
    "title": _("题名"),
    "other_titles": _("其他题名"),
    "creators": _("作者"),
    "publisher": _("出版社"),
    "place": _("出版地"),
    "date": _("时间"),
    "language": _("语种"),
    "isbn": "ISBN",
    "clc": _("分类号"),
    "subjects": _("主题"),
    "abstract": _("简介"),
    "series": _("丛书"),
    "kind": _("种类"),
    "part_number": _("集次"),
    "place_covered": _("地点"),
    "time_covered": _("年代"),
    "rights": _("版权"),
    "access": _("使用范围"),
    "statements": _("其他著录"),
    "status": _("状态"),
    "withdrawn_reason": _("收回原因"),
    "extent": _("篇幅"),
    "duration_ms": _("时长"),
    "downloadable": _("可下载"),
    "copies": _("册数"),
    "shelf_mark": _("索书号"),
    "original": _("原件"),
    "cover": _("封面"),
    "merge": _("合并"),
    "kept": _("留下的"),
    "gone": _("并入的"),
    "roles": _("内容"),
    "revision": _("修改"),
    "collections": _("专题"),
    "title_parts": _("题名各部分"),
    "series_parts": _("丛书各部分"),
    "classes": _("各分类号"),
    "agents": _("责任者"),
    "responsibility": _("责任说明"),
    "isbns": _("ISBN、装帧和定价"),
    "topics": _("主题类型"),
    "parallel_titles": _("并列题名"),
    "notes": _("附注"),
    "contents": _("目录"),
    "whole": _("所属整套"),
    "urls": _("网址"),
    "barcodes": _("条码"),
    "edition": _("版次"),
    "pages": _("页数"),
    "illustrations": _("图"),
    "size": _("开本"),
    "accompanying": _("附件"),
    "original_language": _("原文语种"),
    "country": _("出版国"),
    "agency": _("编目机构"),
    "control_number": _("控制号"),
}


_WORDS = {
    "creators": {
        "author": _("著"), "editor": _("编"), "translator": _("译"), "lecturer": _("主讲"), "director": _("导演"),
        "performer": _("演出"), "photographer": _("摄"), "narrator": _("播讲"), "contributor": "",
    },
    "kind": {
        "book": _("图书"), "audio": _("有声"), "lecture": _("讲座"), "film": _("影片"), "performance": _("戏曲"),
        "story": _("故事"), "person": _("人物"), "photo": _("照片"),
    },
    "access": {"public": _("公开"), "members": _("读者证可看"), "premises": _("到馆可看")},
    "status": {"draft": _("未公开"), "published": _("公开"), "withdrawn": _("已收回")},
}  # fmt: skip


def field_name(field: str, gettext: Gettext) -> str:
    """A field as librarians call it; the name itself of one that has none."""
    return gettext(_FIELD_NAMES.get(field, field))


def value_text(field: str, value: Any, gettext: Gettext) -> str:
    """A value of a field (JSON) in one line, nothing as nothing: never a bracket or a name of the program."""
    if isinstance(value, dict):
        parts = [" ".join(filter(None, (name, value_text("", part, gettext)))) for name, part in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [_joined(field, part, gettext) for part in value]
    else:
        parts = [_word(field, value, gettext)]
    return gettext(_("；")).join(filter(None, parts))


def _joined(field: str, part: Any, gettext: Gettext) -> str:
    """An item of a list; one with parts of its own (a name with its role, an ISBN with its price) divided by spaces."""
    parts: Sequence[Any] = part if isinstance(part, (list, tuple)) else [part]
    words = [value_text("", one, gettext) if isinstance(one, (list, tuple)) else _word(field, one, gettext)
             for one in parts if not isinstance(one, bool)]  # fmt: skip
    return " ".join(filter(None, words))


def _word(field: str, value: Any, gettext: Gettext) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext(_("是") if value else _("否"))
    word = _WORDS.get(field, {}).get(str(value))
    return gettext(word) if word else "" if word == "" else str(value)
