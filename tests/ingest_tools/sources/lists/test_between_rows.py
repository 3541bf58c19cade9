"""What stands in a table and is no row of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_tools.sources.lists import spreadsheet
from ingest_tools.sources.lists.between_rows import ONE_TABLE
from ingest_tools.sources.lists.spreadsheet import SheetRow
from tests.factories.spreadsheets import workbook


def read(path: Path, *rows: list[Any]) -> list[SheetRow]:
    book = workbook(path / "表.xlsx", *rows)
    return [row for row in spreadsheet.read(book, "表") if isinstance(row, SheetRow)]


@pytest.mark.parametrize(
    "between",
    [
        ["一、文学类"], ["（二）农业图书（12种）"], ["第三部分 少儿读物"], ["4、医药卫生类"], ["填表日期：2019年5月"],
        ["审核人：", None, "盖章"], ["填报单位（盖章）："], ["经办人：李某", "电话：123"], ["合计：2种"],
    ],
)  # fmt: skip
def test_rows_between_those_of_a_list_are_no_books(between: list[Any], tmp_path: Path) -> None:
    rows = read(tmp_path, ["书名", "作者", "出版社"], between, ["榕江记", "周望水", "x社"], between)
    assert [row.given["title"] for row in rows] == ["榕江记"]


@pytest.mark.parametrize(
    "title", ["一个人的村庄", "三国演义", "1984", "三、四月间", "审判", "审核：一个会计的自述", "分类"]
)
def test_titles_that_look_like_them_are_books(title: str, tmp_path: Path) -> None:
    rows = read(tmp_path, ["书名", "作者", "出版社"], [title, "周望水", "x社"])
    assert [row.given["title"] for row in rows] == [title]
    if "：" not in title:
        assert len(read(tmp_path, ["书名", "作者", "出版社"], [title])) == 1


def test_a_section_that_names_a_file_or_access_is_a_row(tmp_path: Path) -> None:
    assert len(read(tmp_path, ["书名", "使用范围"], ["一、文学类", "馆内"])) == 1


def test_tables_side_by_side_are_refused(tmp_path: Path) -> None:
    headings = ["书名", "作者", "册数", None, "书名", "作者", "册数"]
    rows = read(tmp_path, headings, ["左书", "甲", 1, None, "右书", "乙", 2], ["只有左书", "丙", 1])
    assert [row.expected for row in rows] == [ONE_TABLE, ""]


def test_headings_in_two_rows_are_joined(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        ["序号", "书名", "责任者", None, "出版", None, "册数"],
        [None, None, "姓名", "方式", "社", "年", None],
        [1, "榕江记", "周望水", "主编", "江边出版社", 1998, 2],
    )
    (row,) = rows
    assert {name: str(value).removesuffix(".0") for name, value in row.given.items()} == {
        "title": "榕江记", "creators": "周望水", "publisher": "江边出版社", "date": "1998", "copies": "2",
    }  # fmt: skip
    assert row.unread == ("责任者方式",)
