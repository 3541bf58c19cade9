"""What programs put into the cells of lists, and what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_tools.sources.lists import cells, quantities, spreadsheet
from ingest_tools.sources.lists.delimited import read_rows
from ingest_tools.sources.lists.rows import read_row
from ingest_tools.sources.lists.spreadsheet import SheetRow


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("柑橘&nbsp;栽培", "柑橘 栽培"),
        ("A&amp;B", "A&B"),
        ("甲&#183;三", "甲·三"),
        ("&#x67D1;&#x6A58;", "柑橘"),
        ("&lt;花鼓戏&gt;", "<花鼓戏>"),
        ("R&D", "R&D"),
        ('="007"', "007"),
        ('="他说""好"""', '他说"好"'),
        ("第一行_x000D_\n第二行", "第一行 第二行"),
        ("_x005F_x0041_", "_x0041_"),
        ("柑橘栽培".encode().decode("latin-1"), "柑橘栽培"),
        ("柑橘栽培".encode("gbk").decode("latin-1"), "柑橘栽培"),
    ],
)
def test_a_title_is_what_the_cell_was_meant_to_say(cell: str, value: str) -> None:
    assert read_row({"title": cell}).described.title == value


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("10009·1", "10009·1"),
        ("T16109·12", "T16109·12"),
        ("K11018.25", "K11018.25"),
        ("统一书号：10009·1", "10009·1"),
        ("统一书号10109.1234", "10109.1234"),
    ],
)
def test_a_number_of_a_book_from_before_isbn_is_a_note(cell: str, number: str) -> None:
    described = read_row({"title": "柑橘", "isbn": cell}).described
    assert (described.notes, described.isbns) == ([f"统一书号 {number}"], [])


@pytest.mark.parametrize("field", ["abstract", "notes", "contents"])
def test_tags_in_prose_are_left_out(field: str) -> None:
    described = read_row({"title": "柑橘", field: "<p>讲柑橘。</p><br/>&lt;b&gt;二&lt;/b&gt;、<花鼓戏>"}).described
    value = getattr(described, field)
    assert (value if isinstance(value, str) else value[0]) == "讲柑橘。 二、<花鼓戏>"


def test_the_semicolon_of_a_reference_divides_no_names() -> None:
    agents = read_row({"title": "柑橘", "creators": "甲&#183;三，乙&amp;丙"}).described.agents
    assert [agent.name for agent in agents] == ["甲·三", "乙", "丙"]


def test_the_name_of_a_file_stays_as_it_is_written() -> None:
    assert read_row({"file": "A&amp;B.epub"}).file == "A&amp;B.epub"


def test_text_that_an_export_marks_as_no_formula_is_no_formula() -> None:
    assert read_row({"title": '\'="柑橘"'}).described.title == '="柑橘"'


@pytest.mark.parametrize(
    "nothing",
    ["无", "不详", "暂无", "NULL", "N/A", "n/a", "None", "nan", "\\N", "-", "—", "/", "#N/A", "#REF!", "＃N/A"],
)
@pytest.mark.parametrize("field", ["isbn", "copies", "creators", "publisher", "duration", "language", "date", "clc"])
def test_a_word_for_nothing_is_an_empty_cell(field: str, nothing: str) -> None:
    row = read_row({"title": "柑橘栽培", field: nothing})
    assert row.problems == []
    assert row.described == read_row({"title": "柑橘栽培"}).described


@pytest.mark.parametrize("date", ["0000-00-00", "0000-00-00 00:00:00", "1900-01-00", "1899-12-31 00:00:00"])
def test_the_date_zero_of_a_program_is_an_empty_cell(date: str) -> None:
    row = read_row({"title": "柑橘栽培", "date": date})
    assert (row.problems, row.described.date) == ([], "")


@pytest.mark.parametrize("title", ["无", "不详", "—"])
def test_a_title_may_be_a_word_for_nothing(title: str) -> None:
    assert read_row({"title": title}).described.title == title


