"""The headings of librarians' lists, Chinese or English, in the spellings that are really used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from library_server.catalogue.normalization.characters import fold_characters

_SPELLINGS: dict[str, str] = {
    "title": "书名 题名 正题名 名称 标题 片名 剧名 节目名 题目 图书名称 书籍名称 资源名称 课程名称 照片名称 title name",
    "subtitle": "副题名 副书名 副标题 其他题名信息 subtitle",
    "other_titles": "又名 别名 并列题名 其他题名 alternative_title",
    "creators": "作者 责任者 著者 作者姓名 第一责任者 主要责任者 其他责任者 第二责任者 第二作者 著作者 作者译者 "
    "著作责任者 author authors creator creators",
    "composers": "作曲 作曲者 曲作者 composer composers",
    "lyricists": "作词 作词者 词作者 lyricist lyricists",
    "editors": "编者 主编 编著者 editor editors",
    "translators": "译者 翻译 translator translators",
    "lecturers": "主讲人 主讲 讲师 主讲教师 主讲老师 授课人 lecturer speaker",
    "directors": "导演 director",
    "performers": "主演 演员 演出者 演出单位 表演者 performer performers cast",
    "photographers": "拍摄者 摄影 摄影者 摄影师 拍摄人 photographer",
    "narrators": "讲述人 讲述者 朗读者 播讲人 播讲 口述人 narrator",
    "publisher": "出版社 出版者 出版单位 出版发行者 出版机构 制作单位 发行单位 publisher publishercode",
    "imprint": "出版发行项 出版项 出版发行 出版发行信息 出版信息 imprint publication",
    "place": "出版地 place_of_publication",
    "date": "出版日期 出版时间 出版年 出版年月 出版年份 年份 日期 时间 制作时间 发行时间 date year published "
    "publication_year year_of_publication publication_date date_published pubdate copyrightdate",
    "taken": "拍摄时间 拍摄日期 拍摄年代 摄于 date_taken taken",
    "taken_at": "拍摄地点 拍摄地 地点 place location",
    "edition": "版次 版本 版本说明 edition",
    "isbn": "isbn isbn号 isbn书号 国际标准书号 书号 标准书号 isbn13 isbn-13 条码isbn",
    "clc": "分类号 中图分类号 中图法分类号 中图分类 分类 类号 中图法 clc class classification",
    "subjects": "主题词 关键词 主题 标签 关键字 subject subjects keywords tags",
    "abstract": "内容简介 摘要 简介 内容提要 提要 内容摘要 说明 内容介绍 剧情简介 "
    "abstract summary description comments",
    "contents": "目录 目次 contents",
    "series": "丛书名 丛书 系列 丛编 丛编题名 丛书题名 series",
    "series_number": "丛书号 丛编号 卷册 卷次 册次 series_number series_index volume",
    "language": "语种 语言 文种 正文语种 language languages",
    "price": "定价 价格 单价 价钱 码洋 price",
    "pages": "页数 页码 页 pages",
    "size": "开本 尺寸 规格 size",
    "binding": "装帧 binding",
    "copies": "册数 复本数 复本 数量 本数 复本量 馆藏册数 入藏册数 copies quantity",
    "held_at": "馆藏地 服务点 馆藏地点 收藏单位 馆藏单位 书屋 农家书屋 所在地 藏书点 存放地点 分馆 "
    "holding_place library branch homebranch",
    "shelf_mark": "索书号 排架号 书架号 架位 shelf_mark call_number itemcallnumber",
    "barcode": "条码 条码号 条形码 登录号 财产号 图书条码 barcode",
    "file": "文件 文件名 路径 文件路径 数字文件 文件名称 文件地址 电子文件 file filename path file_path",
    "duration": "时长 片长 播放时长 长度 duration length",
    "collections": "专题 专题名称 所属专题 栏目 collection collections",
    "number": "集数 讲次 期数 序次 第几讲 第几集 episode lesson",
    "course": "课程 所属课程 系列课程 course",
    "rights": "版权 版权说明 授权 版权信息 rights copyright licence license",
    "access": "使用范围 权限 访问权限 开放范围 access 使用权限 阅读权限 阅览权限 借阅权限 阅览范围 阅读范围 借阅范围 "
    "公开范围 公开程度 密级 保密级别 保密等级 access_rights access_level dcterms:accessrights",
    "is_public": "是否公开 是否对外公开 是否开放 可否公开 公开与否 is_public public",
    "rights_access": "版权/使用范围 使用范围/版权 版权与使用范围 版权和使用范围",
    "kind": "类型 资料类型 资源类型 载体类型 文献类型 kind type",
    "notes": "备注 附注 注释 note notes remarks",
    "url": "网址 链接 url link",
    "origin": "原表位置",
    "record_id": "记录号 record_id",
    "record_version": "记录版本 record_version",
}  # fmt: skip
FIELD_OF: dict[str, str] = {
    re.sub("[_:]", "", spelling): field for field, spellings in _SPELLINGS.items() for spelling in spellings.split()
}
LONGEST_HEADING = 200
_FILE_NAME = re.compile(r"[^.]\.[a-z0-9]*[a-z][a-z0-9]*$")
_KEY_FIELDS = frozenset({"title", "file"})
# the columns of our own lists and exports, with their widths in characters
TEMPLATE_COLUMNS = (
    ("书名", 34), ("作者", 22), ("出版社", 22), ("出版日期", 12), ("ISBN", 18), ("分类号", 12), ("主题词", 24),
    ("内容简介", 40),
    ("丛书名", 18), ("语种", 10), ("定价", 10), ("册数", 8), ("馆藏地", 20), ("索书号", 14), ("文件", 34), ("时长", 10),
    ("类型", 10), ("拍摄者", 14), ("拍摄时间", 14), ("拍摄地点", 18), ("专题", 18), ("使用范围", 12), ("版权", 18),
    ("备注", 24), ("记录号", 20), ("记录版本", 10),
)  # fmt: skip
GIVEN_BACK = ("问题", "代码", "原表位置")
"""The columns at the end of a list of refused rows, see `workbooks.write_refused`: its others may mean no field."""
PASSED_OVER = frozenset(
    ("序号", "编号", "no", "id", "问题", "代码", "原因", "biblionumber", "uuid", "timestamp", "rating", "cover",
     "formats", "identifiers", "authorsort", "titlesort", "libraryname", "评分", "豆瓣链接")
)  # fmt: skip


def field_of(heading: Any) -> str | None:
    """Return the field that a heading means; None where it is not known. `定价（元）` and `＊书 名：` are read rightly.

    The name of a file is no heading, whatever folder it names: `文件/三国演义.epub`.
    """
    return _field_of(_text_of(heading))


@lru_cache(maxsize=4096)  # package documents have the same few names throughout
def _field_of(heading: str) -> str | None:
    bare = bare_heading(heading)
    if _FILE_NAME.search(bare):
        return None
    spellings = (bare, re.sub(r"[(\[].*?[)\]]", "", bare), *re.findall(r"[(\[](.*?)[)\]]", bare), *bare.split("/"))
    return next((FIELD_OF[spelling] for spelling in spellings if spelling in FIELD_OF), None)


@lru_cache(maxsize=1024)
def is_passed_over(heading: str) -> bool:
    """Return whether a heading is known to say nothing of a record."""
    return bare_heading(heading) in PASSED_OVER


def bare_heading(heading: Any) -> str:
    """Return a heading in half width, simplified and lower case, without spaces, stars and colons."""
    return re.sub(r"[\s*:：_'\"　]+", "", fold_characters(_text_of(heading)))


def _text_of(heading: Any) -> str:
    return str(heading if heading is not None else "")[:LONGEST_HEADING]


ACCESS_FIELDS = frozenset({"access", "is_public", "rights_access"})
PEOPLE_FIELDS = frozenset(
    (
        "creators",
        "editors",
        "translators",
        "lecturers",
        "directors",
        "performers",
        "photographers",
        "narrators",
        "composers",
        "lyricists",
    )
)
READ_TWICE = ACCESS_FIELDS | PEOPLE_FIELDS | {"file", "subjects", "notes", "other_titles"}
"""The fields of which every column is read: those that restrict access, and those that take several values."""


def columns_of(row: Sequence[Any]) -> dict[int, str] | None:
    """Return the fields of a heading row by column; None for a row that is no heading row.

    A heading row names the title or the file and something else, and most of its cells are headings. Of two columns of
    one field the first counts; those that name the file, restrict access or take several values are all read.
    """
    filled = [(at, cell) for at, cell in enumerate(row) if bare_heading(cell)]
    columns: dict[int, str] = {}
    for at, cell in filled:
        field = field_of(cell)
        if field is not None and (field in READ_TWICE or field not in columns.values()):
            columns[at] = field
    known = len(columns) + sum(bare_heading(cell) in PASSED_OVER for _, cell in filled)
    is_given_back = {bare_heading(cell) for _, cell in filled}.issuperset(GIVEN_BACK)
    if not _KEY_FIELDS & set(columns.values()) or (known * 2 < len(filled) and not is_given_back):
        return None
    return columns if len(columns) >= 2 or len(filled) == 1 else None
