"""Headings in two rows, and statements of access above the headings."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.records import records_by_id

Rows = list[list[str | None]]
BOOK: Rows = [["书名", "作者"], ["船歌", "周望水"]]


def put(path: Path, rows: Rows, merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def test_headings_in_two_rows_are_one(library: Library, tmp_path: Path) -> None:
    rows: Rows = [
        ["书名", "出版", None, "使用范围"], [None, "出版社", "出版年", None],
        ["船歌", "乡土社", "1998", "馆内"], ["柑橘", "农业社", "1999", None],
    ]  # fmt: skip
    report = ingest(library, put(tmp_path / "表.xlsx", rows, ("A1:A2", "B1:C1", "D1:D2")))
    assert (report.added, report.rejections) == (2, [])
    values = {
        view.title: (view.publisher, view.date_written, str(view.access)) for view in records_by_id(library).values()
    }
    assert values == {"船歌": ("乡土社", "1998", "premises"), "柑橘": ("农业社", "1999", "public")}


@pytest.mark.parametrize(
    ("above", "access"),
    [
        ([["使用范围：馆内"]], "premises"),
        ([["某某书屋书目", None], ["密级:", "馆内"]], "premises"),
        ([["使用范围"], ["馆内"]], "premises"),
        ([["使用范围：", None], [None, None], ["馆内", None]], "premises"),
        ([["填写说明：使用范围写公开、读者证或馆内"]], "public"),
        ([["使用范围：公开、读者证、馆内，三选一"]], "public"),
        ([["使用范围：公开"]], "public"),
    ],
)
def test_access_stated_above_the_headings_holds_for_every_row(
    library: Library, tmp_path: Path, above: Rows, access: str
) -> None:
    report = ingest(library, put(tmp_path / "表.xlsx", above + BOOK))
    assert report.rejections == []
    assert [str(view.access) for view in records_by_id(library).values()] == [access]


@pytest.mark.parametrize(
    "rows",
    [
        [["使用范围：内部"], *BOOK],
        [["使用范围：馆内"], ["书名", "使用范围"], ["船歌", "公开"]],
        [["使用范围：馆内"], ["使用范围：公开"], *BOOK],
    ],
)
def test_rows_are_refused_where_it_is_not_clear_who_may_see_them(library: Library, tmp_path: Path, rows: Rows) -> None:
    report = ingest(library, put(tmp_path / "表.xlsx", rows))
    assert [(row["code"], row["problems"][0]["column"]) for row in report.rejections] == [("bad_cells", "使用范围")]
    assert not records_by_id(library)