@pytest.mark.parametrize("title", ["NULL", "#NAME?", "nan"])
def test_a_title_that_a_program_wrote_is_missing(title: str) -> None:
    assert [problem["field"] for problem in read_row({"title": title}).problems] == ["title"]


@pytest.mark.parametrize("access", ["无", "-", "NULL", "#N/A"])
def test_an_access_level_is_never_passed_over(access: str) -> None:
    assert [problem["field"] for problem in read_row({"title": "柑橘", "access": access}).problems] == ["access"]


@pytest.mark.parametrize(
    ("cell", "date"), [("39448.0", "2008-01-01"), ("39448.5", "2008-01-01"), ("20080512103000", "20080512103000")]
)
def test_dates_of_workbooks_that_became_text(cell: str, date: str) -> None:
    assert cells.read_date(cell) == date


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("1h20", 80), ("PT1H20M", 80), ("一小时二十分", 80), ("1个半小时", 90), ("半小时", 30), ("两小时", 120),
        ("2小时零5分", 125), ("约80分钟", 80), ("80分钟左右", 80), ("1 hr 20 min", 80), ("80 mins", 80), ("1 hour", 60),
        ("01:20:00:12", 80), ("3分0", 3),
    ],
)  # fmt: skip
def test_lengths_as_people_write_them(cell: str, minutes: int) -> None:
    assert quantities.read_duration(cell) == minutes * 60_000


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("￥1,200.00", "CNY1200.00"), ("12元5角", "CNY12.50"), ("5角", "CNY0.50"), ("12.5元/册", "CNY12.50"),
        ("20圆", "CNY20.00"), ("HK$20", "HK$20"), ("非卖品", "非卖品"), ("12,50", "12,50"),
    ],
)  # fmt: skip
def test_prices_as_people_write_them(cell: str, price: str) -> None:
    assert quantities.read_price(cell) == price


@pytest.mark.parametrize("cell", ["978·7·101·00304·8", "978.7.101.00304.8", "ISBN-10 7-101-00304-4", "9787101003048.0"])
def test_isbns_with_other_marks(cell: str) -> None:
    assert cells.read_isbns(cell) == ["9787101003048"]


def test_the_number_of_a_recording_is_no_isbn() -> None:
    with pytest.raises(cells.InvalidCell):
        cells.read_isbns("ISRC CN-A01-98-0001-0/V.J6")


@pytest.mark.parametrize("separator", ["^", "~", "|", "、"])
def test_rare_separators_are_those_that_divide_the_headings(separator: str) -> None:
    rows: list[list[Any]] = [row.cells for row in read_rows(f"书名{separator}作者\n柑橘{separator}甲三\n")]
    assert rows == [["书名", "作者"], ["柑橘", "甲三"]]


def test_every_column_of_people_and_subjects_is_read(tmp_path: Path) -> None:
    path = tmp_path / "书.csv"
    path.write_text(
        "书名,第一责任者,其他责任者,主题词,关键词,出版社,出版单位\n柑橘,甲三,乙四,栽培,果树,湖南,岳麓\n", "utf-8"
    )
    row = next(row for row in spreadsheet.read(path, "书") if isinstance(row, SheetRow))
    described = read_row(row.given).described
    assert [agent.name for agent in described.agents] == ["甲三", "乙四"]
    assert [topic.term for topic in described.topics] == ["栽培", "果树"]
    assert (described.publisher, row.unread) == ("湖南", ("出版单位",))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Smith, John", ["Smith, John"]), ("Knuth, Donald E.; Smith, John", ["Knuth, Donald E.", "Smith, John"]),
        ("Ada Lovelace, Alan Turing", ["Ada Lovelace", "Alan Turing"]),
        ("Ada Lovelace/Alan Turing", ["Ada Lovelace", "Alan Turing"]),
        ("Ada Lovelace\nAlan Turing", ["Ada Lovelace", "Alan Turing"]), ("张三 (1950-)", ["张三"]),
        ("张三（1950—2001），李四", ["张三", "李四"]), ("Author: Ada Lovelace (1815-1852)", ["Ada Lovelace"]),
    ],
)  # fmt: skip
def test_names_in_one_cell(cell: str, names: list[str]) -> None:
    assert [agent.name for agent in read_row({"title": "柑橘", "creators": cell}).described.agents] == names


