"""Lists in CSV whose quotes do not match, or whose rows have other cells than the heading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.sources.lists import delimited
from ingest_tools.sources.lists.delimited import BAD_QUOTES, EXTRA_CELLS, LONGEST_ROW, read_rows
from library_server.library import Library
from tests.support.libraries import ingest

CELLS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=6)
HEADING = "书名,作者,出版日期\n"


def sound(content: str) -> list[list[str]]:
    return [row.cells for row in read_rows(content) if not row.expected]


def wrong(content: str) -> list[tuple[str, str]]:
    return [(row.cells[0], row.expected) for row in read_rows(content) if row.expected]


@pytest.mark.parametrize(
    ("lines", "titles", "refused"),
    [
        (['"甲 没有合上,一,2001', "乙,二,2002", "丙,三,2003"], ["乙", "丙"], ['"甲 没有合上']),
        (["甲,一,2001", '"乙 没有合上,二,2002', "丙,三,2003"], ["甲", "丙"], ['"乙 没有合上']),
        (["甲,一,2001", '乙,"二,2002', "丙,三,2003", '"丁",四,2004'], ["甲", "丙", "丁"], ["乙"]),
        (['"甲,一,2001', '"乙,二,2002', "丙,三,2003"], ["丙"], ['"甲', '"乙']),
        (['"甲,一,2001', '"乙",二,2002'], ["乙"], ['"甲']),
        (['"甲,一,2001', '乙,"二""三",2002'], ["乙"], ['"甲']),
        (['"他说"好"了",一,2001', "乙,二,2002"], ['他说"好"了', "乙"], []),
        (['"甲" ,一,2001', "乙,二,2002"], ["甲", "乙"], []),
        (['5" 唱片,一,2001', "乙,二,2002"], ['5" 唱片', "乙"], []),
        (['"甲,上",一,2001', '"乙""丙""",二,2002'], ["甲,上", '乙"丙"'], []),
        (['"甲\n（第二行）",一,2001', "乙,二,2002"], ["甲\n（第二行）", "乙"], []),
        (['"甲\r\n第二行，有，逗号",一,2001', "乙,二,2002"], ["甲\r\n第二行，有，逗号", "乙"], []),
        (['"说"好"\n第二行",一,2001', "乙,二,2002"], ["乙"], ['说"好', '第二行"']),
        (["甲,一", "乙", "丙,三,2003,,"], ["甲", "乙", "丙"], []),
    ],
)  # fmt: skip
def test_a_row_whose_quotes_do_not_match_takes_no_other_row(
    lines: Sequence[str], titles: list[str], refused: list[str]
) -> None:
    content = HEADING + "\n".join(lines)
    assert [cells[0] for cells in sound(content)[1:]] == titles
    assert wrong(content) == [(title, BAD_QUOTES) for title in refused]


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_other_separators(separator: str) -> None:
    content = (HEADING + '"甲,一,2001\n乙,二,2002\n"丙",三,2003\n').replace(",", separator)
    assert [cells[0] for cells in sound(content)[1:]] == ["乙", "丙"]


def test_a_comma_that_is_not_quoted_moves_no_cell() -> None:
    content = HEADING + "红楼梦,后四十回,曹雪芹,2001\n西游记,吴承恩,2002\n"
    assert wrong(content) == [("红楼梦", EXTRA_CELLS)]
    assert [cells[0] for cells in sound(content)[1:]] == ["西游记"]


def test_lines_above_the_heading_may_have_any_number_of_cells() -> None:
    assert wrong("天元区,图书馆,清单,2024,完\n" + HEADING + "甲,一,2001\n") == []


def test_a_quote_that_is_never_closed_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    lines = delimited._Reader._read_on

    def counted(self: delimited._Reader, start: int) -> object:
        nonlocal read
        for line in lines(self, start):
            read += 1
            yield line

    monkeypatch.setattr(delimited._Reader, "_read_on", counted)
    open_rows, rows = 20, 20_000
    content = HEADING + ('"甲,一,2001\n' + "乙,二,2002\n" * (rows // open_rows)) * open_rows
    assert len(sound(content)) == 1 + rows
    assert read <= 3 * rows + open_rows * LONGEST_ROW


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3)))
@pytest.mark.property
def test_rows_as_spreadsheets_write_them_are_read_as_they_were(rows: list[list[str]]) -> None:
    quoted = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)
    assert [row.cells for row in read_rows(HEADING + quoted)][1:] == rows


@given(st.text(st.sampled_from('"\n\r,; 甲a'), max_size=60))
@pytest.mark.property
def test_any_text_is_read_to_its_end(content: str) -> None:
    rows = list(read_rows(content))
    letters = "".join("".join(row.cells) for row in rows)
    assert letters.count("甲") == content.count("甲")


def test_the_report_names_the_row_and_the_others_come_in(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "清单.csv").write_text(HEADING + '前,一,2001\n"中,二,2002\n后,三,2003\n错,位,四,2004\n', "utf-8")
    report = ingest(library, folder)
    assert report.added == 2
    assert [row["code"] for row in report.rejections] == ["bad_cells", "bad_cells"]
    assert [row["problems"][0]["row"] for row in report.rejections] == ["3", "5"]
    assert [row["problems"][0]["expected"] for row in report.rejections] == [BAD_QUOTES, EXTRA_CELLS]


def test_the_file_of_a_row_whose_quotes_do_not_match_waits_for_it(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "a.txt").write_text("只给馆内的正文", "utf-8")
    (folder / "清单.csv").write_text('书名,文件,使用范围\n"观察,a.txt,馆内\n', "utf-8")
    report = ingest(library, folder)
    assert report.added == 0
    assert {Path(row["path"]).name: row["code"] for row in report.rejections}["a.txt"] == "row_refused"
