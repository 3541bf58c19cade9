"""What a list restricts stays restricted, also where a part of the list is unusual."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists import spreadsheet
from ingest_tools.sources.lists.manifest import find_file
from library_server.exchange.headings import FIELD_OF, field_of
from library_server.library import Library
from tests.factories.spreadsheets import ods_row, ods_workbook, workbook
from tests.support.libraries import ingest
from tests.support.lists import read_rows
from tests.support.records import records_by_title

HEADING = ["书名", "文件", "使用范围"]


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    folder = tmp_path / "盘"
    folder.mkdir()
    return folder


def write(path: Path, words: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words * 20, "utf-8")
    return path


@pytest.mark.parametrize(
    "row", [["Summer Stories", "总计划.txt", "馆内"], ["合计", "总计划.txt", ""], ["总计", "", "馆内"], ["总数之学"]]
)
def test_a_row_that_begins_with_the_word_for_a_sum_is_read(tmp_path: Path, row: list[str]) -> None:
    rows = list(read_rows(workbook(tmp_path / "清单.xlsx", HEADING, row)))
    assert [row_read.bibliographic.title for row_read in rows] == row[:1]


@pytest.mark.parametrize("word", ["合 计", "合计：", "总计（册）", "小计 3 册", "Total:", "SUM 12", "共计（元）"])
def test_rows_of_sums_are_passed_over(tmp_path: Path, word: str) -> None:
    heading = [*HEADING, "定价", "册数"]
    path = workbook(tmp_path / "清单.xlsx", heading, ["柑橘", "a.txt", "", 5, 1], [word, None, None, 5, 1])
    assert [row.bibliographic.title for row in read_rows(path)] == ["柑橘"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_merged_cells_of_a_table_that_does_not_begin_in_the_first_column(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"清单.{suffix}"
    if suffix == "xlsx":
        rows = [None, *HEADING], [None, "甲", "a.txt", "馆内"], [None, "乙", "b.txt"]
        workbook(path, [], *rows, merged=("D3:D4",))
    else:
        first = ods_row("甲", "a.txt", "馆内").replace(
            '<table:table-cell office:value-type="string" table:number-columns-repeated="1"><text:p>馆内',
            '<table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>馆内',
        )
        body = ods_row(*HEADING) + first + ods_row("乙", "b.txt")
        body = re.sub(r"(<table:table-row[^>]*>)", r"\1<table:table-cell/>", body)
        ods_workbook(path, f'<table:table table:name="一">{body}</table:table>')
    assert [row.bibliographic.access for row in read_rows(path)] == ["premises", "premises"]


def test_rows_are_numbered_from_the_first_of_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "清单.xlsx", [], [], HEADING, ["甲", "a.txt", "馆内"])
    assert [row.locator.number for row in read_rows(path)] == [4]


@pytest.mark.parametrize("named", ["卷1/a.txt", "D:\\x\\vol\\a.txt", "d:\\Y\\é\\a.txt"])
def test_alike_names_of_the_whole_path_come_before_a_shorter_path(tmp_path: Path, named: str) -> None:
    folder = {"卷": "卷１", "D": "Vol", "d": "e\u0301"}[named[0]]
    expected = write(tmp_path / folder / "a.txt", "真的。")
    write(tmp_path / "a.txt", "别的。")
    assert find_file(named, [tmp_path]) == expected


def test_of_several_alike_paths_none_is_guessed(tmp_path: Path) -> None:
    for name in ("A/a.txt", "Ａ/a.txt", "a.txt"):
        write(tmp_path / name, name)
    with pytest.raises(RejectedError) as refused:
        find_file("a/a.txt", [tmp_path])
    assert refused.value.code == "file_missing"


@pytest.mark.parametrize("named", ["a/" * 64 + "x.txt", "a" * 4097, "a/" * 15_000 + "x.txt"])
def test_a_path_too_long_to_be_one_is_a_bad_cell(library: Library, disk: Path, named: str) -> None:
    write(disk / "x.txt", "只给馆内的正文")
    (disk / "清单.csv").write_text(f"书名,文件,使用范围\n观察,{named},馆内\n", "utf-8")
    report = ingest(library, disk)
    assert (report.added, {row["code"] for row in report.rejections}) == (0, {"bad_cells", "list_refused"})
    with pytest.raises(RejectedError):
        find_file(named, [disk])


@pytest.mark.slow
def test_the_file_of_a_row_too_large_for_a_message_waits(library: Library, disk: Path) -> None:
    write(disk / "b.txt", "只给馆内的正文")
    read = ["书名", "文件", "使用范围", "isbn", "clc", "copies", "duration", "language", "number", "kind", "date",
            "taken", "is_public", "rights_access", "record_id", "record_version", "origin"]  # fmt: skip
    others = {field: heading for heading, field in FIELD_OF.items() if field not in {*map(field_of, read)}}
    cells = ["\U00020000" * 19_990 + str(number) for number in range(len(others))]
    lines = [",".join([*HEADING, *others.values()]), ",".join(["乙", "b.txt", "馆内", *cells])]
    (disk / "清单.csv").write_text("\n".join(lines), "utf-8")
    report = ingest(library, disk)
    assert (report.added, {row["code"] for row in report.rejections}) == (0, {"too_large", "row_refused"})


def sheets(path: Path, hidden: str = "", **pages: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in pages.items():
        page = book.create_sheet(name)
        page.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            page.append(row)
    book.save(path)


@pytest.mark.parametrize("name", ["汇总", "说明", "选项", "未收的文件", "藏"])
@pytest.mark.slow
def test_a_hidden_sheet_or_one_of_help_that_names_files_is_read(library: Library, disk: Path, name: str) -> None:
    write(disk / "b.txt", "只给馆内的正文")
    sheets(disk / "清单.xlsx", "藏", 一=[HEADING], **{name: [HEADING, ["乙", "b.txt", "馆内"]]})
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 0)
    assert {record.access for record in records_by_title(library).values()} == {"premises"}


@pytest.mark.parametrize("name", ["汇总", "示例", "藏", "另一页"])
@pytest.mark.slow
def test_files_named_in_a_sheet_that_is_not_read_wait(library: Library, disk: Path, name: str) -> None:
    for named in ("a.txt", "b.txt", "c.txt", "d.txt"):
        write(disk / named, named)
    page = [["甲号", "归口"], ["见 x", "c.txt、深/b.txt"]]
    example = [HEADING, ["乙", "b.txt", "馆内"], ["丙", "c.txt", ""]]
    pages = {"一": [HEADING, ["甲", "a.txt", ""]], name: example if name == "示例" else page}
    sheets(disk / "清单.xlsx", "藏", **pages)
    report = ingest(library, disk)
    codes = [(Path(row["path"]).name, row["code"]) for row in report.rejections]
    assert codes == [("b.txt", "list_refused"), ("c.txt", "list_refused"), ("清单.xlsx", "part_unread")]
    assert set(records_by_title(library)) == {"甲", "d"}


def test_the_files_refused_before_do_not_wait_for_the_list_handed_back(library: Library, disk: Path) -> None:
    write(disk / "b.txt", "改好的正文")
    page = [["路径", "代码", "原因"], [str(disk / "b.txt"), "damaged", "坏了"]]
    sheets(disk / "清单.xlsx", 改好再交=[HEADING, ["纸本", "", ""]], 未收的文件=page)
    assert ingest(library, disk).rejected == 0


def test_a_row_after_many_empty_ones_is_read(tmp_path: Path) -> None:
    path = tmp_path / "清单.csv"
    path.write_text("书名,文件\n甲,a.txt\n" + ",,\n" * 5001 + "乙,b.txt\n", "utf-8")
    assert [row.file for row in read_rows(path)] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("separator", "，|、；")
def test_text_with_a_rare_separator(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "清单.csv"
    rows = (["书单, 一九九八, 天元"], HEADING, ["乙", "b.txt", "馆内"])
    path.write_text("".join(separator.join(row) + "\n" for row in rows), "utf-8")
    assert [(row.file, row.bibliographic.access) for row in read_rows(path)] == [("b.txt", "premises")]


@pytest.mark.parametrize("separator", "，|、；")
@pytest.mark.slow
def test_text_without_headings_names_files_between_its_separators(library: Library, disk: Path, separator: str) -> None:
    write(disk / "b.txt", "只给馆内的正文")
    (disk / "清单.csv").write_text(separator.join(["乙", "b.txt", "馆内"]), "utf-8")
    report = ingest(library, disk)
    assert (report.added, {row["code"] for row in report.rejections}) == (0, {"no_headings", "list_refused"})


@pytest.mark.parametrize("heading", ["使用范围", "是否公开", "版权/使用范围"])
@pytest.mark.parametrize("cell", ['="馆内"', "#N/A"])
@pytest.mark.slow
def test_a_cell_of_access_without_a_value_is_not_empty(library: Library, disk: Path, heading: str, cell: str) -> None:
    write(disk / "a.txt", "只给馆内的正文")
    write(disk / "b.txt", "大家的书")
    rows = [[None, "书名", "文件", heading], [None, "甲", "a.txt", cell], [None, "乙", "b.txt", None]]
    workbook(disk / "清单.xlsx", [], *rows)
    report = ingest(library, disk)
    assert (set(records_by_title(library)), {row["code"] for row in report.rejections}) == (
        {"乙"},
        {"bad_cells", "row_refused"},
    )


def test_a_formula_whose_saved_value_is_no_text_says_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "清单.xlsx", HEADING, ["甲", "a.txt", '=""'])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<c r="C2">', b'<c r="C2" t="str">')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert [row.rejection for row in read_rows(path)] == [None]


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("b.txt", "深/b.txt", "深/b.txt"),
        ("D:\\盘\\深\\b.txt", "b.txt", "D:\\盘\\深\\b.txt"),
        ("b.txt", "深", "深/b.txt"),
        ("深/", "b.txt", "深//b.txt"),
        ("", "b.txt", "b.txt"),
        ("b.txt", "", "b.txt"),
        ("b.txt", "b.txt", "b.txt"),
        ("a.txt", "b.txt", "a.txt；b.txt"),
    ],
)
def test_two_columns_name_one_file(tmp_path: Path, name: str, path: str, expected: str) -> None:
    (tmp_path / "表.csv").write_text(f"书名,文件名,文件路径,使用范围\n乙,{name},{path},馆内\n", "utf-8")
    rows = [row for row in spreadsheet.read(tmp_path / "表.csv", "表") if isinstance(row, spreadsheet.SheetRow)]
    assert [row.given["file"] for row in rows] == [expected]


@pytest.mark.slow
def test_the_second_column_of_files_restricts_its_file(library: Library, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("只给馆内的正文", "utf-8")
    (tmp_path / "表.csv").write_text("书名,文件名,文件路径,使用范围\n乙,,b.txt,馆内\n", "utf-8")
    assert ingest(library, tmp_path / "表.csv").rejected == 0
    assert {title: str(record.access) for title, record in records_by_title(library).items()} == {"乙": "premises"}


@pytest.mark.slow
@pytest.mark.parametrize("words", [("", "馆内"), ("馆内", ""), ("公开", "馆内"), ("馆内", "公开"), ("读者证", "馆内")])
@pytest.mark.parametrize("is_one_list", [True, False])
def test_the_strictest_of_two_rows_of_a_file_counts(
    library: Library, tmp_path: Path, words: tuple[str, str], is_one_list: bool
) -> None:
    (tmp_path / "a.txt").write_text("甲的文字", "utf-8")
    rows = [f"甲,a.txt,{word},{number}\n" for number, word in enumerate(words)]
    lists = ["".join(rows)] if is_one_list else rows
    for number, content in enumerate(lists):
        (tmp_path / f"{number}.csv").write_text(f"书名,文件,使用范围,备注\n{content}", "utf-8")
    ingest(library, *sorted(tmp_path.glob("*.csv")), workers=1)
    assert {str(record.access) for record in records_by_title(library).values()} == {"premises"}


@pytest.mark.slow
@pytest.mark.parametrize("spelled", ["..\\书\\b.txt", "../书/./b.txt", "../链.txt", "../书/硬.txt"])
def test_the_file_of_a_refused_row_waits_however_it_is_spelled(library: Library, disk: Path, spelled: str) -> None:
    book = write(disk / "书/b.txt", "只给馆内的正文")
    (disk / "链.txt").symlink_to("书/b.txt")
    (disk / "书/硬.txt").hardlink_to(book)
    write(disk / "表/表.csv", "").write_text(f"书名,文件,使用范围\n乙,{spelled},内部\n", "utf-8")
    report = ingest(library, disk)
    assert report.added == 0
    assert records_by_title(library) == {}


@pytest.mark.slow
def test_the_picture_of_a_refused_row_is_no_cover_however_it_is_spelled(library: Library, disk: Path) -> None:
    write(disk / "书/b.md", "").write_text("---\n标题: 乙\n---\n正文\n", "utf-8")
    Image.new("RGB", (300, 400), "red").save(disk / "书/b.jpg")
    write(disk / "表/表.csv", "").write_text("书名,文件,使用范围\n乙照,..\\书\\b.jpg,内部\n", "utf-8")
    assert ingest(library, disk).added == 1
    assert records_by_title(library)["乙"].details.cover is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "lists",
    [
        {"表.csv": "甲,a.txt,\n甲,a.txt,内部\n"},
        {"表.csv": "甲,a.txt,内部\n甲乙,a.txt,\n"},
        {"一.csv": "甲,a.txt,\n", "二.csv": "甲,a.txt,内部\n"},
        {"一.csv": "甲,a.txt,\n", "二.xlsx": None},
    ],
    ids=["good first", "refused first", "two lists", "damaged list"],
)
def test_a_file_that_a_good_row_names_too_waits(library: Library, disk: Path, lists: dict[str, str | None]) -> None:
    write(disk / "a.txt", "只给馆内的正文")
    for name, rows in lists.items():
        if rows is None:
            (disk / name).write_bytes(b"PK\x03\x04broken")
        else:
            (disk / name).write_text(f"书名,文件,使用范围\n{rows}", "utf-8")
    report = ingest(library, disk)
    assert (report.added, records_by_title(library)) == (0, {})
    assert {"row_refused", "list_refused"} & {row["code"] for row in report.rejections}


@pytest.mark.slow
def test_a_row_that_is_refused_for_its_date_holds_no_good_row_back(library: Library, disk: Path) -> None:
    write(disk / "a.txt", "谁都可以看的正文")
    (disk / "表.csv").write_text("书名,文件,出版日期\n甲,a.txt,1998\n甲,a.txt,很久以前\n", "utf-8")
    assert ingest(library, disk).added == 1
