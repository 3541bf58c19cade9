"""The names of the fields of a record, and of what else a revision changes, as librarians call them."""

from __future__ import annotations

from library_server.translations.message_catalogs import gettext_noop as _
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
    "merge": _("合并"),
    "kept": _("留下的"),
    "gone": _("并入的"),
    "roles": _("内容"),
    "revision": _("修改"),
    "cover": _("封面"),
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
    "whole": _("所属的书刊、整套"),
    "is_component_part": _("是书刊里的一篇"),
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


def field_name(field: str, gettext: Gettext) -> str:
    """Return the name of a field in the language of `gettext`; the field itself where it has none."""
    name = _FIELD_NAMES.get(field)
    return field if name is None else gettext(name)
