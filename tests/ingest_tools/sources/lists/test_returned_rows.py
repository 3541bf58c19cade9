"""Refused rows that come back in a sheet of their own: nothing is taken of those that nobody mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from ingest_tools.pipeline.results import IngestReport
from library_server.catalogue.batches import repository
from library_server.catalogue.enums import EntryState
from library_server.exchange.workbooks import write_refused
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import records_by_title

SHEET = "改好再交.xlsx"


def hand_back(library: Library, report: IngestReport, path: Path) -> Path:
    """Write the refused rows of a batch as a librarian gets them."""
    with library.database.reading() as session:
        batch = repository.find_batch(session, report.batch)
        refused = repository.list_entries(session, report.batch, EntryState.REJECTED)
    assert batch is not None
    write_refused(path, batch, refused)
    return path


def mend(path: Path, cells: dict[str, str]) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book.worksheets[0][place].value = value
    book.save(path)


def rejections(report: IngestReport) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """The rows that were refused, each with its cells; the files that wait for them are left out."""
    return [
        (
            row["code"],
            row["reason"],
            [(cell["column"], cell["value"], cell["expected"]) for cell in row.get("problems", [])],
        )
        for row in report.rejections
        if "#" in row["path"]
    ]


def cell_of_another(folder: Path) -> None:
    (folder / "表.csv").write_text("书名,作者,使用范围\n船歌,周望水,二〇〇一年,馆内\n渔谣,某人,\n", "utf-8")


def open_quote(folder: Path) -> None:
    (folder / "表.csv").write_text('书名,作者\n船歌"曲,"周望水\n渔谣,某人\n', "utf-8")


def row_twice(folder: Path) -> None:
    workbook(folder / "表.xlsx", ["书名", "册数"], ["船歌", 2], ["船歌", 2], ["渔谣", 1])


def two_rows_of_one_content(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("正文", "utf-8")
    workbook(folder / "表.xlsx", ["书名", "作者", "文件"], ["船歌", "周望水", "a.txt"], ["渔谣", "某人", "b.txt"])


def access_without_value(folder: Path) -> None:
    (folder / "a.txt").write_text("正文", "utf-8")
    book = openpyxl.Workbook()
    for row in (["书名", "文件", "使用范围"], ["船歌", "a.txt", "=X1"]):
        book.worksheets[0].append(row)
    book.save(folder / "表.xlsx")


def wrong_isbn(folder: Path) -> None:
    workbook(folder / "表.xlsx", ["书名", "ISBN"], ["船歌", "9787500000014"])


@pytest.mark.parametrize(
    "draw", [cell_of_another, open_quote, row_twice, two_rows_of_one_content, access_without_value, wrong_isbn]
)
@pytest.mark.slow
def test_a_row_that_nobody_mended_is_refused_again_with_its_reason(
    library: Library, tmp_path: Path, draw: Callable[[Path], None]
) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    draw(folder)
    first = ingest(library, folder)
    of_rows = rejections(first)
    assert len(of_rows) == 1, first.rejections
    known = records_by_title(library)
    report = first
    for number in range(2):  # also a sheet of what was refused of such a sheet
        report = ingest(library, hand_back(library, report, tmp_path / f"{number}{SHEET}"))
        assert (report.added, report.joined, report.unchanged) == (0, 0, 0), report
        assert rejections(report) == of_rows
        assert records_by_title(library) == known
        again = ingest(library, tmp_path / f"{number}{SHEET}")
        assert rejections(again) == rejections(report)


@pytest.mark.slow
def test_a_mended_row_is_taken_and_the_others_are_refused_again(library: Library, tmp_path: Path) -> None:
    workbook(tmp_path / "表.xlsx", ["书名", "册数"], ["船歌", 2], ["船歌", 2], ["渔谣", 1], ["渔谣", 1])
    first = ingest(library, tmp_path / "表.xlsx")
    assert (first.added, first.rejected) == (2, 2)
    sheet = hand_back(library, first, tmp_path / SHEET)
    mend(sheet, {"A2": "新船歌"})
    report = ingest(library, sheet)
    assert (report.added, report.rejected) == (1, 1)
    assert set(records_by_title(library)) == {"船歌", "渔谣", "新船歌"}


@pytest.mark.slow
def test_what_stands_above_the_headings_goes_with_a_row_that_is_handed_back(library: Library, tmp_path: Path) -> None:
    workbook(
        tmp_path / "表.xlsx", ["使用范围：馆内", None, None], ["书名", "作者", "ISBN"],
        ["船歌", "周望水", "9787500000014"],
    )  # fmt: skip
    first = ingest(library, tmp_path / "表.xlsx")
    sheet = hand_back(library, first, tmp_path / SHEET)
    mend(sheet, {"C2": "9787500000013"})
    assert ingest(library, sheet).added == 1
    assert records_by_title(library)["船歌"].access == "premises"


@pytest.mark.slow
def test_what_is_changed_above_the_headings_changes_the_records_of_the_list(library: Library, tmp_path: Path) -> None:
    heading, row = ["书名", "作者"], ["船歌", "周望水"]
    path = workbook(tmp_path / "表.xlsx", ["使用范围：公开", None], heading, row)
    assert ingest(library, path).added == 1
    workbook(path, ["使用范围：馆内", None], heading, row)
    assert ingest(library, path).joined == 1
    assert records_by_title(library)["船歌"].access == "premises"
