"""Workbooks that librarians fill in and give back: an empty list, and the rows of a batch that were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from library_server.catalogue.batches.repository import BatchView, EntryView
from library_server.exchange.characters import without_forbidden
from library_server.exchange.headings import GIVEN_BACK, READ_TWICE, TEMPLATE_COLUMNS, field_of
from library_server.exchange.spreadsheet_cells import CELL_LIMIT, shorten_to_cell, utf16_length, workbook_text
from library_server.translations.rendering import Gettext, translate, translate_problems

_CHOICES = {
    "语种": ("中文", "英文", "日文", "俄文"),
    "类型": ("图书", "音频", "讲座", "电影", "戏曲", "故事", "人物", "照片"),
    "使用范围": ("公开", "读者证", "馆内"),
}
_AS_TEXT = ("ISBN", "出版日期", "分类号", "索书号", "拍摄时间", "文件", "记录号")
_EXAMPLES = (
    {"书名": "柑橘栽培手记", "作者": "陈守田 著", "出版社": "湘江农业出版社", "出版日期": "2019-03",
    "ISBN": "9787500000013",
     "分类号": "S666", "主题词": "柑橘；栽培", "语种": "中文", "定价": "32.00", "册数": 2, "馆藏地": "三门镇农家书屋",
     "类型": "图书"},
    {"书名": "选地与开园", "作者": "李月娥 主讲", "文件": "讲座/01 选地.mp4", "时长": "45分钟", "类型": "讲座",
    "专题": "柑橘课"},
    {"书名": "栗雨老街", "文件": "照片/老街.jpg", "拍摄者": "谭素芳", "拍摄时间": "约1978年", "拍摄地点": "栗雨",
    "类型": "照片",
     "使用范围": "公开"},
)  # fmt: skip
_HELP = (
    "一行一种书、一个视频或一张照片。有“文件”的行，说的是那个文件；没有“文件”的行，是纸本，写上册数和馆藏地。",
    "栏目可以删、可以换次序；栏目名写“书名、题名、正题名”都认得。表头上面可以有标题行，下面可以有合计行。",
    "文件：写相对这张表的路径，比如 讲座/01 选地.mp4；从别的电脑拷来的 D:\\资料\\a.epub 也能找到。",
    "时间可以写 1998、1998-05、约1978年、民国二十三年、八十年代。",
    "作者有几个，用顿号或分号隔开，后面写 著、编、译、主讲。",
    "ISBN 一栏请保持“文本”格式，不然表格程序会把它改成 9.78E+12。",
    "记录号、记录版本：新书空着。从目录里导出的表有这两栏，改别的栏目，这两栏不要动。",
    "填好以后：tianyuan ingest 这张表.xlsx",
)
_ROWS = 2000
_HEAD = PatternFill("solid", fgColor="E3DDD0")
_WRONG = PatternFill("solid", fgColor="F2C9C5")


def write_template(path: Path) -> None:
    """An empty list with headings and drop-downs, an example sheet and a page of help."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "书目"
    _write_head(sheet, [name for name, _ in TEMPLATE_COLUMNS])
    for at, (name, width) in enumerate(TEMPLATE_COLUMNS, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = width
        if name in _AS_TEXT:
            for row in range(2, 202):
                sheet.cell(row, at).number_format = "@"
        if name in _CHOICES:
            choice = DataValidation("list", formula1=f'"{",".join(_CHOICES[name])}"', allow_blank=True)
            choice.error, choice.errorTitle = "请从下拉里选一个，或者留空", name
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{_ROWS}")
    example = book.create_sheet("示例")
    _write_head(example, [name for name, _ in TEMPLATE_COLUMNS])
    for example_row in _EXAMPLES:
        example.append([example_row.get(name, "") for name, _ in TEMPLATE_COLUMNS])
    _write_lines(book.create_sheet("填写说明"), _HELP)
    book.save(path)


def write_refused(path: Path, batch: BatchView, refused: Sequence[EntryView], gettext: Gettext = str) -> int:
    """Write the refused rows of a batch as a list to correct and import again, refused files on a second sheet.

    The list itself is Chinese, as all lists are; reasons are translated by `gettext`. Returns the number of rows.

    Cells that were not understood are coloured and say in a comment what was expected. The sheet is read as any list
    is: `问题` and `代码` are passed over, `原表位置` says where files are looked for.
    """
    book = Workbook()
    rows, files = [entry for entry in refused if entry.given], [entry for entry in refused if not entry.given]
    sheet = book.worksheets[0]
    sheet.title = "改好再交"
    cut = 0
    column_of = columns_of_headings([entry.given or {} for entry in rows])
    headings = list(dict.fromkeys(column_of.values()))
    _write_head(sheet, [*headings, *GIVEN_BACK])
    for number, entry in enumerate(rows, 2):
        problems = translate_problems(entry.problems or [], gettext)
        reasons = "；".join(f"{cell['column']}：{cell['expected']}" for cell in problems)
        reasons = reasons or translate(entry.reason or "", gettext)
        given = entry.given or {}
        cells = {column_of[name]: value for name, value in reversed(given.items()) if name in column_of}
        origin = given.get("原表位置") or entry.path
        for at, value in enumerate([*(cells.get(name, "") for name in headings), reasons, entry.code, origin], 1):
            cut += write_text(sheet.cell(number, at), value)
            sheet.cell(number, at).number_format = "@"
        for cell in problems:
            if (column := column_of.get(cell["column"])) is not None:
                wrong = sheet.cell(number, headings.index(column) + 1)
                wrong.fill = _WRONG
                wrong.comment = Comment(shorten_to_cell(without_forbidden(cell["expected"])), "天元")
    for at in range(1, len(headings) + 4):
        sheet.column_dimensions[get_column_letter(at)].width = 22
    other = book.create_sheet("未收的文件")
    _write_head(other, ["路径", "代码", "原因"])
    for number, entry in enumerate(files, 2):
        for at, value in enumerate([entry.path, entry.code, translate(entry.reason or "", gettext)], 1):
            cut += write_text(other.cell(number, at), value)
    _write_lines(book.create_sheet("汇总"), (
        f"批次 {batch.id}", f"开始 {batch.started.astimezone():%Y-%m-%d %H:%M}", f"操作 {batch.actor}",
        *(f"{name} {batch.counts.get(state, 0)}" for state, name in
          (("added", "入库"), ("unchanged", "已有"), ("joined", "并入"), ("rejected", "未收"))),
        *([f"有 {cut} 个格子的字太多，表里放不下，写短了"] if cut else []),
        "改好“改好再交”里有颜色的格子，存盘，再运行：tianyuan ingest 这张表.xlsx",
    ))  # fmt: skip
    book.save(path)
    return len(rows)


def columns_of_headings(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the column of each heading of some rows: lists that call one field by several names share its first
    column.

    Fields of which every column is read keep all of theirs.
    """
    columns: dict[str, str] = {}
    first_of: dict[str, str] = {}
    for heading in dict.fromkeys(name for row in rows for name in row if name not in GIVEN_BACK):
        field = field_of(heading)
        shared = field is not None and field not in READ_TWICE
        columns[heading] = first_of.setdefault(field, heading) if shared and field else heading
    return columns


def _write_head(sheet: Worksheet, names: Sequence[str]) -> None:
    for at, name in enumerate(names, 1):
        write_text(sheet.cell(1, at), name)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(vertical="center")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _write_lines(sheet: Worksheet, lines: Sequence[str]) -> None:
    sheet.column_dimensions["A"].width = 100
    for number, line in enumerate(lines, 1):
        write_text(sheet.cell(number, 1), line)


def write_text(cell: Cell | MergedCell, value: str | None) -> bool:
    """Write text into a cell, never as a formula; returns whether it had to be shortened."""
    text, is_like_formula = workbook_text(value)
    assert isinstance(cell, Cell)
    cell.value = shorten_to_cell(text)
    cell.data_type = "s"
    cell.quotePrefix = is_like_formula
    return utf16_length(text) > CELL_LIMIT
