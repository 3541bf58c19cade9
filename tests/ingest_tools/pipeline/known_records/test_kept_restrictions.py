"""A statement that would open a restricted record opens nothing, and the report says so each time it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest_tools.pipeline.results import IngestReport
from library_server.catalogue.enums import Access
from library_server.catalogue.records import revisions
from library_server.catalogue.records.revisions import Actor
from library_server.library import Library
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.lists import change_rows, write_export
from tests.support.records import load_records

KEPT = [{"field": "access", "old": "premises", "new": "public"}]
STORY = "---\n标题: 船歌\n类型: 故事\n使用范围: {access}\n---\n江水从南边来。{more}\n"


def kept(report: IngestReport) -> list[list[dict[str, Any]]]:
    return [entry["fields"] for entry in report.kept]


def restrict(library: Library) -> str:
    """Restrict the only record by hand."""
    (record,) = load_records(library)
    with library.database.writing() as session:
        revisions.revise(session, record.id, {"access": Access.PREMISES}, Actor("馆员"))
    return record.id


def only_access(library: Library) -> str:
    (record,) = load_records(library)
    return str(record.access)


@pytest.mark.parametrize("named", ["船歌.txt", None])
@pytest.mark.slow
def test_a_list_that_is_given_again(library: Library, tmp_path: Path, named: str | None) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "船歌.txt").write_text("正文", "utf-8")
    heading = ["书名", "作者", "出版社", "出版年", "ISBN", "文件", "册数", "使用范围"]
    row = ["船歌", "周望水", "湘江社", "1998", "9787535762894", named, None if named else 1]
    first = workbook(folder / "一.xlsx", heading, [*row, "馆内"])
    assert ingest(library, first).rejected == 0
    second = workbook(folder / "二.xlsx", heading, [*row, "公开"])
    for _ in range(3):
        report = ingest(library, second)
        assert kept(report) == [KEPT]
        assert only_access(library) == "premises"
    assert kept(ingest(library, first)) == []


@pytest.mark.slow
def test_an_unchanged_list_after_a_librarian_restricted_its_record(library: Library, tmp_path: Path) -> None:
    path = workbook(tmp_path / "一.xlsx", ["书名", "册数", "使用范围"], ["船歌", 1, "公开"])
    assert ingest(library, path).added == 1
    restrict(library)
    for _ in range(2):
        assert kept(ingest(library, path)) == [KEPT]


@pytest.mark.slow
def test_an_edited_export(library: Library, tmp_path: Path) -> None:
    workbook(tmp_path / "一.xlsx", ["书名", "册数"], ["船歌", 1])
    ingest(library, tmp_path / "一.xlsx")
    exported = write_export(library, tmp_path, name="当时公开")
    restrict(library)
    for _ in range(2):
        assert kept(ingest(library, exported)) == []  # nobody edited the cell
    edited = change_rows(write_export(library, tmp_path), {"使用范围": "公开"})
    for _ in range(3):
        assert kept(ingest(library, edited)) == [KEPT]
    assert only_access(library) == "premises"


@pytest.mark.slow
def test_a_file_that_says_so_itself(library: Library, tmp_path: Path) -> None:
    story = tmp_path / "船歌.md"
    story.write_text(STORY.format(access="公开", more=""), "utf-8")
    assert ingest(library, story).added == 1
    restrict(library)
    for _ in range(2):
        assert kept(ingest(library, story)) == [KEPT]
    story.write_text(STORY.format(access="公开", more="船歌向北边去。"), "utf-8")
    for _ in range(2):
        assert kept(ingest(library, story)) == [KEPT]
        assert only_access(library) == "premises"


@pytest.mark.slow
def test_a_mark_gives_way_to_a_statement_in_its_place(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "甲.txt"
    path.write_text("甲\n\n内部资料，注意保存\n\n渡口边上的老人讲过去的故事。\n", "utf-8")
    assert ingest(library, path).added == 1
    path.write_text("甲\n\n渡口边上的老人讲过去的故事。\n", "utf-8")
    ingest(library, path)
    assert only_access(library) == "premises"
    path.write_text("甲\n\n使用范围：公开\n\n渡口边上的老人讲过去的故事。\n", "utf-8")
    ingest(library, path)
    assert only_access(library) == "public"


@pytest.mark.slow
def test_a_copy_of_a_restricted_file_that_says_it_is_public(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "盘"
    folder.mkdir()
    (folder / "船歌.md").write_text(STORY.format(access="公开", more=""), "utf-8")
    workbook(folder / "一.xlsx", ["文件", "使用范围"], ["船歌.md", "馆内"])
    assert kept(ingest(library, folder)) == []  # the strictest of what is said together
    other = tmp_path / "另存.md"
    other.write_bytes((folder / "船歌.md").read_bytes())
    for _ in range(2):
        assert kept(ingest(library, other)) == [KEPT]
    assert only_access(library) == "premises"
