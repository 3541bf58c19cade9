"""What a list restricts stays restricted, also where a part of the list is unusual."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest_tools.sources.test_lists import rows_of, workbook

HEADING = ["书名", "文件", "使用范围"]


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