@pytest.mark.parametrize(
    ("cell", "language"),
    [("英语/中文", "en"), ("汉语（普通话）", "zh"), ("中英", "zh"), ("中英双语", "zh"), ("中文+英文", "zh")],
)
def test_languages_as_people_write_them(cell: str, language: str) -> None:
    assert read_row({"title": "柑橘", "language": cell}).described.language == language


@pytest.mark.parametrize(("cell", "number"), [("第三集", 3), ("十二", 12), ("EP03", 3), ("第12讲", 12), ("3.0", 3)])
def test_numbers_of_parts_as_people_write_them(cell: str, number: int) -> None:
    assert read_row({"title": "柑橘", "number": cell}).described.number == number


def test_no_copies_are_no_holding() -> None:
    assert read_row({"title": "柑橘", "copies": "0", "held_at": "总馆"}).described.holdings == []


@pytest.mark.parametrize(
    ("cell", "imprint"),
    [
        ("北京：中华书局，一九五九年", ("北京", "中华书局", "一九五九年")), ("中华书局1959", ("", "中华书局", "1959")),
        ("[北京] : [出版者不详], [19--]", ("北京", "", "[19--]")), ("[S.l.] : [s.n.], 1959", ("", "", "1959")),
        ("长沙：岳麓书社，1998.5", ("长沙", "岳麓书社", "1998.5")), ("三联书店", ("", "三联书店", "")),
    ],
)  # fmt: skip
def test_imprints_in_one_cell(cell: str, imprint: tuple[str, str, str]) -> None:
    described = read_row({"title": "柑橘", "imprint": cell}).described
    assert (described.place, described.publisher, described.date) == imprint


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("98年5月", "1998年5月"), ("５６年", "1956年"), ("'98年5月3日", "1998年5月3日"), ("77年12月份", "1977年12月份"),
        ("38年5月", "38年5月"), ("05年5月", "05年5月"), ("民国23年", "民国23年"), ("1998年5月", "1998年5月"),
    ],
)  # fmt: skip
def test_years_of_two_digits_are_those_of_the_last_century_where_nothing_else_is_meant(cell: str, date: str) -> None:
    assert read_row({"title": "柑橘", "date": cell}).described.date == date


def test_a_class_number_in_the_column_of_subjects_is_the_class() -> None:
    described = read_row({"title": "渡口", "subjects": "长篇小说；I247.5"}).described
    assert (described.clc, [topic.term for topic in described.topics]) == (["I247.5"], ["长篇小说"])
    described = read_row({"title": "渡口", "subjects": "K826.2=7、TS972.1", "clc": "K826"}).described
    assert (described.clc, described.topics) == (["K826", "K826.2=7", "TS972.1"], [])


@pytest.mark.parametrize("field", ["isbn", "barcode"])
@pytest.mark.parametrize("cell", ["9.7871E+12", "9.7875E+12", "7.111E+09", "9.78710100304e12", "９.7871Ｅ＋12"])
def test_a_number_that_lost_its_digits_is_refused(field: str, cell: str) -> None:
    row = read_row({"title": "柑橘", field: cell})
    assert ["科学计数" in problem["expected"] for problem in row.problems] == [True]
    assert row.described.isbns == []


@pytest.mark.parametrize("cell", ["9.787101003048E+12", "9.787101003048e+12", 9787101003048.0, "9787101003048.0"])
def test_a_number_with_all_its_digits_is_read(cell: Any) -> None:
    row = read_row({"title": "柑橘", "isbn": cell})
    assert ([isbn.value for isbn in row.described.isbns], row.problems) == (["9787101003048"], [])


@pytest.mark.parametrize("cell", [9787100000000.0, 9787100000000, "9787100000000"])
def test_zeros_that_excel_put_in_place_of_lost_digits_are_refused(cell: Any) -> None:
    assert read_row({"title": "柑橘", "isbn": cell}).problems != []
