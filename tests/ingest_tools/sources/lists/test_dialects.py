"""Lists as other programs write them: quotes of other dialects, tables of dBASE, several lists in one sheet."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ingest_tools.sources.lists.delimited import BAD_QUOTES, begins_list, read_rows
from ingest_tools.sources.lists.rows import read_row
from ingest_tools.sources.lists.spreadsheet import SheetRow, read
from ingest_tools.sources.names import path_parts
from library_server.exchange.agents import read_agents
from library_server.exchange.headings import columns_of
from library_server.library import Library
from tests.support.libraries import ingest

HEADING = "书名,作者,出版社\n"


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        ("'书名','作者','出版社'\n'甲,上','张三','岳麓\"书社'\n", ["甲,上", "张三", '岳麓"书社']),
        ("“书名”,“作者”,“出版社”\r\n“甲“一”乙”,“张三”,“岳麓,书社”\r\n", ["甲“一”乙", "张三", "岳麓,书社"]),
        (HEADING + r'"他说\"好\"",张三,"C:\"' + "\n", ['他说"好"', "张三", "C:\\"]),
        ('"书名", "作者", "出版社"\n"甲", "张三, 李四", "岳麓书社"\n', ["甲", "张三, 李四", "岳麓书社"]),
        (HEADING + '甲, 张三, "岳麓,书社"\n', ["甲", " 张三", "岳麓,书社"]),
        ('书名\t作者\t出版社\n甲\t"大" 本\t12\'\n', ["甲", '"大" 本', "12'"]),
    ],
)
def test_quotes_of_other_dialects(content: str, cells: list[str]) -> None:
    rows = list(read_rows(content))
    assert [row.cells for row in rows][1:] == [cells]
    assert not any(row.expected for row in rows)


def test_an_apostrophe_is_no_quote_where_the_headings_have_none() -> None:
    [_, row] = read_rows(HEADING + "'甲,张三,岳麓书社\n")
    assert row.cells == ["'甲", "张三", "岳麓书社"]


def test_one_quote_is_not_taken_for_a_pair() -> None:
    rows = list(read_rows(HEADING + '"甲 本,张三,岳麓书社\n'))
    assert rows[-1].expected == BAD_QUOTES


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ("书名\t作者\t出版社\r\n甲\t张三\t岳麓书社\r\n", True),
        ("书名\t作者\t出版社\r\n", False),
        ("书名\t作者\r\n甲\t张三\r\n", False),
        ("书名\t作者\t这一年的秋天\r\n甲\t张三\t岳麓书社\r\n", False),
        ("书名\t作者\t出版社\r\n一篇文章\r\n", False),
        ("书名,作者,出版社\n甲,张三,岳麓书社\n", False),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_text_file_is_a_list_where_it_begins_with_headings_between_tabs(
    text: str, is_list: bool, encoding: str
) -> None:
    assert begins_list(text.encode(encoding)) is is_list


def test_a_list_saved_as_text_comes_in(library: Library, tmp_path: Path) -> None:
    (tmp_path / "清单.txt").write_bytes("书名\t作者\t出版社\r\n渡口的灯\t周立\t岳麓书社\r\n".encode("gb18030"))
    (tmp_path / "文章.txt").write_text("渡口的灯\t是一篇文章。\n" * 20, encoding="utf-8")
    assert ingest(library, tmp_path).added == 2


def dbase(fields: list[tuple[str, str, int]], rows: list[list[str]], deleted: str = "") -> bytes:
    """A table of dBASE III in GBK; rows whose first cell is `deleted` are marked so."""
    size = 1 + sum(length for _, _, length in fields)
    data = struct.pack("<4BIHH20x", 3, 98, 5, 1, len(rows), 33 + 32 * len(fields), size)
    for name, kind, length in fields:
        data += name.encode("gbk").ljust(11, b"\0") + kind.encode() + bytes(4) + bytes((length, 0)) + bytes(14)
    data += b"\r"
    for row in rows:
        data += b"*" if row[0] == deleted else b" "
        data += b"".join(cell.encode("gbk").ljust(field[2]) for cell, field in zip(row, fields, strict=True))
    return data + b"\x1a"


def test_a_table_of_dbase_is_a_list(tmp_path: Path) -> None:
    fields = [("书名", "C", 30), ("作者", "C", 20), ("出版日期", "D", 8), ("定价", "N", 8)]
    rows = [["渡口的灯", "周立", "19980501", "   12.50"], ["不要的书", "周立", "", ""], ["稻田记", "谭素芳", "", ""]]
    path = tmp_path / "书目.dbf"
    path.write_bytes(dbase(fields, rows, deleted="不要的书"))
    read_back = [row.given for row in read(path, "书目") if isinstance(row, SheetRow)]
    assert read_back == [
        {"title": "渡口的灯", "creators": "周立", "date": "1998-05-01", "price": "12.50"},
        {"title": "稻田记", "creators": "谭素芳"},
    ]


def test_another_list_below_an_empty_row_has_its_own_headings(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("书名,作者\n甲,张三\n,\n题名,主讲人\n乙,李四\n", encoding="utf-8")
    read_back = [row.given for row in read(path, "l") if isinstance(row, SheetRow)]
    assert read_back == [{"title": "甲", "creators": "张三"}, {"title": "乙", "lecturers": "李四"}]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("1998.0", "1998"),
        ("19980501.0", "19980501"),
        ("1998-05-01T00:00:00+00:00", "1998-05-01"),
        ("〔1998〕", "〔1998〕"),
    ],
)
def test_dates_of_other_programs(cell: str, date: str) -> None:
    assert read_row({"title": "甲", "date": cell}).described.date == date


def test_a_title_in_the_signs_of_a_title_is_written_without_them() -> None:
    assert read_row({"title": "《渡口的灯》"}).described.title == "渡口的灯"
    assert read_row({"title": "《渡口》和《灯》"}).described.title == "《渡口》和《灯》"


def test_names_in_lines_of_one_cell_are_several() -> None:
    assert [agent.name for agent in read_agents("张三\n李四 译")] == ["张三", "李四"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张三 李四", ["张三", "李四"]),
        ("青木 修", ["青木 修"]),
        ("张三 著", ["张三"]),
        ("张三、李四 王五", ["张三", "李四", "王五"]),
    ],
)
def test_names_of_chinese_persons_with_spaces_between_them(cell: str, names: list[str]) -> None:
    assert [agent.name for agent in read_agents(cell)] == names


def test_the_label_of_the_next_name_divides_names() -> None:
    agents = read_agents("主编：张三 副主编：李四 译者：王五")
    assert [(agent.name, agent.role) for agent in agents] == [
        ("张三", "editor"),
        ("李四", "editor"),
        ("王五", "translator"),
    ]


@pytest.mark.parametrize("named", ["file:///D:/%E8%B5%84%E6%96%99/a%20b.epub", "D:\\资料\\a b.epub"])
def test_addresses_of_files_are_paths(named: str) -> None:
    assert path_parts(named)[-2:] == ["资料", "a b.epub"]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("author_sort,comments,formats,id,identifiers,isbn,languages,pubdate,publisher,tags,title",
         {"abstract", "isbn", "language", "date", "publisher", "subjects", "title"}),
        ("biblionumber,title,author,publishercode,copyrightdate,isbn,itemcallnumber,barcode,homebranch",
         {"title", "creators", "publisher", "date", "isbn", "shelf_mark", "barcode", "held_at"}),
    ],
)  # fmt: skip
def test_headings_of_calibre_and_koha(headings: str, fields: set[str]) -> None:
    assert set((columns_of(headings.split(",")) or {}).values()) == fields
