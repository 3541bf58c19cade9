"""Lists as librarians really make them."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest_tools.rejections import RejectedError
from ingest_tools.sample.books import write_epub
from ingest_tools.sample.builder import CONTENT
from ingest_tools.sources.lists import cells, quantities
from ingest_tools.sources.lists.cells import InvalidCell
from ingest_tools.sources.lists.manifest import ManifestRow, find_file
from library_server.cli import main
from library_server.exchange import headings
from library_server.exchange.workbooks import write_template
from library_server.library import Library
from storage_config.errors import StorageError
from storage_config.stores.base import ObjectStore
from tests.factories.spreadsheets import ods_row, ods_workbook, workbook
from tests.support.libraries import ingest, run_jobs
from tests.support.lists import read_rows
from tests.support.records import records_by_title

BOOKS: list[list[Any]] = [
    ["天元区农家书屋图书清单"],
    [],
    ["序号", "书 名", "作者/责任者", "出版社", "出版时间", "国际标准书号", "定价（元）", "册数", "服务点"],
    [1, "柑橘栽培手记", "张三，李四 主编", "湖南科技出版社", 36526, 9787535762894.0, "￥12.50", 3, "三门镇"],
    [2, "红楼梦", "（清）曹雪芹 著；高鹗 续", "人民文学出版社", 1998.0, "978-7-02-000220-7", "59元", 1.0, None],
    [3, "水浒传", "施耐庵", None, "民国二十三年", "'9787020008742", "３２", "２册", None],
    ["合计", None, None, None, None, None, 103.5, 6],
]


@pytest.mark.slow
def test_a_list_of_a_book_room_is_read_as_it_is(library: Library, tmp_path: Path) -> None:
    report = ingest(library, workbook(tmp_path / "书屋.xlsx", *BOOKS, merged=("A1:I1", "I4:I6")))
    assert (report.added, report.rejected) == (3, 0), report.rejections
    books = records_by_title(library)
    orange = books["柑橘栽培手记"]
    assert orange.date_written == "2000-01-01"
    assert orange.isbns == ("9787535762894",)
    assert [(creator.name, creator.role) for creator in orange.credits] == [("张三", "editor"), ("李四", "editor")]
    assert orange.details.statements.isbns == (("9787535762894", "", "CNY12.50"),)
    assert [(holding.place, holding.copies) for holding in orange.holdings] == [("三门镇", 3)]
    assert [creator.name for creator in books["红楼梦"].credits] == ["曹雪芹", "高鹗 续"]
    assert books["红楼梦"].date_written == "1998"
    assert books["水浒传"].isbns == ("9787020008742",)
    assert [(holding.place, holding.copies) for holding in books["水浒传"].holdings] == [("三门镇", 2)]
    assert books["水浒传"].year == 1934


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.slow
def test_csv_in_any_encoding_and_with_any_separator(
    library: Library, tmp_path: Path, encoding: str, separator: str
) -> None:
    lines = [
        "题名 作者 ISBN 复本数 馆藏地点",
        "湘江船歌 周望水 9787500000013 4 雷打石",
        "渔家谣 周望水 9787500000020 1 群丰",
    ]
    text = "\r\n".join(line.replace(" ", separator) for line in lines)
    (tmp_path / "表.csv").write_bytes(text.encode(encoding))
    report = ingest(library, tmp_path / "表.csv")
    assert (report.added, report.rejected) == (2, 0), report.rejections
    assert records_by_title(library)["湘江船歌"].holdings[0].copies == 4


def test_english_headings_in_any_order(library: Library, tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", ["Year", "Call Number", "Author", "Title", "Copies", "Branch"],
             [2001, "S666/3", "Chen", "Oranges", 2, "Sanmen"])  # fmt: skip
    assert ingest(library, tmp_path / "a.xlsx").added == 1
    book = records_by_title(library)["Oranges"]
    assert (book.holdings[0].shelf_mark, book.holdings[0].copies, book.year) == ("S666/3", 2, 2001)


@pytest.mark.slow
def test_a_bad_cell_is_reported_with_sheet_row_column_value_and_expectation(library: Library, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "坏.xlsx",
        ["书名", "ISBN", "册数", "分类号", "语种", "时长", "类型", "出版日期"],
        ["好书", "9787500000013", 1, "S666", "中文", "1:20:30", "图书", "2001"],
        ["一", "9787500000014", None, None, None, None, None, None],
        ["二", "9.78702E+12", "许多", "666", "火星语", "很长", "饼干", "19991350"],
        [None, "9787500000037", 1, None, None, None, None, None],
    )
    report = ingest(library, path)
    assert (report.added, report.rejected) == (1, 3)
    by_place = {row["path"].rpartition("#")[2]: row for row in report.rejections}
    assert {row["code"] for row in report.rejections} == {"bad_cells"}
    assert by_place["清单!3"]["problems"] == [
        {
            "sheet": "清单",
            "row": "3",
            "column": "ISBN",
            "value": "9787500000014",
            "expected": "10 位或 13 位的 ISBN，校验位要对",
        }
    ]
    assert {problem["column"] for problem in by_place["清单!4"]["problems"]} == {
        "ISBN", "册数", "分类号", "语种", "时长", "类型", "出版日期"}  # fmt: skip
    assert "科学计数" in by_place["清单!4"]["problems"][0]["expected"]
    assert by_place["清单!5"]["problems"][0]["column"] == "书名"


@pytest.mark.slow
def test_rows_with_a_file_describe_it(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    (disk / "书").mkdir(parents=True)
    (disk / "书/a.txt").write_text("正文一", "utf-8")
    (disk / "书/b.txt").write_text("正文二", "utf-8")
    (disk / "c.txt").write_text("没有写进表里", "utf-8")
    workbook(
        disk / "清单.xlsx",
        ["书名", "作者", "文件路径", "专题", "使用范围"],
        ["船歌", "周望水", "D:\\资料\\书\\a.txt", "湘江", "馆内"],
        ["没有的", "某人", "书/没有.txt", None, None],
        ["外面", "某人", "../../etc/hostname", None, None],
    )
    report = ingest(library, disk)
    assert (report.added, report.joined, report.rejected) == (3, 1, 2), report
    assert {row["code"] for row in report.rejections} == {"file_missing", "file_outside"}
    records = records_by_title(library)
    assert set(records) == {"船歌", "b", "c"}
    assert records["船歌"].creators == ("周望水",)
    assert records["船歌"].original is not None
    assert records["船歌"].access == "premises"
    again = ingest(library, disk)
    assert (again.added, again.joined, again.rejected) == (0, 0, 2)


@pytest.mark.slow
def test_two_rows_whose_files_are_the_same_bytes(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (disk / name).write_text("同样的正文", "utf-8")
    path = workbook(
        disk / "清单.xlsx",
        ["题名", "作者", "主题词", "文件"],
        ["船歌", "周望水", None, "a.txt"],
        ["船歌", None, "湘江", "b.txt"],
        ["渡口", "周望水", None, "c.txt"],
    )
    report = ingest(library, disk)
    by_place = {row["path"].rpartition("#")[2]: row for row in report.rejections if "problems" in row}
    # whichever row comes first, no cell is lost: rows that agree are joined, and the other row is reported
    assert report.added == 1
    assert {row["code"] for row in report.rejections} == {"same_file_said_otherwise"}
    assert set(by_place) in ({"清单!4"}, {"清单!2", "清单!3"})
    problem = next(iter(by_place.values()))["problems"][0]
    assert (problem["column"], problem["sheet"]) == ("题名", "清单")
    assert {problem["value"], problem["expected"].partition("（")[0]} == {"船歌", "渡口"}
    assert f"{path}#清单!" in problem["expected"]
    (record,) = records_by_title(library).values()
    if record.title == "船歌":
        assert (record.subjects, record.creators) == (("湘江",), ("周望水",))


@pytest.mark.slow
def test_rows_of_one_file_wait_for_each_other_and_a_file_whose_twin_failed_is_taken(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    Image.new("RGB", (300, 200), "red").save(disk / "a.png")
    shutil.copy(disk / "a.png", disk / "b.png")
    failing = [True]
    put = type(library.store).put_file

    def move_in(store: ObjectStore, key: str, file: Path) -> object:
        if failing.pop() if failing else False:
            raise StorageError("the first derived file is not taken")
        return put(store, key, file)

    monkeypatch.setattr(type(library.store), "put_file", move_in)
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1), report
    assert report.rejections[0]["code"] == "storage_failed"
    again = ingest(library, disk)
    assert (again.added, again.unchanged, again.rejected) == (0, 2, 0)


@pytest.mark.slow
def test_a_list_given_after_its_files_describes_what_is_there(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("正文", "utf-8")
    ingest(library, tmp_path / "a.txt")
    path = workbook(tmp_path / "后来.xlsx", ["书名", "作者", "文件"], ["船歌", "周望水", "a.txt"])
    report = ingest(library, path)
    assert (report.added, report.joined) == (0, 2)
    records = records_by_title(library)
    assert set(records) == {"船歌"}
    assert records["船歌"].creators == ("周望水",)


@pytest.mark.slow
def test_a_row_with_a_newer_file_makes_a_version_and_its_cells_are_applied(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("第一稿", "utf-8")
    (tmp_path / "b.txt").write_text("第二稿", "utf-8")
    head = ["题名", "作者", "主题词", "文件"]
    path = workbook(tmp_path / "清单.xlsx", head, ["船歌", "周望水", None, "a.txt"])
    ingest(library, path)
    (tmp_path / "a.txt").write_text("第二稿", "utf-8")
    os.utime(tmp_path / "a.txt", (5, 5))
    workbook(path, head, ["船歌", "周望水", "湘江", "a.txt"], ["渡口", "周望水", None, "b.txt"])
    report = ingest(library, path, workers=1)
    (record,) = records_by_title(library).values()
    assert (record.title, record.subjects) == ("船歌", ("湘江",))
    assert [asset.superseded for asset in record.assets_of("original")].count(False) == 1
    (refused,) = [row for row in report.rejections if "problems" in row]
    assert (refused["code"], refused["path"].rpartition("!")[2]) == ("same_file_said_otherwise", "3")


@pytest.mark.slow
def test_a_row_changed_in_the_same_list_changes_its_record(library: Library, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["书名", "作者", "内容简介", "册数", "馆藏地"], ["船歌", "周望水", "旧的", 1, "三门"]]
    path = workbook(tmp_path / "表.xlsx", *rows)
    ingest(library, path)
    workbook(path, rows[0], ["新来的", "某人", None, 1, "三门"], ["船歌", "周望水", "新的", 5, "三门"])
    report = ingest(library, path)
    assert (report.added, report.rejected) == (2, 0) or (report.added, report.joined) == (1, 1)
    assert records_by_title(library)["新来的"].holdings[0].copies == 1


@pytest.mark.slow
def test_the_same_edition_in_another_book_room_is_another_holding(library: Library, tmp_path: Path) -> None:
    head = ["书名", "作者", "出版社", "出版年", "ISBN", "册数", "农家书屋"]
    book = ["柑橘栽培手记", "张三", "湖南科技出版社", 2001, "9787535762894"]
    ingest(library, workbook(tmp_path / "三门.xlsx", head, [*book, 2, "三门镇"]))
    report = ingest(library, workbook(tmp_path / "群丰.xlsx", head, [*book, 1, "群丰镇"]))
    assert (report.added, report.joined, report.likely) == (0, 1, 0)
    assert [(holding.place, holding.copies) for holding in records_by_title(library)["柑橘栽培手记"].holdings] == [
        ("三门镇", 2),
        ("群丰镇", 1),
    ]


def test_identical_rows_are_reported(library: Library, tmp_path: Path) -> None:
    path = workbook(tmp_path / "表.xlsx", ["书名", "作者"], ["船歌", "周望水"], ["船歌", "周望水"])
    report = ingest(library, path)
    assert (report.added, report.rejections[0]["code"]) == (1, "repeated_row")


@pytest.mark.slow
def test_the_template_is_empty_and_its_example_is_read_rightly(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "books.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["书目", "示例", "填写说明"]
    assert {str(rule.sqref)[0] for rule in book["书目"].data_validations.dataValidation} == {"J", "Q", "V"}
    assert ingest(library, path).rejections[0]["code"] == "no_headings"  # nothing is filled in yet
    example = book["示例"]
    example.title = "填好的"
    example.delete_rows(3, 2)  # their files are not here
    book.save(path)
    report = ingest(library, path)
    assert (report.added, report.rejected) == (1, 0), report.rejections


@pytest.mark.long
def test_a_million_formatted_rows_formulas_macros_and_links(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["书名", "作者", "链接"])
    sheet.append(['=CONCATENATE("船","歌")', "周望水", '=HYPERLINK("http://example.invalid")'])
    sheet.append(["真书", "周望水", None])
    sheet.cell(1_000_000, 1).number_format = "@"
    sheet.cell(1_000_000, 2, " ")
    book.save(tmp_path / "大.xlsx")
    rows = list(read_rows(tmp_path / "大.xlsx"))
    assert [row.bibliographic.title for row in rows] == ["", "真书"]
    assert rows[0].rejection == "bad_cells"  # a formula that was never calculated has no value


@pytest.mark.parametrize("name", ["坏.xlsx", "坏.xls", "坏.ods", "坏.csv"])
def test_damaged_spreadsheets_are_refused(library: Library, tmp_path: Path, name: str) -> None:
    head = {"xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv": b"\xff\xfe\x00"}.get(name[-3:], b"PK\x03\x04")
    (tmp_path / name).write_bytes(head + bytes(range(256)) * 40)
    report = ingest(library, tmp_path / name)
    assert report.rejected == 1
    assert report.rejections[0]["code"] in {"damaged", "no_headings", "bad_text"}


def test_a_list_without_headings_is_refused(library: Library, tmp_path: Path) -> None:
    report = ingest(library, workbook(tmp_path / "账.xlsx", ["支出", "收入"], [1, 2]))
    assert report.rejections[0]["code"] == "no_headings"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("定价（元）", "price"), ("＊书 名：", "title"), ("国际标准书号(ISBN)", "isbn"),
        ("中图分类号", "clc"), ("TITLE", "title"),
        ("版权/使用范围", "rights_access"), ("作者/责任者", "creators"), ("没有的", None), (None, None), (3.5, None),
    ],
)  # fmt: skip
def test_headings(cell: object, expected: str | None) -> None:
    assert headings.field_of(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1:20:30", 4_830_000), ("80分钟", 4_800_000), ("1小时20分", 4_800_000), (45, 2_700_000), (0.5, 43_200_000),
        (dt.time(1, 2, 3), 3_723_000), (dt.timedelta(minutes=3), 180_000), ("12′30″", 750_000), ("05:30", 330_000),
    ],
)  # fmt: skip
def test_durations(cell: object, expected: int) -> None:
    assert quantities.read_duration(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (36526, "2000-01-01"), (1998.0, "1998"), ("199805", "1998-05"),
        ("19980501", "19980501"), ("约1935年", "约1935年"),
        (dt.datetime(2001, 2, 3), "2001-02-03"), (dt.date(2001, 2, 3), "2001-02-03"), ("'1998", "1998"),
        ("２００１", "2001"),
    ],
)  # fmt: skip
def test_dates(cell: object, expected: str) -> None:
    assert cells.read_date(cell) == expected


@pytest.mark.parametrize("cell", ["1999135", "20011301", 12])
def test_impossible_dates(cell: object) -> None:
    with pytest.raises(InvalidCell):
        cells.read_date(cell)


def test_isbns_in_every_shape() -> None:
    assert cells.read_isbns(9787535762894.0) == ["9787535762894"]
    assert cells.read_isbns("９７８７５３５７６２８９４") == ["9787535762894"]
    assert cells.read_isbns("9787535762894 9787020008742") == ["9787535762894", "9787020008742"]
    assert cells.read_isbns("ISBN：978-7-5357-6289-4") == ["9787535762894"]


def test_files_are_found_by_the_end_of_their_path_and_never_outside(tmp_path: Path) -> None:
    root = tmp_path / "给的"
    (root / "书").mkdir(parents=True)
    (root / "书/a.epub").touch()
    (tmp_path / "外.epub").touch()
    (root / "链.epub").symlink_to(tmp_path / "外.epub")
    for named in (
        "书/a.epub",
        "E:\\备份\\书\\a.epub",
        "\\\\nas\\共享\\书\\a.epub",
        "“书/a.epub”",
        "/mnt/disk/书/a.epub",
    ):
        assert find_file(named, [root]) == root / "书/a.epub"
    for named, code in (("../外.epub", "file_outside"), ("链.epub", "file_outside"), ("b.epub", "file_missing"),
                        ("", "file_missing"), ("a\0b", "file_missing")):  # fmt: skip
        with pytest.raises(RejectedError) as refused:
            find_file(named, [root])
        assert refused.value.code == code


def test_rows_name_their_sheet_and_number(tmp_path: Path) -> None:
    rows: list[ManifestRow] = list(read_rows(workbook(tmp_path / "a.xlsx", *BOOKS)))
    assert [str(row.locator) for row in rows] == ["清单!4", "清单!5", "清单!6"]


@pytest.mark.slow
def test_a_manifest_describes_files_that_lie_elsewhere(library: Library, tmp_path: Path) -> None:
    disk, desk = tmp_path / "盘", tmp_path / "桌"
    disk.mkdir()
    desk.mkdir()
    (disk / "a.txt").write_text("正文", "utf-8")
    (disk / "b.txt").write_text("另一个", "utf-8")
    manifest = workbook(desk / "清单.xlsx", ["书名", "作者", "文件"], ["船歌", "周望水", "a.txt"])
    report = ingest(library, disk, manifest=manifest)
    assert (report.added, report.joined, report.rejected) == (2, 1, 0), report.rejections
    assert set(records_by_title(library)) == {"船歌", "b"}


@pytest.mark.slow
def test_covers_left_to_the_queue_are_forecast_and_made(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_epub(next((CONTENT / "books").glob("*.md")), tmp_path / "书.epub")
    canvas = Canvas(str(tmp_path / "册.pdf"))
    canvas.drawString(100, 700, "a page with enough words that nobody would read it by machine")
    canvas.save()
    ingest(library, tmp_path / "书.epub", tmp_path / "册.pdf", covers=False)
    assert all(record.cover is None for record in records_by_title(library).values())
    monkeypatch.setenv("TIANYUAN_HOME", str(library.settings.home))
    report = json.loads(CliRunner().invoke(main, ["batches", "--forecast", "--json"]).stdout)
    assert [(entry["task"], entry["jobs"]) for entry in report["waiting"]] == [("again", 2)]
    run_jobs(library)
    assert records_by_title(library)["册"].cover is not None
    assert "没有在等的活" in CliRunner().invoke(main, ["batches", "--forecast"]).output


LISTS = Path(__file__).parent / "lists"  # saved by LibreOffice 7.4 from a workbook that we wrote


@pytest.mark.parametrize("name", ["book-room.xlsx", "book-room.xls", "book-room.ods"])
@pytest.mark.slow
def test_a_list_that_an_office_program_saved(library: Library, name: str) -> None:
    """A title row, a merge downwards, a date, an ISBN as a number and with an apostrophe, formulas, a link, a sum and
    a hidden sheet are read alike in every format."""
    report = ingest(library, LISTS / name)
    assert (report.added, report.rejected) == (3, 0), report.rejections
    books = records_by_title(library)
    assert set(books) == {"柑橘栽培手记", "船歌", "湘江渡口"}
    assert [books[title].date_written for title in ("柑橘栽培手记", "船歌", "湘江渡口")] == [
        "2019-03-01",
        "1998",
        "2001-05-01",
    ]
    assert (books["柑橘栽培手记"].isbns, books["船歌"].isbns) == (("9787500000013",), ("9787500000020",))
    holdings = [
        (holding.place, holding.copies)
        for title in ("柑橘栽培手记", "船歌", "湘江渡口")
        for holding in books[title].holdings
    ]
    assert holdings == [("三门镇农家书屋", 2), ("三门镇农家书屋", 1), ("三门镇农家书屋", 3)]


def test_macros_are_left_alone(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "宏.xlsm"
    with zipfile.ZipFile(LISTS / "book-room.xlsx") as saved, zipfile.ZipFile(path, "w") as written:
        for member in saved.infolist():
            content = saved.read(member)
            if member.filename == "[Content_Types].xml":
                content = content.replace(b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
            written.writestr(member, content)
        written.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Sub Auto_Open() Shell" * 99)
    assert ingest(library, path).added == 3


def test_open_document_sheets_that_repeat_to_the_end_of_the_paper(tmp_path: Path) -> None:
    sheet = '<table:table table:name="一">{}</table:table>'
    paper = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = ods_row("书名", "作者") + ods_row("船歌", "周望水") + paper
    rows_read = list(read_rows(ods_workbook(tmp_path / "纸.ods", sheet.format(rows))))
    assert [row.bibliographic.title for row in rows_read] == ["船歌"]


@pytest.mark.slow
def test_a_row_repeated_to_the_end_of_the_sheet_is_reported_at_most_a_thousand_times(
    library: Library, tmp_path: Path
) -> None:
    body = '<table:table table:name="一">' + ods_row("书名", "作者") + ods_row("书", repeated=10**9) + "</table:table>"
    report = ingest(library, ods_workbook(tmp_path / "满.ods", body))
    assert (report.added, report.rejected) == (1, 1000)
    assert Counter(rejection["code"] for rejection in report.rejections) == {"repeated_row": 999, "too_large": 1}


@pytest.mark.parametrize(
    "body",
    [
        '<table:table table:name="一">' + ods_row("书名", "作者") + ods_row("书", repeated=10**6, wide=16_384),
        '<table:table table:name="一">' + ods_row("书名", "作者") + ods_row(repeated=10**9) + ods_row("书", wide=10**9),
        '<table:table table:name="一"><table:table-row>',
        "<!DOCTYPE a [<!ENTITY b 'c'>]>" + "<table:table>" * 20_000,
    ],
    ids=["wide and long", "longer than paper", "cut", "deep"],
)
def test_hostile_open_document_sheets_are_refused_and_the_rest_goes_on(
    library: Library, tmp_path: Path, body: str
) -> None:
    disk = tmp_path / "盘"
    (disk / "表").mkdir(parents=True)
    ods_workbook(disk / "表/坏.ods", body + ("</table:table>" if "</table:table-row>" in body else ""))
    (disk / "好.txt").write_text("好好的一本书", "utf-8")
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 1), report.rejections
    assert report.rejections[0]["code"] in {"damaged", "too_large", "out_of_memory", "parser_crashed", "no_headings"}


@pytest.mark.parametrize("heading", ["使用范围", "权限", "版权/使用范围"])
@pytest.mark.parametrize("words", ["不公开", "內部", "内部", "不对外", "仅供馆员", "限本馆", "保密", "private"])
@pytest.mark.slow
def test_an_unknown_restriction_is_never_public(library: Library, tmp_path: Path, heading: str, words: str) -> None:
    path = workbook(
        tmp_path / "清单.xlsx", ["书名", "作者", heading], ["家谱", "李氏", words], ["船歌", "周望水", "公开"]
    )
    report = ingest(library, path)
    assert (report.added, report.rejected) == (1, 1)
    (problem,) = report.rejections[0]["problems"]
    assert (problem["column"], problem["value"]) == (heading, words)
    assert "读者证" in problem["expected"]


@pytest.mark.slow
def test_a_statement_of_rights_in_a_column_for_both_is_kept(library: Library, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "清单.xlsx",
        ["书名", "作者", "版权/使用范围"],
        ["船歌", "周望水", "公有领域"],
        ["家谱", "李氏", "馆内"],
    )
    assert ingest(library, path).added == 2
    records = records_by_title(library)
    assert (records["船歌"].rights, records["船歌"].access) == ("公有领域", "public")
    assert records["家谱"].access == "premises"


@pytest.mark.slow
def test_a_path_that_climbs_is_taken_as_written(library: Library, tmp_path: Path) -> None:
    lists, files = tmp_path / "盘/表", tmp_path / "盘/书"
    for folder in (lists, files):
        folder.mkdir(parents=True)
    (files / "a.txt").write_text("正文一", "utf-8")
    (tmp_path / "b.txt").write_text("外面的", "utf-8")
    (tmp_path / "盘/b.txt").write_text("另一个", "utf-8")
    path = workbook(lists / "清单.xlsx", ["书名", "文件"], ["里面", "../书/a.txt"], ["外面", "../../b.txt"])
    report = ingest(library, tmp_path / "盘")
    assert {row["code"] for row in report.rejections} == {"file_outside"}
    moved = tmp_path / "盘/改好再交.xlsx"
    moved.write_bytes(path.read_bytes())
    assert ingest(library, moved).rejected == 2  # the end of the path is below this folder, and is another file
    assert "外面" not in records_by_title(library)


@pytest.mark.slow
def test_the_number_of_a_series_may_stand_before_its_name(library: Library, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "清单.xlsx", ["书名", "丛书号", "丛书名"], ["柑橘", "3", "农家丛书"], ["稻子", None, "农家丛书"]
    )
    assert ingest(library, path).added == 2
    assert {record.series for record in records_by_title(library).values()} == {"农家丛书 3", "农家丛书"}


@pytest.mark.parametrize("bad", [["语种", ";;;"], ["ISBN", "1234567890123"]])
@pytest.mark.slow
def test_the_file_of_a_refused_row_does_not_come_in_alone(library: Library, tmp_path: Path, bad: list[str]) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "m.txt").write_text("只给馆内的正文", "utf-8")
    heading, cell = bad
    workbook(disk / "清单.xlsx", ["书名", "文件", "使用范围", heading], ["观察", "m.txt", "馆内", cell])
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (0, 2)
    assert {row["code"] for row in report.rejections} == {"bad_cells", "row_refused"}
    workbook(disk / "清单.xlsx", ["书名", "文件", "使用范围"], ["观察", "m.txt", "馆内"])
    report = ingest(library, disk)
    assert (report.added, report.rejected) == (1, 0)
    assert records_by_title(library)["观察"].access == "premises"


@pytest.mark.parametrize(
    ("written", "name"),
    [("upper.txt", "Upper.TXT"), ("(全角).txt", "（全角）.txt"), ("é.txt", "e\u0301.txt"), ("书\\甲.txt", "书/甲.TXT")],
)
@pytest.mark.slow
def test_a_file_is_found_whatever_its_case_width_and_form(
    library: Library, tmp_path: Path, written: str, name: str
) -> None:
    path = tmp_path / "盘" / name
    path.parent.mkdir(parents=True)
    path.write_text("只给馆内的正文", "utf-8")
    workbook(tmp_path / "盘/清单.xlsx", ["书名", "文件", "使用范围"], ["观察", written, "馆内"])
    report = ingest(library, tmp_path / "盘")
    assert (report.added, report.rejected) == (1, 0)
    assert records_by_title(library)["观察"].access == "premises"


def test_two_files_alike_are_not_guessed(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    for name in ("A.txt", "a.TXT"):
        (disk / name).write_text(f"正文 {name}", "utf-8")
    workbook(disk / "清单.xlsx", ["书名", "文件"], ["观察", "a.txt"])
    assert [row["code"] for row in ingest(library, disk).rejections] == ["file_missing"]


@pytest.mark.slow
def test_a_changed_file_is_no_more_public_than_before(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "n.txt").write_text("只给馆内的正文", "utf-8")
    workbook(disk / "清单.xlsx", ["书名", "文件", "使用范围"], ["新增书", "n.txt", "馆内"])
    assert ingest(library, disk).added == 1
    (disk / "n.txt").write_text("改过的正文", "utf-8")
    assert ingest(library, disk / "n.txt").added == 1
    assert {record.access for record in records_by_title(library).values()} == {"premises"}
