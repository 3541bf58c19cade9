"""The fields of a record as the command line calls them."""

from __future__ import annotations

FIELD_NAMES = {
    "title": "题名", "other_titles": "其他题名", "creators": "作者", "publisher": "出版社", "place": "出版地",
    "date": "时间",
    "language": "语种", "isbn": "ISBN", "clc": "分类号", "subjects": "主题", "abstract": "简介", "series": "丛书",
    "kind": "种类",
    "part_number": "集次", "place_covered": "地点", "time_covered": "年代", "rights": "版权", "access": "使用范围",
    "statements": "其他著录", "status": "状态", "withdrawn_reason": "收回原因", "extent": "篇幅", "duration_ms": "时长",
    "downloadable": "可下载", "copies": "册数", "shelf_mark": "索书号", "original": "原件", "merge": "合并",
    "kept": "留下的",
    "gone": "并入的", "roles": "内容", "revision": "修改",
}  # fmt: skip
