"""What a list restricts stays restricted, also where a part of the list is unusual."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest_tools.rejections import RejectedError
from ingest_tools.sources.lists.manifest import find_file
from library_server.exchange.headings import FIELD_OF, field_of
from library_server.library import Library
from tests.ingest_tools.sources.test_lists import ods_row, open_document, rows_of, workbook
from tests.support.libraries import take_in

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
    rows = list(rows_of(workbook(tmp_path / "清单.xlsx", HEADING, row)))
    assert [one.bibliographic.title for one in rows] == row[:1]


@pytest.mark.parametrize("word", ["合 计", "合计：", "总计（册）", "小计 3 册", "Total:", "SUM 12", "共计（元）"])
def test_rows_of_sums_are_passed_over(tmp_path: Path, word: str) -> None:
    heading = [*HEADING, "定价", "册数"]
    path = workbook(tmp_path / "清单.xlsx", heading, ["柑橘", "a.txt", "", 5, 1], [word, None, None, 5, 1])
    assert [one.bibliographic.title for one in rows_of(path)] == ["柑橘"]


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_merged_cells_of_a_table_that_does_not_begin_in_the_first_column(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"清单.{suffix}"
    if suffix == "xlsx":
        rows = [None, *HEADING], [None, "甲", "a.txt", "馆内"], [None, "乙", "b.txt"]
        workbook(path, *rows, merged=("D2:D3",))
    else:
        first = ods_row("甲", "a.txt", "馆内").replace(
            '<table:table-cell office:value-type="string" table:number-columns-repeated="1"><text:p>馆内',
            '<table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>馆内',
        )
        body = ods_row(*HEADING) + first + ods_row("乙", "b.txt")
        body = re.sub(r"(<table:table-row[^>]*>)", r"\1<table:table-cell/>", body)
        open_document(path, f'<table:table table:name="一">{body}</table:table>')
    assert [one.bibliographic.access for one in rows_of(path)] == ["premises", "premises"]


@pytest.mark.parametrize("named", ["卷1/a.txt", "D:\\x\\vol\\a.txt", "d:\\Y\\é\\a.txt"])
def test_alike_names_of_the_whole_path_come_before_a_shorter_path(tmp_path: Path, named: str) -> None:
    folder = {"卷": "卷１", "D": "Vol", "d": "e\u0301"}[named[0]]
    wanted = write(tmp_path / folder / "a.txt", "真的。")
    write(tmp_path / "a.txt", "别的。")
    assert find_file(named, [tmp_path]) == wanted


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
    report = take_in(library, disk)
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
    report = take_in(library, disk)
    assert (report.added, {row["code"] for row in report.rejections}) == (0, {"too_large", "row_refused"})
