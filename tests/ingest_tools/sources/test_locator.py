"""Where an entry came from: one text for people and the database, read back as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_tools.pipeline.results import IngestReport
from ingest_tools.pipeline.watch_folder import WatchFolder
from ingest_tools.sources.locator import RowLocator, SourceLocator
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import records_by_title

NAMES = st.text("书a#!.1 \n", min_size=1, max_size=8)
SUFFIXES = st.sampled_from([".xlsx", ".CSV", ".mrc", ".Xml"])


@given(st.builds(str.__add__, NAMES, SUFFIXES), st.integers(0, 10**7), st.none() | NAMES)
def test_a_row_of_a_list_is_read_back(path: str, number: int, sheet: str | None) -> None:
    locator = SourceLocator(path, RowLocator(number, sheet))
    assert SourceLocator.parse(str(locator)) == locator


@given(st.text("ab#!1.", max_size=6), st.text("ab#!12", max_size=6), st.text("#", max_size=2))
def test_a_file_is_never_taken_for_a_row(before: str, middle: str, end: str) -> None:
    for path in (f"{before}.csv#{middle}1{end}", f"{before}.csv{middle}{end}", before + middle):
        assert SourceLocator.parse(str(SourceLocator(path))) == SourceLocator(path)


@pytest.mark.parametrize(
    ("text", "locator"),
    [
        ("/盘/书.epub", SourceLocator("/盘/书.epub")),
        ("/盘/C#!3 入门.txt", SourceLocator("/盘/C#!3 入门.txt")),
        ("/盘/表.xlsx", SourceLocator("/盘/表.xlsx")),
        ("/盘/表.xlsx#说明", SourceLocator("/盘/表.xlsx#说明")),
        ("/盘/a#b.xlsx#表#1!3", SourceLocator("/盘/a#b.xlsx", RowLocator(3, "表#1"))),
        ("/盘/馆藏.mrc#12", SourceLocator("/盘/馆藏.mrc", RowLocator(12))),
        ("/盘/表.csv#表!2#", SourceLocator("/盘/表.csv#表!2")),
        ("/盘/表.csv#2##", SourceLocator("/盘/表.csv#2#")),
        ("/盘/表.csv#", SourceLocator("/盘/表.csv#")),
        ("", SourceLocator("")),
    ],
)
def test_what_is_a_row_and_what_is_a_file(text: str, locator: SourceLocator) -> None:
    assert SourceLocator.parse(text) == locator
    assert str(locator) == text


@pytest.mark.slow
def test_the_reasons_of_a_sheet_whose_name_has_a_number_sign(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "收书"
    folder.mkdir()

    def take(paths: object) -> IngestReport:
        return ingest(library, *paths, inside=folder)  # type: ignore[misc]

    watch = WatchFolder(folder, take, settle=10)
    workbook(folder / "二#三.xlsx", ["书名", "文件"], ["没有", "b.txt"], sheet="表#1")
    watch.scan(100)
    watch.scan(111)
    reasons = (folder / "未入库/原因.txt").read_text("utf-8-sig").splitlines()
    assert reasons[0].endswith("  二#三.xlsx")
    assert reasons[1].startswith("    表#1!2：表里写的文件找不到")


@pytest.mark.slow
def test_a_known_file_as_the_origin_of_a_row_opens_no_other_folder(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a text without a row, the folder was taken to be the working directory of the server."""
    disk, secrets = tmp_path / "盘", tmp_path / "别处"
    for folder in (disk, secrets):
        folder.mkdir()
    (disk / "已收.txt").write_text("书名：已收\n\n正文", "utf-8")
    (secrets / "密.txt").write_text("书名：密\n\n不给看", "utf-8")
    ingest(library, disk)
    monkeypatch.chdir(secrets)
    workbook(disk / "表.xlsx", ["书名", "文件", "原表位置"], ["密", "密.txt", str(disk / "已收.txt")])
    report = ingest(library, disk / "表.xlsx")
    assert [row["code"] for row in report.rejections] == ["file_missing"]
    assert set(records_by_title(library)) == {"已收"}


@pytest.mark.slow
def test_a_file_with_the_name_of_a_row_is_another_entry(library: Library, tmp_path: Path) -> None:
    """The file and row 2 of the list had one name: the one was refused, and the other one's file was put away."""
    folder = tmp_path / "收书"
    folder.mkdir()

    def take(paths: object) -> IngestReport:
        return ingest(library, *paths, inside=folder)  # type: ignore[misc]

    watch = WatchFolder(folder, take, settle=10)
    (folder / "l.csv").write_text("书名,文件\n表里的书,没有.txt\n", "utf-8")
    (folder / "l.csv#l!2").write_text("书名：文件里的书\n\n正文", "utf-8")
    watch.scan(100)
    report = watch.scan(111)
    assert report is not None
    assert (report.added, report.rejected) == (1, 1)
    assert set(records_by_title(library)) == {"文件里的书"}
    assert (folder / "未入库/l.csv").exists()
    assert [path.name for path in (folder / "已入库").iterdir()] == ["l.csv#l!2"]
